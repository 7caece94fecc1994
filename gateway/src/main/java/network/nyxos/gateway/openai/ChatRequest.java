package network.nyxos.gateway.openai;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;

/// A chat completion that was asked for, checked and in our own terms.
///
/// @param model        the model's name
/// @param messages     1 to 256
/// @param tier         how far the work is to be checked
/// @param maxOutput    the most output tokens, when the client said so
/// @param sampler      how tokens are drawn
/// @param seed         when the client gave one
/// @param stop         strings that end the output, at most 4
/// @param stream       answer as server-sent events
/// @param includeUsage end the stream with a chunk of its own for the usage
public record ChatRequest(String model, List<Message> messages, Tier tier, OptionalInt maxOutput, Sampler sampler, OptionalLong seed, List<String> stop,
                          boolean stream, boolean includeUsage) {
    /// Copies the lists.
    public ChatRequest {
        messages = List.copyOf(messages);
        stop = List.copyOf(stop);
    }

    /// The contents of all messages, which is what the price's ceiling is made of.
    public List<String> contents() {
        return messages.stream().map(Message::content).toList();
    }

    /// Says what was asked for without showing it.
    @Override
    public String toString() {
        return "chat of " + messages.size() + " messages for " + model + " (" + tier.wireName() + ", " + sampler + ")";
    }
}
