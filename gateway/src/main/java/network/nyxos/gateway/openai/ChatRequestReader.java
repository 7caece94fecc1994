package network.nyxos.gateway.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.gateway.payment.Json;
import software.sava.core.accounts.PublicKey;

/// Reads the body of `POST /v1/chat/completions`. What would change the result and is not supported is refused by name; what only labels a request
/// (`user`, `metadata`, …) is accepted and forgotten, as OpenAI's other servers do.
public final class ChatRequestReader {
    /// The most messages of a request.
    public static final int MAX_MESSAGES = 256;
    /// The most stop strings, as at OpenAI.
    public static final int MAX_STOPS = 4;
    /// The longest stop string in characters.
    public static final int MAX_STOP_LENGTH = 64;

    private static final Set<String> READ = Set.of("model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "seed", "stop", "stream",
        "stream_options", "peer_tier", "sealed");
    private static final Set<String> SEALED = Set.of("node", "key", "encapsulation", "ciphertext");
    private static final Set<String> LABELS = Set.of("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key",
        "prompt_cache_retention", "parallel_tool_calls", "reasoning_effort", "verbosity");
    /// Parameters that are fine as long as they ask for what happens anyway.
    private static final Set<String> NEUTRAL_ONLY = Set.of("n", "tools", "functions", "tool_choice", "function_call", "response_format", "logprobs", "top_logprobs",
        "logit_bias", "presence_penalty", "frequency_penalty", "modalities", "audio", "prediction", "web_search_options");
    /// Parameters of completions alone, and what they are when they change nothing.
    private static final Map<String, String> COMPLETIONS_NEUTRAL = Map.of("echo", "false", "best_of", "1", "suffix", "", "logprobs", "");
    private static final int COMPLETION_TOKENS = 16;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private final ObjectMapper json = new ObjectMapper(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).build()).build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /// Reads and checks.
    ///
    /// @param body as sent
    /// @throws ApiException 400 with the member that is wrong
    public ChatRequest read(byte[] body) {
        return read(parse(body));
    }

    /// Reads and checks the body of `POST /v1/completions`: its prompt is the one message of a user, since nodes run models that were made for chats. What else
    /// it has means the same; without `max_tokens` it is 16, as at OpenAI.
    ///
    /// @param body as sent
    /// @throws ApiException 400 with the member that is wrong
    public ChatRequest readCompletion(byte[] body) {
        ObjectNode root = (ObjectNode) parse(body);
        for (String foreign : List.of("messages", "sealed", "max_completion_tokens")) {
            if (root.has(foreign)) {
                throw ApiException.badRequest("unknown_parameter", foreign, "unknown parameter '" + foreign + "'; it belongs to /v1/chat/completions");
            }
        }
        JsonNode prompt = root.path("prompt");
        if (prompt.isArray() && prompt.size() == 1) {
            prompt = prompt.get(0);
        }
        if (!prompt.isTextual()) {
            throw ApiException.badRequest(root.has("prompt") ? "unsupported_value" : "missing_parameter", "prompt", "'prompt' must be a string, or a list of one");
        }
        COMPLETIONS_NEUTRAL.forEach((name, neutral) -> {
            if (root.hasNonNull(name) && !root.get(name).asText().equals(neutral)) {
                throw ApiException.badRequest("unsupported_parameter", name, "'" + name + "' is not supported with this value; leave it out");
            }
            root.remove(name);
        });
        root.remove("prompt");
        root.putArray("messages").addObject().put("role", "user").put("content", prompt.textValue());
        if (!root.hasNonNull("max_tokens")) {
            root.put("max_tokens", COMPLETION_TOKENS);
        }
        return read(root);
    }

    private ChatRequest read(JsonNode root) {
        root.fieldNames().forEachRemaining(name -> known(name, root.get(name)));
        return new ChatRequest(text(root, "model"), prompt(root), tier(root), maxOutput(root), sampler(root), seed(root), stops(root), flag(root, "stream", "stream"),
            includeUsage(root));
    }

    private JsonNode parse(byte[] body) {
        JsonNode root;
        try {
            root = json.readTree(body);
        } catch (JsonProcessingException e) {
            // The parser's own message quotes the input; where it stopped is enough.
            throw ApiException.badRequest("invalid_json", "the body is not JSON" + (e.getLocation() == null ? ""
                : ": line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr()));
        } catch (IOException e) {
            throw ApiException.badRequest("invalid_json", "the body is not JSON in UTF-8");
        }
        if (!root.isObject()) {
            throw ApiException.badRequest("invalid_json", "the body must be a JSON object");
        }
        return root;
    }

    private static void known(String name, JsonNode value) {
        if (READ.contains(name) || LABELS.contains(name)) {
            return;
        }
        if (!NEUTRAL_ONLY.contains(name)) {
            throw ApiException.badRequest("unknown_parameter", name, "unknown parameter '" + clip(name) + "'");
        }
        if (!neutral(name, value)) {
            throw ApiException.badRequest("unsupported_parameter", name, "'" + name + "' is not supported with this value; leave it out");
        }
    }

    private static boolean neutral(String name, JsonNode value) {
        if (value.isNull() || value.isBoolean() && !value.booleanValue() || (value.isArray() || value.isObject()) && value.isEmpty()) {
            return true;
        }
        return switch (name) {
            case "n" -> value.isInt() && value.intValue() == 1;
            case "presence_penalty", "frequency_penalty", "top_logprobs" -> value.isNumber() && value.decimalValue().signum() == 0;
            case "response_format" -> value.path("type").asText().equals("text");
            case "tool_choice", "function_call" -> value.asText().equals("none") || value.asText().equals("auto");
            case "modalities" -> value.isArray() && value.size() == 1 && value.get(0).asText().equals("text");
            default -> false;
        };
    }

    private static String clip(String name) {
        return name.length() > 64 ? name.substring(0, 64) + "…" : name;
    }

    private static Prompt prompt(JsonNode root) {
        if (!root.hasNonNull("sealed")) {
            return new Prompt.Clear(messages(root));
        }
        for (String inside : List.of("messages", "stop")) {
            if (root.hasNonNull(inside)) {
                throw ApiException.badRequest("invalid_value", inside, "'" + inside + "' belongs into the sealed prompt; leave it out here");
            }
        }
        if (tier(root) != Tier.CONFIDENTIAL) {
            throw ApiException.badRequest("invalid_value", "peer_tier", "a sealed prompt needs 'peer_tier' confidential: in the other tiers others than the node read it");
        }
        if (maxOutput(root).isEmpty()) {
            throw ApiException.badRequest("missing_parameter", "max_tokens", "a sealed prompt is good for one output limit; give it as 'max_tokens'");
        }
        JsonNode sealed = root.get("sealed");
        sealed.fieldNames().forEachRemaining(name -> {
            if (!SEALED.contains(name)) {
                throw ApiException.badRequest("unknown_parameter", "sealed." + clip(name), "unknown parameter 'sealed." + clip(name) + "'");
            }
        });
        try {
            return new Prompt.Sealed(key(sealed, "node"), new SealedPrompt(key(sealed, "key"), bytes(sealed, "encapsulation"), bytes(sealed, "ciphertext")));
        } catch (ProtocolException e) {
            throw ApiException.badRequest(e.code(), "sealed", e.getMessage());
        }
    }

    private static PublicKey key(JsonNode sealed, String name) {
        return Json.key(sealed, name).orElseThrow(() -> ApiException.badRequest("invalid_value", "sealed." + name, "'sealed." + name + "' must be a key in base58"));
    }

    private static byte[] bytes(JsonNode sealed, String name) {
        try {
            return Base64.getDecoder().decode(sealed.path(name).asText());
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("invalid_value", "sealed." + name, "'sealed." + name + "' must be base64");
        }
    }

    private static List<Message> messages(JsonNode root) {
        JsonNode list = root.path("messages");
        if (!list.isArray() || list.isEmpty()) {
            throw ApiException.badRequest(root.has("messages") ? "invalid_type" : "missing_parameter", "messages", "'messages' must be a list of at least one message");
        }
        if (list.size() > MAX_MESSAGES) {
            throw ApiException.badRequest("too_many_messages", "messages", "at most " + MAX_MESSAGES + " messages are taken, these are " + list.size());
        }
        var messages = new ArrayList<Message>(list.size());
        for (int i = 0; i < list.size(); i++) {
            messages.add(message(list.get(i), "messages[" + i + "]"));
        }
        return messages;
    }

    private static Message message(JsonNode message, String where) {
        if (!message.isObject()) {
            throw ApiException.badRequest("invalid_type", where, where + " must be an object");
        }
        String role = switch (message.path("role").asText()) {
            case "system", "developer" -> "system";
            case "user" -> "user";
            case "assistant" -> "assistant";
            case "tool", "function" -> throw ApiException.badRequest("unsupported_value", where + ".role", "tool messages are not supported");
            default -> throw ApiException.badRequest("invalid_value", where + ".role", where + ".role must be system, developer, user or assistant");
        };
        if (message.hasNonNull("tool_calls") || message.hasNonNull("function_call") || message.hasNonNull("audio")) {
            throw ApiException.badRequest("unsupported_value", where, where + " holds a tool call or audio, which is not supported");
        }
        return new Message(role, content(message.path("content"), where + ".content"));
    }

    private static String content(JsonNode content, String where) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray() || content.isEmpty()) {
            throw ApiException.badRequest("invalid_type", where, where + " must be a string or a list of text parts");
        }
        var text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("type").asText().equals("text")) {
                throw ApiException.badRequest("unsupported_content", where, "only text parts are supported");
            }
            if (!part.path("text").isTextual()) {
                throw ApiException.badRequest("invalid_type", where, "a text part needs a string 'text'");
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }

    private static Tier tier(JsonNode root) {
        if (!root.hasNonNull("peer_tier")) {
            return Tier.OPEN;
        }
        try {
            return Tier.ofWireName(text(root, "peer_tier"));
        } catch (ProtocolException e) {
            throw ApiException.badRequest("invalid_value", "peer_tier", "'peer_tier' must be open, verified or confidential");
        }
    }

    private static OptionalInt maxOutput(JsonNode root) {
        boolean both = root.hasNonNull("max_tokens") && root.hasNonNull("max_completion_tokens");
        if (both && !root.get("max_tokens").equals(root.get("max_completion_tokens"))) {
            throw ApiException.badRequest("invalid_value", "max_tokens", "'max_tokens' and 'max_completion_tokens' differ; send one of them");
        }
        String name = root.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        if (!root.hasNonNull(name)) {
            return OptionalInt.empty();
        }
        JsonNode value = root.get(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw ApiException.badRequest("invalid_value", name, "'" + name + "' must be an integer of at least 1");
        }
        return OptionalInt.of(value.intValue());
    }

    private static Sampler sampler(JsonNode root) {
        int temperature = millionths(root, "temperature", "0", "2", "1");
        int topP = millionths(root, "top_p", "0", "1", "1");
        // At zero, only the likeliest token is left; the sampler says that by its smallest value.
        return new Sampler(temperature, Math.max(1, topP), 0);
    }

    private static int millionths(JsonNode root, String name, String least, String most, String missing) {
        if (!root.hasNonNull(name)) {
            return new BigDecimal(missing).multiply(MILLION).intValueExact();
        }
        JsonNode value = root.get(name);
        if (!value.isNumber() || value.decimalValue().compareTo(new BigDecimal(least)) < 0 || value.decimalValue().compareTo(new BigDecimal(most)) > 0) {
            throw ApiException.badRequest("invalid_value", name, "'" + name + "' must be a number from " + least + " to " + most);
        }
        return value.decimalValue().multiply(MILLION).setScale(0, RoundingMode.HALF_EVEN).intValueExact();
    }

    private static OptionalLong seed(JsonNode root) {
        if (!root.hasNonNull("seed")) {
            return OptionalLong.empty();
        }
        JsonNode value = root.get("seed");
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw ApiException.badRequest("invalid_value", "seed", "'seed' must be an integer of 64 bits");
        }
        return OptionalLong.of(value.longValue());
    }

    private static List<String> stops(JsonNode root) {
        JsonNode value = root.path("stop");
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        var stops = new ArrayList<String>();
        if (value.isArray()) {
            value.forEach(each -> stops.add(stop(each)));
        } else {
            stops.add(stop(value));
        }
        if (stops.size() > MAX_STOPS) {
            throw ApiException.badRequest("invalid_value", "stop", "at most " + MAX_STOPS + " stop strings are taken");
        }
        return stops;
    }

    private static String stop(JsonNode value) {
        if (!value.isTextual() || value.textValue().isEmpty() || value.textValue().length() > MAX_STOP_LENGTH) {
            throw ApiException.badRequest("invalid_value", "stop", "'stop' must be a string of 1 to " + MAX_STOP_LENGTH + " characters or a list of such");
        }
        return value.textValue();
    }

    private static boolean includeUsage(JsonNode root) {
        JsonNode options = root.path("stream_options");
        if (options.isMissingNode() || options.isNull()) {
            return false;
        }
        if (!root.path("stream").asBoolean(false)) {
            throw ApiException.badRequest("invalid_value", "stream_options", "'stream_options' is only allowed when 'stream' is true");
        }
        return flag(options, "include_usage", "stream_options.include_usage");
    }

    private static boolean flag(JsonNode object, String name, String where) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw ApiException.badRequest("invalid_type", where, "'" + where + "' must be true or false");
        }
        return value.booleanValue();
    }

    private static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw ApiException.badRequest(object.has(name) ? "invalid_type" : "missing_parameter", name, "'" + name + "' must be a string");
        }
        return value.textValue();
    }
}
