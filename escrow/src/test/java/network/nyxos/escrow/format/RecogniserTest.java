package network.nyxos.escrow.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecogniserTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Recogniser of(Format format) {
        return new Recogniser(Grammar.of(format));
    }

    private static Recogniser of(String schema) {
        try {
            return of(Format.schema(JSON.readTree(schema), ""));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static boolean whole(Recogniser recogniser, String text) {
        return recogniser.next(recogniser.start(), text).complete();
    }

    private static void takes(Recogniser recogniser, String... texts) {
        for (String text : texts) {
            assertThat(whole(recogniser, text)).as(text).isTrue();
        }
    }

    private static void refuses(Recogniser recogniser, String... texts) {
        for (String text : texts) {
            assertThat(whole(recogniser, text)).as(text).isFalse();
        }
    }

    private static boolean alive(Recogniser recogniser, int... bytes) {
        Recogniser.State state = recogniser.start();
        for (int b : bytes) {
            if (!state.alive()) {
                return false;
            }
            state = recogniser.next(state, b);
        }
        return state.alive();
    }

    @Test
    void anObjectHasItsMembersInOrderAndThoseThatItNeeds() {
        Recogniser object = of("{\"properties\":{\"a\":{\"type\":\"integer\"},\"ab\":{\"type\":\"null\"},\"c\":{\"type\":\"boolean\"},\"d\":{}},\"required\":[\"c\"]}");

        takes(object, "{\"c\":true}", "{\"a\":1,\"ab\":null,\"c\":false,\"d\":[]}", "{\"a\": 1, \"c\": false}", "{\"ab\":null,\"c\":true, \"d\":{\"x\":1}}");
        refuses(object, "{}", "{\"a\":1}", "{\"c\":true,\"a\":1}", "{\"c\":true,\"c\":true}", "{\"c\":1}", "{\"x\":1,\"c\":true}", "{\"c\":true", "{\"c\":true}}", "{\"c\":true,}", "{,\"c\":true}",
            "{\"a\":1,\"d\":1}");
    }

    @Test
    void blanksAreOneAtMostBehindCommasAndColons() {
        Recogniser any = of("{}");

        takes(any, "[1, 2]", "{\"a\": {}}", "{\"a\":1, \"b\":2}", "[[], {}]");
        refuses(any, " 1", "1 ", "[ 1]", "[1 ]", "[1,  2]", "[1,\n2]", "{ }", "[ ]", "{\"a\" :1}", "{\"a\":  1}", "{\"a\":1 }", "[1,\t2]");
    }

    @Test
    void numbersAreBoundedInLength() {
        Recogniser number = of("{\"type\":\"number\"}");
        Recogniser integer = of("{\"type\":\"integer\"}");

        takes(number, "0", "-0", "7", "-12.50", "1e5", "1E-07".replace("07", "7"), "0.1e+12", "999999999999999.999999999999999e99", "10");
        refuses(number, "", "-", "01", "1.", ".5", "1e", "1e+", "1e100", "1000000000000000", "0.1234567890123456", "+1", "NaN", "1 ");
        takes(integer, "0", "-5", "999999999999999");
        refuses(integer, "1.0", "1e2", "1000000000000000", "00");
    }

    @Test
    void stringsAreUtf8WithWholeEscapes() {
        Recogniser text = of("{\"type\":\"string\"}");

        takes(text, "\"\"", "\"a b\"", "\"é東🙂\u007f\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\\uD83D\\uDE42\"", "\"\\ud7ff\\uE000\"");
        refuses(text, "\"", "a", "\"\n\"", "\"\u0000\"", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"", "\"\\ude42\"", "\"a\"b", Character.toString(0x40000));
        assertThat(alive(text, '"', 0xC3)).isTrue();
        assertThat(alive(text, '"', 0xC3, '"')).as("half a character").isFalse();
        assertThat(alive(text, '"', 0x80)).as("a middle without a beginning").isFalse();
        assertThat(alive(text, '"', 0xC0)).as("overlong").isFalse();
        assertThat(alive(text, '"', 0xE0, 0x80)).as("overlong").isFalse();
        assertThat(alive(text, '"', 0xED, 0xA0)).as("a surrogate").isFalse();
        assertThat(alive(text, '"', 0xF0, 0xBF, 0xBF, 0xBF)).isTrue();
        assertThat(alive(text, '"', 0xF1)).as("above U+3FFFF").isFalse();
        assertThat(alive(text, '"', 0xFF)).isFalse();
    }

    @Test
    void arraysHaveAsManyItemsAsTheyMay() {
        Recogniser array = of("{\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}");
        Recogniser open = of("{\"items\":{\"type\":\"integer\"},\"minItems\":1}");

        takes(array, "[1,2]", "[1,2,3]");
        refuses(array, "[]", "[1]", "[1,2,3,4]", "[1,2,]");
        takes(open, "[1]", "[" + "1,".repeat(500) + "1]");
        refuses(open, "[]", "[\"a\"]");
        takes(of("{\"type\":\"array\",\"maxItems\":0}"), "[]");
        refuses(of("{\"type\":\"array\",\"maxItems\":0}"), "[1]");
    }

    @Test
    void alternativesAreFollowedTogether() {
        Recogniser either = of("{\"anyOf\":[{\"properties\":{\"kind\":{\"const\":\"a\"},\"n\":{\"type\":\"integer\"}},\"required\":[\"kind\",\"n\"]},"
            + "{\"properties\":{\"kind\":{\"const\":\"ab\"},\"s\":{\"type\":\"string\"}},\"required\":[\"kind\",\"s\"]},{\"enum\":[1,12,\"x\"]}]}");

        takes(either, "{\"kind\":\"a\",\"n\":1}", "{\"kind\":\"ab\",\"s\":\"\"}", "1", "12", "\"x\"");
        refuses(either, "{\"kind\":\"a\",\"s\":\"\"}", "{\"kind\":\"ab\",\"n\":1}", "2", "123", "\"y\"");
    }

    @Test
    void aSchemaMayReferToItself() {
        Recogniser list = of("{\"$defs\":{\"node\":{\"properties\":{\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/node\"},{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"]}},"
            + "\"$ref\":\"#/$defs/node\"}");

        takes(list, "{\"v\":1,\"next\":null}", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}");
        takes(list, "{\"v\":1,\"next\":".repeat(32) + "null" + "}".repeat(32));
        assertThat(list.next(list.start(), "{\"v\":1,\"next\":".repeat(33)).alive()).as("33 deep").isFalse();
    }

    @Test
    void nothingNestsDeeperThanWhatCanStillBeClosed() {
        Recogniser any = of("{}");
        Recogniser pairs = of("{\"$defs\":{\"p\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/p\"}},\"minItems\":1}},\"$ref\":\"#/$defs/p\"}");

        takes(any, "[".repeat(32) + "]".repeat(32), "[".repeat(32) + "1" + "]".repeat(32));
        assertThat(any.next(any.start(), "[".repeat(33)).alive()).isFalse();
        assertThat(any.next(any.start(), "{\"a\":".repeat(31) + "[[").alive()).isFalse();
        assertThat(pairs.next(pairs.start(), "[".repeat(31)).alive()).as("an array that needs another in it is not begun where there is room for one").isTrue();
        takes(pairs, "[".repeat(32) + "]".repeat(32));
    }

    @Test
    void alternativesThatBeginAlikeDoNotPileUp() {
        Recogniser many = of("{\"$defs\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"properties\":{\"x\":{\"$ref\":\"#/$defs/a\"},\"y\":{\"type\":\"string\"}},\"required\":[\"x\"]},"
            + "{\"properties\":{\"x\":{\"$ref\":\"#/$defs/a\"},\"z\":{\"type\":\"string\"}},\"required\":[\"x\"]}]}},\"$ref\":\"#/$defs/a\"}");

        assertThat(many.next(many.start(), "{\"x\":".repeat(20)).alive()).isTrue();
        takes(many, "{\"x\":".repeat(20) + "null" + "}".repeat(20));
        takes(many, "{\"x\":".repeat(5) + "null" + ",\"z\":\"\"}".repeat(5));
    }

    @Test
    void aNameOfAnySpellingIsOneText() {
        Recogniser odd = of("{\"properties\":{\"größe \\\"\\u0001\":{\"enum\":[\"\uD83D\uDE42\",\"\\uDAC0\\uDC00\"]}},\"required\":[\"größe \\\"\\u0001\"]}");

        takes(odd, "{\"größe \\\"\\u0001\":\"🙂\"}", "{\"größe \\\"\\u0001\":\"\\udac0\\udc00\"}");
        refuses(odd, "{\"gr\\u00f6\\u00dfe \\\"\\u0001\":\"🙂\"}");
    }

    @Test
    void aModelWithToolsCallsThemOrTalks() {
        List<Format.Tool> tools = List.of(Format.Tool.of("now", Optional.empty(), ""), tool("add", "{\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}"));
        Recogniser free = of(new Format.Calls(false, true, tools));
        Recogniser one = of(new Format.Calls(true, false, tools));
        String call = "<tool_call>[{\"name\":\"add\",\"arguments\":{\"n\":1}}]</tool_call>";

        takes(free, call, "<tool_call>[{\"name\": \"now\", \"arguments\": {}}, {\"name\": \"add\", \"arguments\": {\"n\": 2}}]</tool_call>", "", "It is noon.\n", "<tool", "<tool_cat>", "a<tool_call>b",
            "<<tool_call>");
        refuses(free, "<tool_call>", "<tool_call>[]</tool_call>", call + " ", "<tool_call>[{\"name\":\"add\",\"arguments\":{}}]</tool_call>", "<tool_call>[{\"name\":\"no\",\"arguments\":{}}]</tool_call>",
            "\u0000", "<tool_call>[{\"name\":\"now\",\"arguments\":{}}" + ",{\"name\":\"now\",\"arguments\":{}}".repeat(16) + "]</tool_call>");
        takes(one, call);
        refuses(one, "", "It is noon.", "<tool_call>[{\"name\":\"now\",\"arguments\":{}},{\"name\":\"now\",\"arguments\":{}}]</tool_call>");
    }

    private static Format.Tool tool(String name, String parameters) {
        try {
            return Format.Tool.of(name, Optional.of(JSON.readTree(parameters)), "");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
