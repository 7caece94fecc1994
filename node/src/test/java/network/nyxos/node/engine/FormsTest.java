package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import network.nyxos.escrow.format.Format;
import network.nyxos.node.engine.format.Forms;
import network.nyxos.node.engine.format.Guide;
import network.nyxos.node.engine.format.TokenMask;
import network.nyxos.node.engine.gguf.GgufFile;
import network.nyxos.node.engine.tokenizer.Tokenizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replies held to a form, on a small vocabulary whose tokens cut across quotes, commas and characters. */
class FormsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int END = 0;
    private static final int CONTROL = 1;
    /** Tokens of several bytes, in GPT-2's spelling of bytes (Ġ is a space, ÃŁ are the bytes of ß). */
    private static final List<String> PIECES = List.of("{\"", "\":", "\",", "\":\"", "\"}", "]}", "}}", "}]", ",Ġ\"", ":Ġ", ":Ġ\"", "Ġ\"", "[{\"", "\",Ġ\"", "tr", "ue", "true", "fal", "null", "12", "0.5",
            "00", "\\u", "\\n", "\\\"", "ÃŁ", "ðŁĻ", "ĤðŁ", "na", "name", "name\":", "arguments", "<tool_call>[{\"", "</tool", "_call>", "Ġthe", "value", "a\":", "b\":[", "1,", "],", "{}", "[]", "\"\"", "ĊĊ",
            "\"a", "\"b", "abc", "-1", "e9", "<t");

    @TempDir
    private static Path folder;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void vocabulary() throws IOException {
        tokenizer = tokenizer("whole", 256);
    }

    /** A file of nothing but a tokenizer: two control tokens, the first bytes, the pieces. */
    private static Tokenizer tokenizer(String name, int bytes) throws IOException {
        List<String> tokens = new ArrayList<>(List.of("<|im_end|>", "<|im_start|>"));
        List<String> single = TinyModel.byteTokens();
        // U+FFFD must be there in any tokenizer.
        IntStream.range(0, 256).filter(b -> b < bytes || Set.of(0xEF, 0xBF, 0xBD).contains(b)).forEach(b -> tokens.add(single.get(b)));
        tokens.addAll(PIECES);
        var header = new TinyModel.Bytes().raw("GGUF".getBytes(StandardCharsets.US_ASCII)).u32(3).u64(0).u64(6).text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "smollm")
                .number("tokenizer.ggml.eos_token_id", END);
        header.key("tokenizer.ggml.tokens", 9).u32(8).u64(tokens.size());
        tokens.forEach(header::string);
        header.key("tokenizer.ggml.token_type", 9).u32(5).u64(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            header.u32(i < 2 ? 3 : 1);
        }
        header.key("tokenizer.ggml.merges", 9).u32(8).u64(0);
        try (GgufFile file = GgufFile.open(Files.write(folder.resolve(name + ".gguf"), header.toArray()))) {
            return Tokenizer.of(file);
        }
    }

    private static String form(JsonNode schema) {
        return Format.schema(schema, "schema").text();
    }

    /** What a sampler says that is given random logits: bytes that are likely enough to close what is open, so that most replies end. */
    private record Said(String text, boolean ended, int tokens) {
    }

    private static Said say(Guide guide, Random random, Sampling sampling, int most) {
        var sampler = new Sampler(sampling, random.nextLong());
        int[] logits = new int[tokenizer.size()];
        List<Integer> closing = IntStream.range(0, logits.length).filter(id -> id == END || tokenizer.bytes(id).length == 1 && "\"]}>".indexOf(tokenizer.bytes(id)[0]) >= 0).boxed().toList();
        var bytes = new ByteArrayOutputStream();
        for (int n = 1; n <= most; n++) {
            for (int id = 0; id < logits.length; id++) {
                logits[id] = random.nextInt(-1 << 18, 1 << 18);
            }
            int weight = Math.min(n, 60) << 13;
            closing.forEach(id -> logits[id] += weight);
            TokenMask mask = guide.mask();
            int id = sampler.pick(logits, 0, logits.length, mask);
            assertThat(mask.allows(id)).isTrue();
            if (id == END) {
                return new Said(bytes.toString(StandardCharsets.UTF_8), true, n);
            }
            bytes.writeBytes(tokenizer.bytes(id));
            guide.took(id);
        }
        return new Said(bytes.toString(StandardCharsets.UTF_8), false, most);
    }

    private static Sampling sampling(Random random) {
        return random.nextInt(4) == 0 ? Sampling.GREEDY : new Sampling(500_000 + random.nextInt(1_500_000), 700_000 + random.nextInt(300_001), random.nextInt(2) * 40);
    }

    @Test
    void whateverTheLogitsSayAReplyThatEndsIsOfItsSchema() throws IOException {
        Random random = new Random(20);
        Forms forms = new Forms(tokenizer);
        int ended = 0;
        for (int i = 0; i < 150; i++) {
            ObjectNode schema = schema(random);
            Said said = say(forms.guide(form(schema)), random, sampling(random), 600);
            if (said.ended) {
                ended++;
                JsonNode value = JSON.readTree(said.text);
                assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(value)).as("%s of %s", said.text, schema).isEmpty();
            }
        }
        assertThat(ended).as("replies that ended").isGreaterThan(120);
    }

    @Test
    void everyValueOfASchemaCanBeSaid() {
        Random random = new Random(21);
        Forms forms = new Forms(tokenizer);
        for (int i = 0; i < 150; i++) {
            ObjectNode schema = schema(random);
            String value = value(schema, schema, random, 0);
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(parsed(value))).as("the test's own value").isEmpty();
            Guide guide = forms.guide(form(schema));
            for (int id : pieces(value, random)) {
                assertThat(guide.mask().allows(id)).as("'%s' of %s in %s", new String(tokenizer.bytes(id), StandardCharsets.UTF_8), value, schema).isTrue();
                guide.took(id);
            }
            assertThat(guide.mask().allows(END)).as("the end of %s", value).isTrue();
        }
    }

    /** A text in tokens, cut anywhere that the vocabulary allows. */
    private static List<Integer> pieces(String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<Integer> ids = new ArrayList<>();
        for (int at = 0; at < bytes.length;) {
            List<Integer> fitting = new ArrayList<>();
            for (int id = 0; id < tokenizer.size(); id++) {
                byte[] piece = tokenizer.bytes(id);
                if (piece.length > 0 && at + piece.length <= bytes.length && Arrays.equals(piece, 0, piece.length, bytes, at, at + piece.length)) {
                    fitting.add(id);
                }
            }
            int id = fitting.get(random.nextInt(fitting.size()));
            ids.add(id);
            at += tokenizer.bytes(id).length;
        }
        return ids;
    }

    @Test
    void aMaskIsWhatTheFormAllowsTokenByToken() {
        Random random = new Random(22);
        for (int i = 0; i < 25; i++) {
            String format = form(schema(random));
            Guide shared = new Forms(tokenizer).guide(format);
            List<Integer> said = new ArrayList<>();
            for (int n = 0; n < 25; n++) {
                TokenMask mask = shared.mask();
                List<Integer> allowed = new ArrayList<>();
                for (int id = 0; id < tokenizer.size(); id++) {
                    if (mask.allows(id)) {
                        allowed.add(id);
                    }
                }
                assertThat(allowed).isNotEmpty().doesNotContain(CONTROL);
                int id = allowed.get(random.nextInt(allowed.size()));
                if (id == END) {
                    break;
                }
                // Byte by byte it must be allowed as well, and lead to the same mask.
                Guide slow = new Forms(tokenizer).guide(format);
                said.add(id);
                shared.took(id);
                for (int token : said) {
                    for (byte b : tokenizer.bytes(token)) {
                        int single = 2 + (b & 0xff);
                        assertThat(slow.mask().allows(single)).isTrue();
                        slow.took(single);
                    }
                }
                for (int each = 0; each < tokenizer.size(); each++) {
                    assertThat(slow.mask().allows(each)).isEqualTo(shared.mask().allows(each));
                }
            }
        }
    }

    @Test
    void aModelWithToolsSaysAnythingOrCallsOneOfThem() throws IOException {
        Random random = new Random(23);
        Forms forms = new Forms(tokenizer);
        JsonNode parameters = JSON.readTree("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\",\"ß🙂\"]}}},\"required\":[\"a\"]}");
        List<Format.Tool> tools = List.of(Format.Tool.of("name", Optional.of(parameters), ""), Format.Tool.of("none", Optional.empty(), ""));
        int calls = 0;
        for (int i = 0; i < 100; i++) {
            boolean required = i % 2 == 0;
            Said said = say(forms.guide(new Format.Calls(required, true, tools).text()), random, sampling(random), 600);
            if (said.text.startsWith(Format.CALLS_OPEN) && said.ended) {
                calls++;
                assertThat(said.text).endsWith(Format.CALLS_CLOSE);
                for (JsonNode call : JSON.readTree(said.text.substring(Format.CALLS_OPEN.length(), said.text.length() - Format.CALLS_CLOSE.length()))) {
                    assertThat(call.path("name").asText()).isIn("name", "none");
                    if (call.path("name").asText().equals("name")) {
                        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(parameters).validate(call.path("arguments"))).isEmpty();
                    } else {
                        assertThat(call.path("arguments")).isEqualTo(JSON.createObjectNode());
                    }
                }
            } else {
                assertThat(required && said.ended).isFalse();
                assertThat(said.text).as("whole characters").doesNotContain("\uFFFD\uFFFD");
            }
        }
        assertThat(calls).isGreaterThan(30);
    }

    @Test
    void aVocabularyThatCannotSpellEveryFormHoldsToNone() throws IOException {
        Forms few = new Forms(tokenizer("few", 0xE8));

        assertThat(new Forms(tokenizer).able()).isTrue();
        assertThat(few.able()).isFalse();
        assertThat(few.guide("").mask()).isSameAs(TokenMask.ALL);
        assertThatThrownBy(() -> few.guide("{\"type\":\"json_object\"}")).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.INVALID_REQUEST));
    }

    @Test
    void whatIsNoFormIsRefused() {
        Forms forms = new Forms(tokenizer);
        for (String format : List.of("nonsense", "{}", "{\"schema\":{\"$ref\":\"#\"},\"type\":\"json_schema\"}")) {
            assertThatThrownBy(() -> forms.guide(format)).isInstanceOfSatisfying(EngineException.class, e -> assertThat(e.code()).isEqualTo(EngineException.Code.INVALID_REQUEST));
        }
    }

    // --- random schemas and their values ------------------------------------------------------------------------------

    private static final List<String> NAMES = List.of("a", "b", "name", "value", "größe", "x\"y", "ab", "🙂");

    /** A schema with one definition, which may refer to itself where it need not. */
    private static ObjectNode schema(Random random) {
        ObjectNode root = schema(random, 3);
        ObjectNode node = JSON.createObjectNode();
        node.put("type", "object").put("additionalProperties", false).putArray("required").add("v");
        ObjectNode members = node.putObject("properties");
        members.set("v", schema(random, 0));
        members.putObject("rest").putArray("anyOf").add(JSON.createObjectNode().put("$ref", "#/$defs/n")).add(JSON.createObjectNode().put("type", "null"));
        if (!root.has("$ref")) {
            root.putObject("$defs").set("n", node);
            return root;
        }
        ObjectNode copy = node.deepCopy();
        node.putObject("$defs").set("n", copy);
        return node;
    }

    private static ObjectNode schema(Random random, int depth) {
        ObjectNode schema = JSON.createObjectNode();
        switch (random.nextInt(depth == 0 ? 6 : 11)) {
            case 0 -> schema.put("type", "string");
            case 1 -> schema.put("type", "integer");
            case 2 -> schema.put("type", "number");
            case 3 -> schema.put("type", "boolean");
            case 4 -> {
                ArrayNode values = schema.putArray("enum");
                Set<String> chosen = new LinkedHashSet<>();
                for (int i = 0; i <= random.nextInt(4); i++) {
                    chosen.add(NAMES.get(random.nextInt(NAMES.size())));
                }
                chosen.forEach(values::add);
                values.add(random.nextInt(200) - 100).addNull();
            }
            case 5 -> schema.putArray("type").add("null").add("integer");
            case 6, 7 -> {
                schema.put("type", "object").put("additionalProperties", false);
                ObjectNode members = schema.putObject("properties");
                ArrayNode required = schema.putArray("required");
                for (String name : NAMES) {
                    if (random.nextInt(3) == 0) {
                        members.set(name, schema(random, depth - 1));
                        if (random.nextBoolean()) {
                            required.add(name);
                        }
                    }
                }
            }
            case 8 -> {
                schema.put("type", "array").set("items", schema(random, depth - 1));
                if (random.nextBoolean()) {
                    schema.put("minItems", random.nextInt(3)).put("maxItems", 2 + random.nextInt(3));
                }
            }
            case 9 -> {
                ArrayNode alternatives = schema.putArray("anyOf");
                for (int i = 0; i < 2 + random.nextInt(2); i++) {
                    alternatives.add(schema(random, depth - 1));
                }
            }
            default -> {
                if (random.nextBoolean()) {
                    schema.put("$ref", "#/$defs/n");
                } else if (random.nextBoolean()) {
                    schema.put("type", "object").set("additionalProperties", schema(random, depth - 1));
                }
            }
        }
        return schema;
    }

    private static String blank(Random random) {
        return random.nextInt(3) == 0 ? " " : "";
    }

    /** A random value, written with the blanks that replies may have. */
    private static String value(JsonNode schema, JsonNode root, Random random, int depth) {
        if (schema.has("$ref")) {
            return value(root.path("$defs").path("n"), root, random, depth + 1);
        }
        if (schema.has("anyOf")) {
            JsonNode alternatives = schema.get("anyOf");
            return value(alternatives.get(depth > 6 ? alternatives.size() - 1 : random.nextInt(alternatives.size())), root, random, depth + 1);
        }
        if (schema.has("enum")) {
            return schema.get("enum").get(random.nextInt(schema.get("enum").size())).toString();
        }
        String type = schema.path("type").isArray() ? schema.get("type").get(random.nextInt(2)).asText() : schema.path("type").asText("boolean");
        return switch (type) {
            case "string" -> JSON.getNodeFactory().textNode(NAMES.get(random.nextInt(NAMES.size())).repeat(random.nextInt(3)) + "\n").toString();
            case "integer" -> Integer.toString(random.nextInt());
            case "number" -> random.nextBoolean() ? random.nextInt() + ".50" : random.nextInt(9) + "e-7";
            case "null" -> "null";
            case "array" -> {
                int count = schema.path("minItems").asInt(0) + (schema.has("maxItems") ? random.nextInt(schema.get("maxItems").asInt() - schema.path("minItems").asInt() + 1) : random.nextInt(3));
                List<String> items = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    items.add((i == 0 ? "" : "," + blank(random)) + value(schema.get("items"), root, random, depth + 1));
                }
                yield "[" + String.join("", items) + "]";
            }
            case "object" -> {
                StringBuilder text = new StringBuilder("{");
                if (schema.has("properties")) {
                    Set<String> required = new LinkedHashSet<>();
                    schema.path("required").forEach(name -> required.add(name.asText()));
                    schema.get("properties").properties().forEach(member -> {
                        if (required.contains(member.getKey()) || depth < 6 && random.nextBoolean()) {
                            text.append(text.length() == 1 ? "" : "," + blank(random)).append(JSON.getNodeFactory().textNode(member.getKey())).append(':').append(blank(random))
                                    .append(value(member.getValue(), root, random, depth + 1));
                        }
                    });
                } else if (schema.has("additionalProperties")) {
                    for (int i = 0; i < random.nextInt(3); i++) {
                        text.append(i == 0 ? "" : "," + blank(random)).append("\"k").append(i).append("\":").append(blank(random))
                                .append(value(schema.get("additionalProperties"), root, random, depth + 1));
                    }
                }
                yield text.append('}').toString();
            }
            default -> Boolean.toString(random.nextBoolean());
        };
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
