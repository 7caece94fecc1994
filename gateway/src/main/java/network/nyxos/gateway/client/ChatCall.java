package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealedPrompt;
import software.sava.core.accounts.PublicKey;

/// A chat to be completed.
///
/// @param model       the model's name
/// @param turns       the conversation so far, at least one
/// @param maxTokens   the most output tokens of each choice, 1 or more; what is paid for depends on it
/// @param choices     how many replies are wanted, 1 to {@value network.nyxos.escrow.job.ReplyChoice#MAX}; what is paid for depends on it
/// @param tier        how far the work is checked
/// @param temperature 0 to 2; empty: 1
/// @param seed        for repeatable replies
public record ChatCall(String model, List<Turn> turns, int maxTokens, int choices, Tier tier, OptionalDouble temperature, OptionalLong seed) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// One message.
    ///
    /// @param role `system`, `user` or `assistant`
    public record Turn(String role, String content) {
    }

    /// Copies the list.
    public ChatCall {
        turns = List.copyOf(turns);
    }

    /// Of one choice.
    public ChatCall(String model, List<Turn> turns, int maxTokens, Tier tier, OptionalDouble temperature, OptionalLong seed) {
        this(model, turns, maxTokens, 1, tier, temperature, seed);
    }

    /// One user message, tier open.
    public static ChatCall of(String model, String prompt, int maxTokens) {
        return new ChatCall(model, List.of(new Turn("user", prompt)), maxTokens, Tier.OPEN, OptionalDouble.empty(), OptionalLong.empty());
    }

    /// This with another tier.
    public ChatCall withTier(Tier other) {
        return new ChatCall(model, turns, maxTokens, choices, other, temperature, seed);
    }

    /// This with the likeliest reply, which is the same every time.
    public ChatCall greedy() {
        return new ChatCall(model, turns, maxTokens, choices, tier, OptionalDouble.of(0), seed);
    }

    /// This with so many choices.
    public ChatCall withChoices(int count) {
        return new ChatCall(model, turns, maxTokens, count, tier, temperature, seed);
    }

    /// The most output tokens of all choices together.
    long maxTokensOfAll() {
        return Math.multiplyFull(choices, maxTokens);
    }

    /// This with a message more at the end.
    public ChatCall with(String role, String content) {
        var more = new ArrayList<>(turns);
        more.add(new Turn(role, content));
        return new ChatCall(model, more, maxTokens, choices, tier, temperature, seed);
    }

    /// How tokens are drawn, as a gateway reads it from the body.
    ///
    /// @throws network.nyxos.escrow.ProtocolException `sampler_range`
    Sampler sampler() {
        BigDecimal drawn = temperature.isPresent() ? BigDecimal.valueOf(temperature.getAsDouble()) : BigDecimal.ONE;
        return new Sampler(drawn.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).intValue(), 1_000_000, 0);
    }

    /// The body of a request in the clear.
    byte[] body(boolean stream) {
        ObjectNode root = root(stream);
        var messages = root.putArray("messages");
        turns.forEach(turn -> messages.addObject().put("role", turn.role).put("content", turn.content));
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The body of a request whose prompt only a node can read.
    byte[] body(boolean stream, PublicKey node, SealedPrompt prompt) {
        ObjectNode root = root(stream);
        root.putObject("sealed").put("node", node.toBase58()).put("key", prompt.sealingKey().toBase58())
            .put("encapsulation", Base64.getEncoder().encodeToString(prompt.encapsulation())).put("ciphertext", Base64.getEncoder().encodeToString(prompt.ciphertext()));
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode root(boolean stream) {
        ObjectNode root = JSON.createObjectNode().put("model", model).put("max_tokens", maxTokens).put("peer_tier", tier.wireName()).put("stream", stream);
        temperature.ifPresent(value -> root.put("temperature", value));
        seed.ifPresent(value -> root.put("seed", value));
        if (choices != 1) {
            root.put("n", choices);
        }
        return root;
    }

    /// Shows no content.
    @Override
    public String toString() {
        return "chat of " + turns.size() + " messages for " + model + ", at most " + maxTokens + " tokens, tier " + tier.wireName();
    }
}
