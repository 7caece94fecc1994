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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.gateway.payment.Json;
import software.sava.core.accounts.PublicKey;

/// Reads the body of `POST /v1/chat/completions`. What would change the result and cannot be honoured is refused by name and with the reason ({@link Parameters});
/// what only labels a request (`user`, `metadata`, …) is accepted and forgotten.
public final class ChatRequestReader {
    /// The most messages of a request.
    public static final int MAX_MESSAGES = MessageReader.MAX_MESSAGES;
    /// The most stop strings, as at OpenAI.
    public static final int MAX_STOPS = 4;
    /// The longest stop string in characters.
    public static final int MAX_STOP_LENGTH = 64;

    private static final String TIERS = "'open', 'verified' and 'confidential'";
    private static final Set<String> SEALED = Set.of("node", "key", "encapsulation", "ciphertext");
    // Two levels for each of a schema's own, and what is around it.
    private static final int MAX_NESTING = 80;
    private static final int COMPLETION_TOKENS = 16;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal HALF_MILLIONTH = new BigDecimal("0.0000005");

    private final ObjectMapper json = new ObjectMapper(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build()).build())
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
        for (String foreign : List.of("messages", "sealed", "max_completion_tokens", "response_format", "tools", "tool_choice", "parallel_tool_calls")) {
            if (root.has(foreign)) {
                throw Faults.unknown(foreign);
            }
        }
        JsonNode prompt = root.path("prompt");
        if (prompt.isMissingNode() || prompt.isNull()) {
            throw Faults.missing("prompt");
        }
        if (prompt.isArray() && prompt.size() == 1) {
            prompt = prompt.get(0);
        }
        if (!prompt.isTextual()) {
            throw Faults.unsupportedValue("prompt", "a payment buys one completion of one text; send a string, or a list of one.");
        }
        for (String name : Parameters.ofCompletions()) {
            if (root.has(name)) {
                Parameters.checkOfCompletions(name, root.remove(name));
            }
        }
        root.remove("prompt");
        root.putArray("messages").addObject().put("role", "user").put("content", prompt.textValue());
        if (!root.hasNonNull("max_tokens")) {
            root.put("max_tokens", COMPLETION_TOKENS);
        }
        return read(root);
    }

    private ChatRequest read(JsonNode root) {
        root.fieldNames().forEachRemaining(name -> Parameters.check(name, root.get(name)));
        ModelName model = ModelName.of(text(root, "model"));
        Tier tier = tier(root, model);
        Optional<FormReader.Form> form = FormReader.read(root);
        return new ChatRequest(model.name(), prompt(root, tier, form.map(FormReader.Form::instruction)), tier, maxOutput(root), sampler(root), seed(root), ProviderReader.read(root),
            stops(root), form.map(FormReader.Form::format), flag(root, "stream", "stream"), includeUsage(root));
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

    /// @param instruction what is told to the model of the form that its reply has
    private Prompt prompt(JsonNode root, Tier tier, Optional<String> instruction) {
        if (!root.hasNonNull("sealed")) {
            List<Message> messages = new MessageReader(json).read(root);
            return new Prompt.Clear(instruction.map(text -> instructed(messages, text)).orElse(messages));
        }
        for (String inside : List.of("messages", "stop")) {
            if (root.hasNonNull(inside)) {
                throw ApiException.badRequest("invalid_value", inside, "'" + inside + "' belongs into the sealed prompt; leave it out here");
            }
        }
        if (tier != Tier.CONFIDENTIAL) {
            throw ApiException.badRequest("invalid_value", "peer_tier", "a sealed prompt needs 'peer_tier' confidential: in the other tiers others than the node read it");
        }
        if (maxOutput(root).isEmpty()) {
            throw ApiException.badRequest("missing_required_parameter", "max_tokens", "a sealed prompt is good for one output limit; give it as 'max_tokens'");
        }
        JsonNode sealed = root.get("sealed");
        sealed.fieldNames().forEachRemaining(name -> {
            if (!SEALED.contains(name)) {
                throw Faults.unknown("sealed." + name);
            }
        });
        try {
            return new Prompt.Sealed(key(sealed, "node"), new SealedPrompt(key(sealed, "key"), bytes(sealed, "encapsulation"), bytes(sealed, "ciphertext")));
        } catch (ProtocolException e) {
            throw ApiException.badRequest(e.code(), "sealed", e.getMessage());
        }
    }

    /// With an instruction behind what the system's first message says, or as such a message.
    private static List<Message> instructed(List<Message> messages, String instruction) {
        var all = new ArrayList<>(messages);
        if (messages.getFirst().role().equals("system")) {
            all.set(0, new Message("system", messages.getFirst().content() + "\n\n" + instruction));
        } else {
            all.addFirst(new Message("system", instruction));
        }
        return all;
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

    private static Tier tier(JsonNode root, ModelName model) {
        if (!root.hasNonNull("peer_tier")) {
            return model.tier().orElse(Tier.OPEN);
        }
        Tier tier;
        try {
            tier = Tier.ofWireName(text(root, "peer_tier"));
        } catch (ProtocolException e) {
            throw Faults.value("peer_tier", TIERS);
        }
        if (model.tier().isPresent() && model.tier().get() != tier) {
            throw ApiException.badRequest("invalid_value", "peer_tier", "'peer_tier' and the tier behind the model's name differ; send one of them");
        }
        return tier;
    }

    private static OptionalInt maxOutput(JsonNode root) {
        boolean both = root.hasNonNull("max_tokens") && root.hasNonNull("max_completion_tokens");
        if (both && !root.get("max_tokens").equals(root.get("max_completion_tokens"))) {
            throw ApiException.badRequest("invalid_value", "max_tokens", "'max_tokens' and 'max_completion_tokens' differ; send one of them");
        }
        return integer(root, root.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : "max_tokens", 1);
    }

    /// A whole number of 31 bits.
    private static OptionalInt integer(JsonNode root, String name, int least) {
        if (!root.hasNonNull(name)) {
            return OptionalInt.empty();
        }
        JsonNode value = root.get(name);
        if (!value.isIntegralNumber()) {
            throw Faults.type(name, "an integer", value);
        }
        if (value.decimalValue().compareTo(BigDecimal.valueOf(least)) < 0) {
            throw Faults.below(name, "integer", Integer.toString(least), value.decimalValue());
        }
        if (!value.canConvertToInt()) {
            throw Faults.above(name, "integer", Integer.toString(Integer.MAX_VALUE), value.decimalValue());
        }
        return OptionalInt.of(value.intValue());
    }

    private static Sampler sampler(JsonNode root) {
        int temperature = millionths(root, "temperature", "2");
        int topP = millionths(root, "top_p", "1");
        // At zero, only the likeliest token is left; the sampler says that by its smallest value.
        return new Sampler(temperature, Math.max(1, topP), integer(root, "top_k", 0).orElse(0));
    }

    /// A number from 0, in millionths; 1 where it is not there.
    private static int millionths(JsonNode root, String name, String most) {
        if (!root.hasNonNull(name)) {
            return MILLION.intValueExact();
        }
        JsonNode value = root.get(name);
        if (!value.isNumber()) {
            throw Faults.type(name, "a decimal", value);
        }
        BigDecimal number = value.decimalValue();
        if (number.signum() < 0) {
            throw Faults.below(name, "decimal", "0", number);
        }
        if (number.compareTo(new BigDecimal(most)) > 0) {
            throw Faults.above(name, "decimal", most, number);
        }
        // A number may have an exponent of nine digits; such a small one is never written out.
        return number.compareTo(HALF_MILLIONTH) < 0 ? 0 : number.multiply(MILLION).setScale(0, RoundingMode.HALF_EVEN).intValueExact();
    }

    private static OptionalLong seed(JsonNode root) {
        if (!root.hasNonNull("seed")) {
            return OptionalLong.empty();
        }
        JsonNode value = root.get("seed");
        if (!value.isIntegralNumber()) {
            throw Faults.type("seed", "an integer", value);
        }
        if (!value.canConvertToLong()) {
            throw value.decimalValue().signum() < 0 ? Faults.below("seed", "integer", Long.toString(Long.MIN_VALUE), value.decimalValue())
                : Faults.above("seed", "integer", Long.toString(Long.MAX_VALUE), value.decimalValue());
        }
        return OptionalLong.of(value.longValue());
    }

    private static List<String> stops(JsonNode root) {
        JsonNode value = root.path("stop");
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            return List.of(stop(value, "stop"));
        }
        if (value.size() > MAX_STOPS) {
            throw Faults.longArray("stop", MAX_STOPS, value.size());
        }
        var stops = new ArrayList<String>();
        for (int i = 0; i < value.size(); i++) {
            stops.add(stop(value.get(i), "stop[" + i + "]"));
        }
        return stops;
    }

    private static String stop(JsonNode value, String where) {
        if (!value.isTextual()) {
            throw Faults.type(where, "a string", value);
        }
        if (value.textValue().isEmpty()) {
            throw Faults.emptyString(where);
        }
        if (value.textValue().length() > MAX_STOP_LENGTH) {
            throw Faults.longString(where, MAX_STOP_LENGTH, value.textValue().length());
        }
        return value.textValue();
    }

    private static boolean includeUsage(JsonNode root) {
        JsonNode options = root.path("stream_options");
        if (options.isMissingNode() || options.isNull()) {
            return false;
        }
        if (!options.isObject()) {
            throw Faults.type("stream_options", "an object", options);
        }
        if (!root.path("stream").asBoolean(false)) {
            throw ApiException.badRequest("invalid_value", "stream_options", "'stream_options' is only allowed when 'stream' is true");
        }
        options.fieldNames().forEachRemaining(name -> {
            if (!name.equals("include_usage") && !name.equals("include_obfuscation")) {
                throw Faults.unknown("stream_options." + name);
            }
        });
        if (flag(options, "include_obfuscation", "stream_options.include_obfuscation")) {
            throw Faults.unsupported("stream_options.include_obfuscation", "chunks are sent as they are; send false, or leave it out.");
        }
        return flag(options, "include_usage", "stream_options.include_usage");
    }

    private static boolean flag(JsonNode object, String name, String where) {
        return flag(object, name, where, false);
    }

    /// A yes or no, and what it is when it is not there.
    static boolean flag(JsonNode object, String name, String where, boolean otherwise) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw Faults.type(where, "a boolean", value);
        }
        return value.booleanValue();
    }

    private static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            throw Faults.missing(name);
        }
        if (!value.isTextual()) {
            throw Faults.type(name, "a string", value);
        }
        if (value.textValue().isBlank()) {
            throw Faults.emptyString(name);
        }
        return value.textValue();
    }
}
