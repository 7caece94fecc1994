package network.nyxos.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import network.nyxos.escrow.format.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What form a reply is to have, as OpenAI's clients ask for it.
class FormReaderTest {
    private static final String TOOL = "{'type':'function','function':{'name':'get_weather','description':'of today','strict':true,"
        + "'parameters':{'type':'object','properties':{'city':{'type':'string'}},'required':['city'],'additionalProperties':false}}}";

    private static ChatRequest read(String more) {
        return new ChatRequestReader().read(("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + more.replace('\'', '"') + "}").getBytes(StandardCharsets.UTF_8));
    }

    private static List<Message> messages(ChatRequest request) {
        return ((Prompt.Clear) request.prompt()).messages();
    }

    private static String instruction(String more) {
        List<Message> messages = messages(read(more));
        assertThat(messages).extracting(Message::role).containsExactly("system", "user");
        return messages.getFirst().content();
    }

    private static String text(String more) {
        return read(more).format().orElseThrow().text();
    }

    @Test
    void aSchemaIsHeldToAndToldToTheModel() {
        String asked = "'response_format':{'type':'json_schema','json_schema':{'name':'place','description':'a place','strict':true,"
            + "'schema':{'title':'Place','type':'object','properties':{'name':{'type':'string','description':'its name'}},'required':['name'],'additionalProperties':false}}}";

        assertThat(text(asked)).isEqualTo("{\"schema\":{\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":[\"name\"],\"type\":\"object\"},\"type\":\"json_schema\"}");
        assertThat(instruction(asked)).startsWith("Answer with JSON of this schema (a place) and nothing else:\n{\"title\":\"Place\"").contains("\"description\":\"its name\"");
        assertThat(text("'response_format':{'type':'json_object'}")).isEqualTo("{\"type\":\"json_object\"}");
        assertThat(instruction("'response_format':{'type':'json_object'}")).isEqualTo("Answer with one JSON object and nothing else.");
    }

    @Test
    void whatIsToldIsPaidForAndStandsBehindTheClientsOwnWords() {
        ChatRequest request = new ChatRequestReader().read(("{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},{\"role\":\"user\",\"content\":\"hi\"}],"
            + "\"response_format\":{\"type\":\"json_object\"}}").getBytes());

        assertThat(messages(request).getFirst()).isEqualTo(new Message("system", "Be kind.\n\nAnswer with one JSON object and nothing else."));
        assertThat(messages(request)).hasSize(2);
        assertThat(read("'response_format':{'type':'json_object'}").prompt().bound()).isGreaterThan(read("'n':1").prompt().bound() + 40);
    }

    @Test
    void toolsAreHeldToAndToldToTheModel() {
        String tools = "'tools':[" + TOOL + ",{'type':'function','function':{'name':'now'}}]";
        String both = "[{\"name\":\"get_weather\",\"parameters\":{\"additionalProperties\":false,\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"type\":\"object\"}},"
            + "{\"name\":\"now\",\"parameters\":{\"additionalProperties\":false,\"properties\":{},\"required\":[],\"type\":\"object\"}}]";

        assertThat(text(tools)).isEqualTo("{\"choice\":\"auto\",\"parallel\":true,\"tools\":" + both + ",\"type\":\"tools\"}");
        assertThat(text(tools + ",'tool_choice':'required','parallel_tool_calls':false")).isEqualTo("{\"choice\":\"required\",\"parallel\":false,\"tools\":" + both + ",\"type\":\"tools\"}");
        assertThat(text(tools + ",'tool_choice':{'type':'function','function':{'name':'now'}}"))
            .isEqualTo("{\"choice\":\"required\",\"parallel\":false,\"tools\":[" + both.substring(both.indexOf("{\"name\":\"now\"")) + ",\"type\":\"tools\"}");
        assertThat(instruction(tools)).contains("<tools>[{\"name\":\"get_weather\",\"description\":\"of today\",\"parameters\":{\"type\":\"object\"", "{\"name\":\"now\"}]</tools>", "plain text",
            Format.CALLS_OPEN, Format.CALLS_CLOSE);
        assertThat(instruction(tools + ",'tool_choice':{'type':'function','function':{'name':'now'}}")).contains("Call the tool now");
        assertThat(read(tools + ",'tool_choice':'none'").format()).isEmpty();
        assertThat(messages(read(tools + ",'tool_choice':'none'"))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'response_format':{'type':'text'}", "'response_format':null", "'tools':[]", "'tools':null,'tool_choice':'auto'", "'tool_choice':'none'", "'parallel_tool_calls':false"})
    void whatAsksForNothingIsTaken(String more) {
        assertThat(read(more).format()).isEmpty();
        assertThat(messages(read(more))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
        "'response_format':'json'|invalid_type|response_format", "'response_format':{'type':'xml'}|invalid_value|response_format.type", "'response_format':{'type':'json_object','more':1}|unknown_parameter|response_format.more",
        "'response_format':{'type':'json_schema'}|missing_required_parameter|response_format.json_schema",
        "'response_format':{'type':'json_schema','json_schema':{'schema':{}}}|missing_required_parameter|response_format.json_schema.name",
        "'response_format':{'type':'json_schema','json_schema':{'name':'a'}}|missing_required_parameter|response_format.json_schema.schema",
        "'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'string','pattern':'a'}}}|unsupported_value|response_format.json_schema.schema.pattern",
        "'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'text'}}}|invalid_value|response_format.json_schema.schema.type",
        "'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'$ref':'#'}}}|invalid_value|response_format.json_schema.schema",
        "'response_format':{'type':'json_object'},'stop':'x'|unsupported_value|stop", "'response_format':{'type':'json_object'},'tools':[T]|unsupported_value|response_format",
        "'tools':{}|invalid_type|tools", "'tools':[7]|invalid_type|tools[0]", "'tools':[{'type':'custom'}]|unsupported_value|tools[0].type", "'tools':[{'type':'function'}]|invalid_type|tools[0].function",
        "'tools':[{'type':'function','function':{}}]|missing_required_parameter|tools[0].function.name", "'tools':[{'type':'function','function':{'name':'a b'}}]|invalid_value|tools[0].function.name",
        "'tools':[{'type':'function','function':{'name':'a','parameters':{'type':'string'}}}]|unsupported_value|tools[0].function.parameters",
        "'tools':[{'type':'function','function':{'name':'a','parameters':{'properties':{'b':{'format':'date'}}}}}]|unsupported_value|tools[0].function.parameters.properties.b.format",
        "'tools':[{'type':'function','function':{'name':'a','more':1}}]|unknown_parameter|tools[0].function.more", "'tools':[T,T]|invalid_value|tools[1].function.name",
        "'tools':[T],'tool_choice':'maybe'|invalid_value|tool_choice", "'tools':[T],'tool_choice':{'type':'function','function':{'name':'other'}}|invalid_value|tool_choice.function.name",
        "'tools':[T],'tool_choice':{'type':'allowed_tools'}|invalid_value|tool_choice", "'tool_choice':'required'|invalid_value|tool_choice", "'tools':[T],'stop':['x']|unsupported_value|stop",
        "'tools':[T],'parallel_tool_calls':'no'|invalid_type|parallel_tool_calls", "'functions':[{}]|unsupported_parameter|functions"})
    void whatIsWrongIsNamed(String more, String code, String param) {
        assertThatThrownBy(() -> read(more.replace("T]", TOOL + "]").replace("T,", TOOL + ","))).isInstanceOfSatisfying(ApiException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
            assertThat(e.param()).contains(param);
        });
    }

    @Test
    void aSealedPromptHasNoForm() {
        assertThatThrownBy(() -> new ChatRequestReader().read(("{\"model\":\"m\",\"max_tokens\":8,\"peer_tier\":\"confidential\",\"sealed\":{},\"response_format\":{\"type\":\"json_object\"}}").getBytes()))
            .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.param()).contains("response_format"));
    }

    @Test
    void aCompletionOfTheOldFormHasNone() {
        for (String more : List.of("'response_format':{'type':'json_object'}", "'tools':[]")) {
            assertThatThrownBy(() -> new ChatRequestReader().readCompletion(("{\"model\":\"m\",\"prompt\":\"hi\"," + more.replace('\'', '"') + "}").getBytes()))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo("unknown_parameter"));
        }
    }

    @Test
    void callsAndTheirResultsAreReadBackAsTheModelWroteThem() {
        ChatRequest request = new ChatRequestReader().read("""
            {"model":"m","messages":[{"role":"user","content":"weather?"},
             {"role":"assistant","content":null,"refusal":null,"parsed":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Bern\\"}"}},
                                                                              {"id":"call_2","type":"function","function":{"name":"now","arguments":"{cut"}}]},
             {"role":"tool","tool_call_id":"call_1","content":"sun"},{"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"no\\n\\"on"}]}]}""".getBytes());

        assertThat(messages(request)).containsExactly(new Message("user", "weather?"),
            new Message("assistant", "<tool_call>[{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Bern\"}},{\"name\":\"now\",\"arguments\":\"{cut\"}]</tool_call>"),
            new Message("tool", "<tool_response>{\"name\":\"get_weather\",\"content\":\"sun\"}</tool_response>"),
            new Message("tool", "<tool_response>{\"name\":\"now\",\"content\":\"no\\n\\\"on\"}</tool_response>"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
        "{'role':'tool','content':'x'}|messages[0].tool_call_id", "{'role':'tool','tool_call_id':'a','content':'x'}|messages[0].tool_call_id", "{'role':'assistant','tool_calls':7}|messages[0].tool_calls",
        "{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'f'}}]}|messages[0].tool_calls[0].function.arguments", "{'role':'assistant','tool_calls':[{}]}|messages[0].tool_calls[0].function.name",
        "{'role':'user','content':'x','tool_calls':[{}]}|messages[0].tool_calls", "{'role':'user','content':'x','tool_call_id':'a'}|messages[0].tool_call_id", "{'role':'function','content':'x'}|messages[0].role",
        "{'role':'assistant'}|messages[0].content"})
    void aMessageThatIsNoneIsNamed(String message, String param) {
        assertThatThrownBy(() -> new ChatRequestReader().read(("{\"model\":\"m\",\"messages\":[" + message.replace('\'', '"') + "]}").getBytes()))
            .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.param()).contains(param));
    }
}
