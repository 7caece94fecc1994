package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import network.nyxos.escrow.wire.WireMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Replies that are to have a form: who gets such a job, what is made of what comes back, and what is not believed.
@Timeout(120)
class FormatsTest extends WithGateway {
    private static final String CHAT = "/v1/chat/completions";
    private static final long USDC = 1_000_000;
    private static final String SCHEMA = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"place\",\"schema\":{\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}}}";
    private static final String TOOLS = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\",\"parameters\":{\"properties\":{\"at\":{\"enum\":[\"sky\",\"sea\"]}},\"required\":[\"at\"]}}}]";
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo");
    private static final ScriptedNode.Script ABLE = HELLO.formed("json_schema", "{\"city\":", " \"Bern\"}").formed("tools", "<tool_call>[{\"name\": \"look\",", " \"arguments\": {\"at\":", " \"sea\"}}]", "</tool_call>");

    private static String body(boolean stream, String... more) {
        return "{\"model\":\"" + Ground.MODEL + "\",\"max_tokens\":32,\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + String.join(",", more) + "}";
    }

    private HttpResponse<String> paid(String body) {
        return paid(CHAT, body, ground.wallet(USDC));
    }

    private static JsonNode choice(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Posted.json(answer.body()).path("choices").path(0);
    }

    @Test
    void aReplyOfASchemaIsAskedOfTheNodeThatCanHoldToIt() {
        ScriptedNode unable = node(HELLO.formless());
        ScriptedNode able = node(ABLE);

        for (int i = 0; i < 3; i++) {
            assertThat(choice(paid(body(false, SCHEMA))).path("message").path("content").asText()).isEqualTo("{\"city\": \"Bern\"}");
        }

        assertThat(unable.assigned()).isEmpty();
        WireMessage.Assign last = able.assigned().getLast();
        WireMessage.ChatRequest request = ((WireMessage.Ask.Clear) last.ask()).request();
        assertThat(request.constraints().format()).isEqualTo("{\"schema\":{\"additionalProperties\":false,\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"type\":\"object\"},\"type\":\"json_schema\"}");
        assertThat(last.assignment().assignment().constraints()).as("what the gateway signed").isEqualTo(((WireMessage.Ask.Clear) last.ask()).constraints().hash()).isNotEqualTo(request.constraints().hash());
        assertThat(request.messages()).extracting(WireMessage.ChatMessage::role).containsExactly("system", "user");
        assertThat(last.assignment().assignment().ceiling()).isEqualTo(Ground.PRICE.ceiling(request.messages().stream().map(WireMessage.ChatMessage::content).toList(), 32));
    }

    @Test
    void whereNoNodeCanHoldToAFormNothingIsPaid() {
        node(HELLO.formless());

        HttpResponse<String> answer = Posted.post(gateway, CHAT, body(false, SCHEMA));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(Posted.code(answer)).isEqualTo("no_node");
        assertThat(answer.body()).contains("can hold a reply to a form", "nothing was charged");
        JsonNode capacity = Posted.json(Posted.get(gateway, "/v1/models/" + Ground.MODEL).body()).path("tiers").path("open").path("capacity");
        assertThat(capacity.path("nodes").asInt()).isEqualTo(1);
        assertThat(capacity.path("formats").asInt(-1)).as("and who looks before it asks sees it").isZero();
        assertThat(Posted.post(gateway, CHAT, body(false, "\"n\":1")).statusCode()).as("but any other job").isEqualTo(402);
    }

    @Test
    void aNodeThatBreaksTheFormIsNotBelieved() {
        node(HELLO);

        HttpResponse<String> answer = paid(body(false, SCHEMA));

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(Posted.code(answer)).isEqualTo("format_broken");
        assertThat(answer.body()).contains("the payment goes back");
    }

    @Test
    void aReplyThatEndsBeforeItsFormDoesIsNotBelieved() {
        node(HELLO.formed("json_schema", "{\"city\":"));

        assertThat(Posted.code(paid(body(false, SCHEMA)))).isEqualTo("format_broken");
    }

    @Test
    void anotherNodeDoesWhatOneBroke() {
        ScriptedNode liar = node(HELLO.formed("json_schema", "nonsense"));
        ScriptedNode honest = node(ABLE);
        String first = "\"provider\":{\"order\":[\"" + liar.key().toBase58() + "\",\"" + honest.key().toBase58() + "\"]}";

        assertThat(choice(paid(body(false, SCHEMA, first))).path("message").path("content").asText()).isEqualTo("{\"city\": \"Bern\"}");
        assertThat(liar.assigned()).hasSize(1);
    }

    @Test
    void callsOfToolsComeAsOpenAiHasThem() {
        node(ABLE);

        JsonNode choice = choice(paid(body(false, TOOLS, "\"tool_choice\":\"required\"")));

        assertThat(choice.path("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(choice.path("message").path("content").isNull()).isTrue();
        JsonNode call = choice.path("message").path("tool_calls").path(0);
        assertThat(call.path("id").asText()).matches("call_[0-9a-f]{24}_0");
        assertThat(call.path("type").asText()).isEqualTo("function");
        assertThat(call.path("function").path("name").asText()).isEqualTo("look");
        assertThat(call.path("function").path("arguments").asText()).isEqualTo("{\"at\": \"sea\"}");
    }

    @Test
    void callsOfToolsAreStreamedPieceByPiece() {
        node(ABLE);

        List<JsonNode> chunks = paid(body(true, TOOLS)).body().lines().filter(line -> line.startsWith("data: {")).map(line -> Posted.json(line.substring(6))).toList();

        List<JsonNode> deltas = chunks.stream().map(chunk -> chunk.path("choices").path(0).path("delta")).toList();
        assertThat(deltas.getFirst().path("role").asText()).isEqualTo("assistant");
        List<JsonNode> calls = deltas.stream().filter(delta -> delta.has("tool_calls")).map(delta -> delta.path("tool_calls").path(0)).toList();
        assertThat(calls.getFirst().path("index").asInt(-1)).isZero();
        assertThat(calls.getFirst().path("id").asText()).startsWith("call_");
        assertThat(calls.getFirst().path("function").path("name").asText()).isEqualTo("look");
        assertThat(calls).filteredOn(call -> call.has("id")).hasSize(1);
        assertThat(String.join("", calls.stream().map(call -> call.path("function").path("arguments").asText()).toList())).isEqualTo("{\"at\": \"sea\"}");
        assertThat(calls).hasSizeGreaterThan(2);
        assertThat(chunks.getLast().path("choices").path(0).path("finish_reason").asText()).isEqualTo("tool_calls");
    }

    @Test
    void whoMayCallToolsMayTalk() {
        node(HELLO);

        JsonNode choice = choice(paid(body(false, TOOLS)));

        assertThat(choice.path("message").path("content").asText()).isEqualTo("Hello");
        assertThat(choice.path("message").has("tool_calls")).isFalse();
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
        assertThat(Posted.code(paid(body(false, TOOLS, "\"tool_choice\":\"required\"")))).as("unless it must call them").isEqualTo("format_broken");
    }
}
