package network.nyxos.escrow.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Format schema(String schema) {
        return Format.schema(json(schema), "schema");
    }

    /// The text of a form of that schema, without what is around the schema.
    private static String canonical(String schema) {
        String text = schema(schema).text();
        assertThat(Format.parse(text)).isEqualTo(schema(schema));
        assertThat(text).startsWith("{\"schema\":").endsWith(",\"type\":\"json_schema\"}");
        return text.substring(10, text.length() - 22);
    }

    @Test
    void aFormHasOneTextWhateverItsSchemaLookedLike() {
        assertThat(canonical("""
            {"title": "Person", "type": "object", "required": ["name"], "description": "somebody",
             "properties": {"name": {"type": "string", "description": "in full"}, "age": {"type": ["integer", "null"], "default": null}}, "additionalProperties": false}"""))
            .isEqualTo("{\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"},\"age\":{\"anyOf\":[{\"type\":\"integer\"},{\"enum\":[null]}]}},"
                + "\"required\":[\"name\"],\"type\":\"object\"}");
        assertThat(canonical("{\"properties\":{}}")).as("what is not said to be open is closed").isEqualTo("{\"additionalProperties\":false,\"properties\":{},\"required\":[],\"type\":\"object\"}");
        assertThat(canonical("{\"type\":\"object\"}")).isEqualTo("{\"additionalProperties\":{},\"type\":\"object\"}");
        assertThat(canonical("{\"type\":\"array\",\"minItems\":2,\"items\":true}")).isEqualTo("{\"items\":{},\"minItems\":2,\"type\":\"array\"}");
        assertThat(canonical("{\"type\":\"boolean\"}")).isEqualTo("{\"enum\":[true,false]}");
        assertThat(canonical("{\"enum\":[\"a\",7,\"a\",null,\"\\u0007\\\"\\uD83D\\uDE42\\uDAC0\\uDC00\"],\"type\":[\"string\",\"null\"]}"))
            .isEqualTo("{\"enum\":[\"a\",null,\"\\u0007\\\"🙂\\udac0\\udc00\"]}");
        assertThat(canonical("{\"const\":-0}")).isEqualTo("{\"enum\":[0]}");
        assertThat(canonical("{\"anyOf\":[{\"$ref\":\"#/definitions/b~1c\"},{\"$ref\":\"#\"}],\"definitions\":{\"b/c\":{\"type\":\"number\"}}}"))
            .isEqualTo("{\"$defs\":{\"b/c\":{\"type\":\"number\"}},\"anyOf\":[{\"$ref\":\"#/$defs/b~1c\"},{\"$ref\":\"#\"}]}");
        assertThat(canonical("{\"$defs\":{\"a\":{}}}")).isEqualTo("{\"$defs\":{\"a\":{}}}");
    }

    @Test
    void toolsAreWrittenWithTheirParameters() {
        Format none = new Format.Calls(false, true, List.of(Format.Tool.of("now", Optional.empty(), "tools[0]")));
        Format one = new Format.Calls(true, false, List.of(Format.Tool.of("get_weather", Optional.of(json("{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}")), "tools[0]")));

        assertThat(none.text()).isEqualTo("{\"choice\":\"auto\",\"parallel\":true,\"tools\":[{\"name\":\"now\",\"parameters\":{\"additionalProperties\":false,\"properties\":{},\"required\":[],"
            + "\"type\":\"object\"}}],\"type\":\"tools\"}");
        assertThat(Format.parse(none.text())).isEqualTo(none);
        assertThat(Format.parse(one.text())).isEqualTo(one);
        assertThat(Format.parse("{\"type\":\"json_object\"}")).isEqualTo(new Format.AnyObject());
        assertThatThrownBy(() -> new Format.Calls(true, true, List.of(Format.Tool.of("a", Optional.empty(), ""), Format.Tool.of("a", Optional.empty(), ""))))
            .isInstanceOfSatisfying(FormatException.class, e -> assertThat(e.at()).isEqualTo("tools[1].function.name"));
        assertThatThrownBy(() -> new Format.Calls(true, true, List.of())).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> Format.Tool.of("not a name", Optional.empty(), "t")).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> Format.Tool.of("f", Optional.of(json("{\"type\":\"string\"}")), "t")).isInstanceOf(FormatException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'type':'string','pattern':'a'}|schema.pattern", "{'type':'string','format':'date'}|schema.format", "{'type':'string','minLength':1}|schema.minLength",
        "{'type':'integer','minimum':0}|schema.minimum", "{'type':'number','multipleOf':2}|schema.multipleOf", "{'type':'array','uniqueItems':true}|schema.uniqueItems",
        "{'type':'array','prefixItems':[]}|schema.prefixItems", "{'type':'array','minItems':1025}|schema.minItems", "{'type':'array','maxItems':-1}|schema.maxItems",
        "{'oneOf':[{}]}|schema.oneOf", "{'allOf':[{}]}|schema.allOf", "{'not':{}}|schema.not", "{'type':'object','patternProperties':{}}|schema.patternProperties",
        "{'type':'object','properties':{'a':{'type':'string','pattern':'a'}}}|schema.properties.a.pattern",
        "{'type':'object','properties':{},'additionalProperties':true}|schema.additionalProperties", "{'type':'object','properties':{},'required':['a']}|schema.required",
        "{'type':'object','required':['a']}|schema.required", "{'anyOf':[{}],'type':'string'}|schema.type", "{'$ref':'#','type':'string'}|schema.type",
        "{'$ref':'https://elsewhere'}|schema.$ref", "{'$ref':'#/properties/a'}|schema.$ref", "{'type':'string','items':{}}|schema.items", "{'enum':[1.5]}|schema.enum[0]",
        "{'enum':[1000000000000000]}|schema.enum[0]", "{'enum':[{}]}|schema.enum[0]", "{'const':[]}|schema.const", "{'enum':['a'],'const':'a'}|schema.const", "{'$id':'x'}|schema.$id"})
    void whatRepliesCannotBeHeldToIsNamed(String schema, String at) {
        assertThatThrownBy(() -> schema(schema.replace('\'', '"'))).isInstanceOfSatisfying(FormatException.class, e -> {
            assertThat(e.at()).isEqualTo(at);
            assertThat(e.unsupported()).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "7|schema", "false|schema", "{'type':'text'}|schema.type", "{'type':[]}|schema.type", "{'enum':[]}|schema.enum", "{'anyOf':[]}|schema.anyOf", "{'properties':[]}|schema.properties",
        "{'enum':['a'],'type':'integer'}|schema", "{'type':'array','minItems':3,'maxItems':2}|schema.maxItems", "{'$ref':'#/$defs/a'}|schema", "{'$defs':{},'definitions':{}}|schema.definitions",
        "{'const':'\\ud800'}|schema.const", "{'properties':{'a':{'required':7}}}|schema.properties.a.required"})
    void whatIsNoSchemaIsRefused(String schema, String at) {
        assertThatThrownBy(() -> schema(schema.replace('\'', '"'))).isInstanceOfSatisfying(FormatException.class, e -> {
            assertThat(e.at()).isEqualTo(at);
            assertThat(e.unsupported()).isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "{}", "[]", "{\"type\":\"json_object\"} ", "{\"type\": \"json_object\"}", "{\"type\":\"json_object\",\"type\":\"json_object\"}",
        "{\"type\":\"json_object\",\"more\":1}", "{\"type\":\"json_schema\"}", "{\"type\":\"json_schema\",\"schema\":{}}", "{\"schema\":{\"type\":\"boolean\"},\"type\":\"json_schema\"}",
        "{\"schema\":{\"title\":\"x\",\"type\":\"string\"},\"type\":\"json_schema\"}", "{\"choice\":\"auto\",\"parallel\":true,\"tools\":[],\"type\":\"tools\"}"})
    void onlyItsOneTextIsRead(String text) {
        assertThatThrownBy(() -> Format.parse(text)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("format_invalid"));
    }

    @Test
    void whatTakesTooLongToSayIsRefused() {
        String values = ",\"" + "x".repeat(1_000) + "\"";
        var list = new StringBuilder("\"a\"");
        for (int i = 0; i < 33; i++) {
            list.append(values.replace("x\"", "x" + i + "\""));
        }
        Format format = schema("{\"enum\":[" + list + "]}");
        assertThatThrownBy(format::text).isInstanceOf(FormatException.class).hasMessageContaining("32768");
        assertThatThrownBy(() -> schema("{\"items\":".repeat(33) + "{}" + "}".repeat(33))).isInstanceOf(FormatException.class).hasMessageContaining("deep");
    }

    @Test
    void moreAlternativesThanAreFollowedAreRefused() {
        String each = "{\"minItems\":%d,\"items\":{}}";
        var list = new StringBuilder(each.formatted(0));
        for (int i = 1; i < Recogniser.MAX_PLACES; i++) {
            list.append(',').append(each.formatted(i));
        }
        Grammar.of(schema("{\"anyOf\":[" + list + "]}"));
        assertThatThrownBy(() -> Grammar.of(schema("{\"anyOf\":[{\"anyOf\":[" + list + "]},{\"type\":\"null\"}]}"))).isInstanceOfSatisfying(FormatException.class, e -> assertThat(e.unsupported()).isTrue())
            .hasMessageContaining("257");
    }

    @Test
    void whatNoReplyCanBeIsRefused() {
        for (String schema : List.of("{\"$ref\":\"#\"}", "{\"anyOf\":[{\"$ref\":\"#\"}]}", "{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#\"}}",
            "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}")) {
            assertThatThrownBy(() -> Grammar.of(schema(schema))).as(schema).isInstanceOf(FormatException.class);
        }
    }
}
