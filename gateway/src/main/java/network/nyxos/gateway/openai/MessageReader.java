package network.nyxos.gateway.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.nyxos.escrow.format.Format;

/// Reads the messages of one chat. Calls of tools and their results become text as the model writes and reads it: `<tool_call>[{"name":…,"arguments":…}]</tool_call>`
/// and `<tool_response>{"name":…,"content":…}</tool_response>`.
final class MessageReader {
    /// The most messages of a request.
    static final int MAX_MESSAGES = 256;

    private static final String RESULT_OPEN = "<tool_response>";
    private static final String RESULT_CLOSE = "</tool_response>";
    // What OpenAI's own replies have in a message beside role and content, and what clients therefore send back.
    private static final Set<String> NEUTRAL = Set.of("refusal", "function_call", "audio", "annotations", "name");
    private static final Set<String> CALL_MEMBERS = Set.of("id", "type", "function", "index");

    private final ObjectMapper json;
    // Which tool a call of an earlier message was of.
    private final Map<String, String> called = new HashMap<>();

    /// @param json reads the arguments of calls
    MessageReader(ObjectMapper json) {
        this.json = json;
    }

    /// Reads them.
    ///
    /// @throws ApiException 400 with the member that is wrong
    List<Message> read(JsonNode root) {
        JsonNode list = root.path("messages");
        if (list.isMissingNode() || list.isNull()) {
            throw Faults.missing("messages");
        }
        if (!list.isArray()) {
            throw Faults.type("messages", "an array of objects", list);
        }
        if (list.isEmpty()) {
            throw Faults.emptyArray("messages");
        }
        if (list.size() > MAX_MESSAGES) {
            throw Faults.longArray("messages", MAX_MESSAGES, list.size());
        }
        var messages = new ArrayList<Message>(list.size());
        for (int i = 0; i < list.size(); i++) {
            messages.add(message(list.get(i), "messages[" + i + "]"));
        }
        return messages;
    }

    private Message message(JsonNode message, String where) {
        if (!message.isObject()) {
            throw Faults.type(where, "an object", message);
        }
        if (!message.hasNonNull("role")) {
            throw Faults.missing(where + ".role");
        }
        String role = switch (message.get("role").asText()) {
            case "system", "developer" -> "system";
            case "user" -> "user";
            case "assistant" -> "assistant";
            case "tool" -> "tool";
            case "function" -> throw Faults.unsupportedValue(where + ".role", "results of functions come as messages of the role 'tool'.");
            default -> throw Faults.value(where + ".role", "'system', 'developer', 'user', 'assistant' and 'tool'");
        };
        message.fieldNames().forEachRemaining(name -> member(message.get(name), role, name, where + "." + name));
        JsonNode calls = message.path("tool_calls");
        if (role.equals("assistant") && !nothing(calls)) {
            String said = message.hasNonNull("content") ? content(message.get("content"), where + ".content") : "";
            return new Message(role, (said.isEmpty() ? "" : said + "\n") + calls(calls, where + ".tool_calls"));
        }
        if (!message.hasNonNull("content")) {
            throw Faults.missing(where + ".content");
        }
        String content = content(message.get("content"), where + ".content");
        return new Message(role, role.equals("tool") ? result(message, content, where) : content);
    }

    private static void member(JsonNode value, String role, String name, String where) {
        boolean known = switch (role) {
            // What OpenAI's SDK has read out of the content of a reply comes back with it.
            case "assistant" -> Set.of("role", "content", "tool_calls", "parsed").contains(name);
            case "tool" -> Set.of("role", "content", "tool_call_id").contains(name);
            default -> Set.of("role", "content").contains(name);
        };
        if (known) {
            return;
        }
        if (!NEUTRAL.contains(name) && !name.equals("tool_calls")) {
            throw Faults.unknown(where);
        }
        if (!nothing(value) && !name.equals("annotations")) {
            throw Faults.unsupported(where, "the models here read role, content and calls of tools of a message and nothing else; say it in the content.");
        }
    }

    private static boolean nothing(JsonNode value) {
        return value.isMissingNode() || value.isNull() || (value.isArray() || value.isObject()) && value.isEmpty();
    }

    private String calls(JsonNode list, String where) {
        if (!list.isArray()) {
            throw Faults.type(where, "an array of objects", list);
        }
        ArrayNode calls = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < list.size(); i++) {
            JsonNode call = list.get(i);
            String at = where + "[" + i + "]";
            if (!call.isObject()) {
                throw Faults.type(at, "an object", call);
            }
            call.fieldNames().forEachRemaining(name -> {
                if (!CALL_MEMBERS.contains(name)) {
                    throw Faults.unknown(at + "." + name);
                }
            });
            String name = text(call.path("function"), "name", at + ".function");
            called.put(text(call, "id", at), name);
            calls.addObject().put("name", name).set("arguments", arguments(text(call.path("function"), "arguments", at + ".function")));
        }
        return Format.CALLS_OPEN + calls + Format.CALLS_CLOSE;
    }

    /// A call's arguments as JSON; as they stand where they are none: a reply may have been cut off in them.
    private JsonNode arguments(String text) {
        try {
            JsonNode arguments = json.readTree(text);
            return arguments.isObject() ? arguments : TextNode.valueOf(text);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }

    private String result(JsonNode message, String content, String where) {
        String id = text(message, "tool_call_id", where);
        if (!called.containsKey(id)) {
            throw ApiException.badRequest("invalid_value", where + ".tool_call_id", "'" + where + ".tool_call_id' is of no call in a message of the assistant before it");
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("name", called.get(id)).put("content", content);
        return RESULT_OPEN + result + RESULT_CLOSE;
    }

    private static String text(JsonNode object, String name, String where) {
        if (!object.hasNonNull(name)) {
            throw Faults.missing(where + "." + name);
        }
        if (!object.get(name).isTextual()) {
            throw Faults.type(where + "." + name, "a string", object.get(name));
        }
        return object.get(name).textValue();
    }

    private static String content(JsonNode content, String where) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            throw Faults.type(where, "a string or an array of objects", content);
        }
        if (content.isEmpty()) {
            throw Faults.emptyArray(where);
        }
        var text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            JsonNode part = content.get(i);
            String at = where + "[" + i + "]";
            if (!part.path("type").asText().equals("text")) {
                throw ApiException.badRequest("unsupported_content", at + ".type", "Unsupported content: '" + at + "': the models here read text; send parts of type 'text' alone.");
            }
            if (!part.path("text").isTextual()) {
                throw Faults.type(at + ".text", "a string", part.path("text"));
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }
}
