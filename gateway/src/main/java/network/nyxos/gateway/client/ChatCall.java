package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import network.nyxos.escrow.job.Tier;

/// A chat to be completed.
///
/// @param model       the model's name
/// @param turns       the conversation so far, at least one
/// @param maxTokens   the most output tokens, 1 or more; what is paid for depends on it
/// @param tier        how far the work is checked
/// @param temperature 0 to 2; empty: 1
/// @param seed        for repeatable replies
public record ChatCall(String model, List<Turn> turns, int maxTokens, Tier tier, OptionalDouble temperature, OptionalLong seed) {
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

    /// One user message, tier open.
    public static ChatCall of(String model, String prompt, int maxTokens) {
        return new ChatCall(model, List.of(new Turn("user", prompt)), maxTokens, Tier.OPEN, OptionalDouble.empty(), OptionalLong.empty());
    }

    /// This with another tier.
    public ChatCall withTier(Tier other) {
        return new ChatCall(model, turns, maxTokens, other, temperature, seed);
    }

    /// This with the likeliest reply, which is the same every time.
    public ChatCall greedy() {
        return new ChatCall(model, turns, maxTokens, tier, OptionalDouble.of(0), seed);
    }

    /// This with a message more at the end.
    public ChatCall with(String role, String content) {
        var more = new ArrayList<>(turns);
        more.add(new Turn(role, content));
        return new ChatCall(model, more, maxTokens, tier, temperature, seed);
    }

    /// The contents of all messages.
    List<String> contents() {
        return turns.stream().map(Turn::content).toList();
    }

    /// The request's body.
    byte[] body(boolean stream) {
        ObjectNode root = JSON.createObjectNode().put("model", model).put("max_tokens", maxTokens).put("peer_tier", tier.wireName()).put("stream", stream);
        var messages = root.putArray("messages");
        turns.forEach(turn -> messages.addObject().put("role", turn.role).put("content", turn.content));
        temperature.ifPresent(value -> root.put("temperature", value));
        seed.ifPresent(value -> root.put("seed", value));
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Shows no content.
    @Override
    public String toString() {
        return "chat of " + turns.size() + " messages for " + model + ", at most " + maxTokens + " tokens, tier " + tier.wireName();
    }
}
