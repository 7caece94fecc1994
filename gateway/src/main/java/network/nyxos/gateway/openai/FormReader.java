package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.format.FormatException;
import network.nyxos.escrow.format.Grammar;

/// Reads what form a reply is to have: `response_format`, or `tools` with `tool_choice` and `parallel_tool_calls`. What engines hold to is said by {@link Format}; what
/// a schema says beyond that is refused by its keyword.
final class FormReader {
    private static final Set<String> FORMAT_MEMBERS = Set.of("type", "json_schema");
    private static final Set<String> SCHEMA_MEMBERS = Set.of("name", "description", "schema", "strict");
    private static final Set<String> TOOL_MEMBERS = Set.of("type", "function");
    private static final Set<String> FUNCTION_MEMBERS = Set.of("name", "description", "parameters", "strict");
    private static final String CHOICES = "'none', 'auto', 'required' and {\"type\":\"function\",\"function\":{\"name\":…}}";

    private FormReader() {
    }

    /// A form, and what the model is told of it.
    ///
    /// @param format      what the engine holds the reply to
    /// @param instruction what the model reads: its schema or tools, with their descriptions
    record Form(Format format, String instruction) {
    }

    /// The form that a request asks for; empty: any reply will do.
    ///
    /// @throws ApiException 400 naming what is wrong, or what cannot be honoured
    static Optional<Form> read(JsonNode root) {
        boolean parallel = Body.flag(root, "parallel_tool_calls", "parallel_tool_calls", true);
        Optional<Form> shaped = shaped(root.path("response_format"));
        Optional<Form> calls = calls(root, parallel);
        if (shaped.isPresent() && calls.isPresent()) {
            throw Faults.unsupportedValue("response_format", "a reply either has a form or may call tools; ask without 'tools' for the one, or with 'tool_choice' none.");
        }
        Optional<Form> form = shaped.or(() -> calls);
        if (form.isPresent()) {
            String asked = shaped.isPresent() ? "response_format" : "tools";
            if (root.hasNonNull("stop") && (root.get("stop").isTextual() || !root.get("stop").isEmpty())) {
                throw Faults.unsupportedValue("stop", "a text that ends the reply would cut it out of the form that '" + asked + "' asks for; send one of them.");
            }
            if (root.hasNonNull("sealed")) {
                throw Faults.unsupportedValue(asked, "what it asks for is told to the model in the prompt, and into a sealed one this gateway cannot write; send one of them.");
            }
        }
        return form;
    }

    // --- response_format -----------------------------------------------------------------------------------------------

    private static Optional<Form> shaped(JsonNode asked) {
        if (asked.isMissingNode() || asked.isNull()) {
            return Optional.empty();
        }
        String where = "response_format";
        requireObject(asked, where);
        known(asked, FORMAT_MEMBERS, where);
        return switch (asked.path("type").asText()) {
            case "text" -> Optional.empty();
            case "json_object" -> Optional.of(new Form(new Format.AnyObject(), "Answer with one JSON object and nothing else."));
            case "json_schema" -> Optional.of(schema(asked.path("json_schema"), where + ".json_schema"));
            default -> throw Faults.value(where + ".type", "'text', 'json_object' and 'json_schema'");
        };
    }

    private static Form schema(JsonNode asked, String where) {
        if (asked.isMissingNode() || asked.isNull()) {
            throw Faults.missing(where);
        }
        requireObject(asked, where);
        known(asked, SCHEMA_MEMBERS, where);
        text(asked, "name", where);
        Body.flag(asked, "strict", where + ".strict", false);
        String described = optionalText(asked, "description", where).map(description -> " (" + description + ")").orElse("");
        if (!asked.hasNonNull("schema")) {
            throw Faults.missing(where + ".schema");
        }
        Format format = held(() -> Format.schema(asked.get("schema"), where + ".schema"), where + ".schema");
        return new Form(format, "Answer with JSON of this schema" + described + " and nothing else:\n" + asked.get("schema"));
    }

    // --- tools ---------------------------------------------------------------------------------------------------------

    private static Optional<Form> calls(JsonNode root, boolean parallel) {
        JsonNode list = root.path("tools");
        JsonNode choice = root.path("tool_choice");
        if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
            throw Faults.type("tools", "an array of objects", list);
        }
        if (list.isEmpty()) {
            if (!choice.isMissingNode() && !choice.isNull() && !Set.of("none", "auto").contains(choice.asText())) {
                throw ApiException.badRequest("invalid_value", "tool_choice", "'tool_choice' is only allowed when 'tools' are specified");
            }
            return Optional.empty();
        }
        if (list.size() > Format.MAX_TOOLS) {
            throw Faults.longArray("tools", Format.MAX_TOOLS, list.size());
        }
        var tools = new ArrayList<Format.Tool>();
        ArrayNode shown = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < list.size(); i++) {
            tools.add(tool(list.get(i), "tools[" + i + "]", shown.addObject()));
        }
        Optional<Boolean> must = must(choice);
        if (must.isEmpty()) {
            return Optional.empty();
        }
        List<Format.Tool> eligible = choice.isObject() ? List.of(named(choice, tools)) : tools;
        boolean several = parallel && !choice.isObject();
        Format format = held(() -> new Format.Calls(must.get(), several, eligible), "tools");
        return Optional.of(new Form(format, instruction(shown, must.get(), choice.isObject() ? Optional.of(eligible.getFirst().name()) : Optional.empty())));
    }

    /// Whether a tool must be called; empty where none may be.
    private static Optional<Boolean> must(JsonNode choice) {
        if (choice.isObject()) {
            return Optional.of(true);
        }
        return switch (choice.isMissingNode() || choice.isNull() ? "auto" : choice.asText()) {
            case "none" -> Optional.empty();
            case "auto" -> Optional.of(false);
            case "required" -> Optional.of(true);
            default -> throw Faults.value("tool_choice", CHOICES);
        };
    }

    private static Format.Tool named(JsonNode choice, List<Format.Tool> tools) {
        known(choice, TOOL_MEMBERS, "tool_choice");
        if (!choice.path("type").asText().equals("function")) {
            throw Faults.value("tool_choice", CHOICES);
        }
        requireObject(choice.path("function"), "tool_choice.function");
        known(choice.path("function"), Set.of("name"), "tool_choice.function");
        String name = text(choice.path("function"), "name", "tool_choice.function");
        return tools.stream().filter(tool -> tool.name().equals(name)).findFirst()
            .orElseThrow(() -> ApiException.badRequest("invalid_value", "tool_choice.function.name", "'tool_choice' names a function that 'tools' does not have"));
    }

    /// @param shown gets what the model is to know of it
    private static Format.Tool tool(JsonNode tool, String where, ObjectNode shown) {
        requireObject(tool, where);
        if (!tool.path("type").asText().equals("function")) {
            throw Faults.unsupportedValue(where + ".type", "the models here call functions alone; send tools of type 'function'.");
        }
        known(tool, TOOL_MEMBERS, where);
        String at = where + ".function";
        JsonNode function = tool.path("function");
        requireObject(function, at);
        known(function, FUNCTION_MEMBERS, at);
        Body.flag(function, "strict", at + ".strict", false);
        String name = text(function, "name", at);
        shown.put("name", name);
        optionalText(function, "description", at).ifPresent(description -> shown.put("description", description));
        Optional<JsonNode> parameters = function.hasNonNull("parameters") && !(function.get("parameters").isObject() && function.get("parameters").isEmpty())
            ? Optional.of(function.get("parameters")) : Optional.empty();
        parameters.ifPresent(schema -> shown.set("parameters", schema));
        return held(() -> Format.Tool.of(name, parameters, at), at);
    }

    private static String instruction(ArrayNode tools, boolean must, Optional<String> named) {
        String call = Format.CALLS_OPEN + "[{\"name\": \"tool\", \"arguments\": {…}}]" + Format.CALLS_CLOSE;
        return "You have access to the following tools:\n<tools>" + tools + "</tools>\n" + named.map(name -> "Call the tool " + name + ": answer with " + call + " and nothing else.")
            .orElse(must ? "Call the tools that you need: answer with " + call + " and nothing else."
                : "To call tools, answer with " + call + " and nothing else. Their results are told to you then. Where no tool is needed, answer in plain text.");
    }

    // --- members -------------------------------------------------------------------------------------------------------

    /// Runs what reads a form, and tries whether anything can have it, in the words of this API.
    private static <T> T held(Supplier<T> reading, String where) {
        try {
            T read = reading.get();
            if (read instanceof Format format) {
                format.text();
                Grammar.of(format);
            }
            return read;
        } catch (FormatException e) {
            String at = e.at().isEmpty() ? where : e.at();
            throw e.unsupported() ? Faults.unsupportedValue(at, e.getMessage() + ".") : ApiException.badRequest("invalid_value", at, "Invalid '" + at + "': " + e.getMessage() + ".");
        }
    }

    private static void requireObject(JsonNode node, String where) {
        if (!node.isObject()) {
            throw Faults.type(where, "an object", node);
        }
    }

    private static void known(JsonNode object, Set<String> members, String where) {
        object.fieldNames().forEachRemaining(name -> {
            if (!members.contains(name)) {
                throw Faults.unknown(where + "." + name);
            }
        });
    }

    private static String text(JsonNode object, String name, String where) {
        return optionalText(object, name, where).orElseThrow(() -> Faults.missing(where + "." + name));
    }

    private static Optional<String> optionalText(JsonNode object, String name, String where) {
        if (!object.hasNonNull(name)) {
            return Optional.empty();
        }
        if (!object.get(name).isTextual()) {
            throw Faults.type(where + "." + name, "a string", object.get(name));
        }
        return Optional.of(object.get(name).textValue());
    }
}
