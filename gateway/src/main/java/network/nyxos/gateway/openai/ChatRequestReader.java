package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenLogprob;
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

    private static final Set<String> SEALED = Set.of("node", "key", "encapsulation", "ciphertext");
    private static final int COMPLETION_TOKENS = 16;
    // Of completions of the old form, as at OpenAI.
    private static final int MAX_LOGPROBS = 5;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal HALF_MILLIONTH = new BigDecimal("0.0000005");

    /// Reads and checks.
    ///
    /// @param body as sent
    /// @throws ApiException 400 with the member that is wrong
    public ChatRequest read(byte[] body) {
        return read(Body.parse(body), Replies.Form.CHAT);
    }

    /// Reads and checks the body of `POST /v1/completions`: its prompt is the one message of a user, since nodes run models that were made for chats. What else
    /// it has means the same; without `max_tokens` it is 16, as at OpenAI.
    ///
    /// @param body as sent
    /// @throws ApiException 400 with the member that is wrong
    public ChatRequest readCompletion(byte[] body) {
        ObjectNode root = (ObjectNode) Body.parse(body);
        for (String foreign : List.of("messages", "sealed", "max_completion_tokens", "response_format", "tools", "tool_choice", "parallel_tool_calls", "top_logprobs")) {
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
        OptionalInt probable = Body.integer(root, "logprobs", 0);
        root.remove("logprobs");
        if (probable.isPresent()) {
            root.put("logprobs", true).put("top_logprobs", atMost("logprobs", probable.getAsInt(), MAX_LOGPROBS));
        }
        for (String name : Parameters.ofCompletions()) {
            if (root.has(name)) {
                Parameters.checkOfCompletions(name, root.remove(name), root.path("n").asText("1"));
            }
        }
        root.remove("prompt");
        root.putArray("messages").addObject().put("role", "user").put("content", prompt.textValue());
        if (!root.hasNonNull("max_tokens")) {
            root.put("max_tokens", COMPLETION_TOKENS);
        }
        return read(root, Replies.Form.TEXT);
    }

    private ChatRequest read(JsonNode root, Replies.Form written) {
        root.fieldNames().forEachRemaining(name -> Parameters.check(name, root.get(name)));
        ModelName model = ModelName.of(Body.text(root, "model"));
        Tier tier = Body.tier(root, model);
        Optional<FormReader.Form> form = FormReader.read(root);
        return new ChatRequest(model.name(), prompt(root, tier, form.map(FormReader.Form::instruction)), tier, maxOutput(root), choices(root, tier), sampler(root), seed(root), ProviderReader.read(root),
            stops(root), form.map(FormReader.Form::format), flag(root, "stream", "stream"), includeUsage(root), written, topLogprobs(root, form));
    }

    /// @param instruction what is told to the model of the form that its reply has
    private Prompt prompt(JsonNode root, Tier tier, Optional<String> instruction) {
        if (!root.hasNonNull("sealed")) {
            List<Message> messages = new MessageReader(Body.JSON).read(root);
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

    private static OptionalInt maxOutput(JsonNode root) {
        boolean both = root.hasNonNull("max_tokens") && root.hasNonNull("max_completion_tokens");
        if (both && !root.get("max_tokens").equals(root.get("max_completion_tokens"))) {
            throw ApiException.badRequest("invalid_value", "max_tokens", "'max_tokens' and 'max_completion_tokens' differ; send one of them");
        }
        return Body.integer(root, root.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : "max_tokens", 1);
    }

    private static Sampler sampler(JsonNode root) {
        int temperature = millionths(root, "temperature", "2");
        int topP = millionths(root, "top_p", "1");
        // At zero, only the likeliest token is left; the sampler says that by its smallest value.
        return new Sampler(temperature, Math.max(1, topP), Body.integer(root, "top_k", 0).orElse(0));
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

    /// How many replies are wanted.
    private static int choices(JsonNode root, Tier tier) {
        int choices = atMost("n", Body.integer(root, "n", 1).orElse(1), ReplyChoice.MAX);
        if (choices > 1 && tier == Tier.VERIFIED) {
            throw Faults.unsupported("n", "a reply of the tier 'verified' is replayed as one sequence; ask as often as you want choices, each time with another seed.");
        }
        if (choices > 1 && root.hasNonNull("sealed")) {
            throw Faults.unsupported("n", "a sealed prompt has one reply; seal and ask as often as you want choices.");
        }
        return choices;
    }

    /// How many of the likeliest tokens are told with each.
    private static OptionalInt topLogprobs(JsonNode root, Optional<FormReader.Form> form) {
        OptionalInt top = Body.integer(root, "top_logprobs", 0);
        top.ifPresent(count -> atMost("top_logprobs", count, TokenLogprob.MAX_TOP));
        if (!flag(root, "logprobs", "logprobs")) {
            if (top.orElse(0) > 0) {
                throw ApiException.badRequest("invalid_value", "top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true");
            }
            return OptionalInt.empty();
        }
        if (root.hasNonNull("sealed")) {
            throw Faults.unsupported("logprobs", "the tokens of a sealed reply would show in the clear; leave it out.");
        }
        if (form.map(FormReader.Form::format).filter(Format.Calls.class::isInstance).isPresent()) {
            throw Faults.unsupported("logprobs", "tokens of calls are no part of a reply's text; leave it out, or the tools.");
        }
        return OptionalInt.of(top.orElse(0));
    }

    private static int atMost(String name, int count, int most) {
        if (count > most) {
            throw Faults.above(name, "integer", Integer.toString(most), BigDecimal.valueOf(count));
        }
        return count;
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
        return Body.flag(object, name, where, false);
    }
}
