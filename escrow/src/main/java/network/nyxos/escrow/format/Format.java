package network.nyxos.escrow.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;

/// What form a reply must have. Its {@link #text} is what assignments and replays carry: canonical, so that one form has one text.
public sealed interface Format {
    /// The longest text in bytes of UTF-8.
    int MAX_BYTES = 32 * 1_024;
    /// The most tools.
    int MAX_TOOLS = 128;
    /// The most calls of a reply.
    int MAX_CALLS = 16;
    /// What a reply that calls tools begins with; no other text of a model that has tools begins so.
    String CALLS_OPEN = "<tool_call>";
    /// What it ends with.
    String CALLS_CLOSE = "</tool_call>";

    /// A JSON object of any kind: `{"type":"json_object"}`.
    record AnyObject() implements Format {
    }

    /// JSON of a schema: `{"schema":{…},"type":"json_schema"}`.
    record Schematic(Schema.Root schema) implements Format {
    }

    /// Calls of tools, or plain text where calls are not required: `{"choice":"auto","parallel":true,"tools":[{"name":"…","parameters":{…}}],"type":"tools"}`.
    ///
    /// @param required whether there must be a call
    /// @param parallel whether there may be several
    /// @param tools    at least one, of different names
    record Calls(boolean required, boolean parallel, List<Tool> tools) implements Format {
        public Calls {
            tools = List.copyOf(tools);
            if (tools.isEmpty() || tools.size() > MAX_TOOLS) {
                throw FormatException.wrong("tools", "there are 1 to " + MAX_TOOLS + " tools, not " + tools.size());
            }
            var names = new HashSet<String>();
            for (int i = 0; i < tools.size(); i++) {
                if (!names.add(tools.get(i).name())) {
                    throw FormatException.wrong("tools[" + i + "].function.name", "two tools have the same name");
                }
            }
        }
    }

    /// A tool.
    ///
    /// @param name       1 to 64 letters, digits, `_` and `-`
    /// @param parameters what its arguments are: an object
    record Tool(String name, Schema.Root parameters) {
        private static final Schema.Root NONE = new Schema.Root(new Schema.Members(List.of()), java.util.Collections.emptySortedMap());

        /// Reads a tool.
        ///
        /// @param parameters a JSON Schema of an object; empty: the tool takes none
        /// @param at         where it stands, for errors
        public static Tool of(String name, Optional<JsonNode> parameters, String at) {
            if (!name.matches("[a-zA-Z0-9_-]{1,64}")) {
                throw FormatException.wrong(at + ".name", "a tool's name is 1 to 64 letters, digits, '_' and '-'");
            }
            Schema.Root read = parameters.map(schema -> SchemaReader.read(schema, at + ".parameters")).orElse(NONE);
            if (!(read.schema() instanceof Schema.Members || read.schema() instanceof Schema.Mapping)) {
                throw FormatException.unsupported(at + ".parameters", "the arguments of a tool are an object: say 'type' object, with its 'properties'");
            }
            return new Tool(name, read);
        }
    }

    /// A form of a JSON Schema.
    ///
    /// @param schema as OpenAI's structured outputs have it
    /// @param at     where it stands, for errors
    /// @throws FormatException naming the keyword that replies cannot be held to
    static Format schema(JsonNode schema, String at) {
        return new Schematic(SchemaReader.read(schema, at));
    }

    /// Its text.
    ///
    /// @throws FormatException when it is longer than {@link #MAX_BYTES}
    default String text() {
        String text = JsonText.of(this);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw FormatException.unsupported("", "what the reply must look like takes " + bytes + " bytes to say, and at most " + MAX_BYTES + " are taken");
        }
        return text;
    }

    /// Reads what {@link #text} wrote, and nothing else.
    ///
    /// @throws ProtocolException `format_invalid`
    static Format parse(String text) {
        try {
            Format format = read(JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build(), text);
            if (!format.text().equals(text)) {
                throw new ProtocolException("format_invalid", "the format is not written in its canonical way");
            }
            return format;
        } catch (JsonProcessingException e) {
            throw new ProtocolException("format_invalid", "the format is not JSON", e);
        } catch (FormatException e) {
            throw new ProtocolException("format_invalid", "the format cannot be held to" + (e.at().isEmpty() ? "" : ": " + e.at()) + ": " + e.getMessage(), e);
        }
    }

    private static Format read(JsonMapper mapper, String text) throws JsonProcessingException {
        mapper.getFactory().setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4 * SchemaReader.MAX_DEPTH).maxDocumentLength(MAX_BYTES).build());
        JsonNode root = mapper.readTree(text);
        return switch (root.path("type").asText()) {
            case "json_object" -> new AnyObject();
            case "json_schema" -> schema(root.path("schema"), "schema");
            case "tools" -> {
                var tools = new ArrayList<Tool>();
                for (JsonNode tool : root.path("tools")) {
                    tools.add(Tool.of(tool.path("name").asText(), Optional.of(tool.path("parameters")), "tools[" + tools.size() + "]"));
                }
                yield new Calls(root.path("choice").asText().equals("required"), root.path("parallel").asBoolean(), tools);
            }
            default -> throw FormatException.wrong("type", "the types of formats are json_object, json_schema and tools");
        };
    }
}
