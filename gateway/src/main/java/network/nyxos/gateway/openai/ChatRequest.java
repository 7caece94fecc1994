package network.nyxos.gateway.openai;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.route.Preferences;

/// A chat completion that was asked for, checked and in our own terms.
///
/// @param model        the model's name
/// @param prompt       what the model is asked
/// @param tier         how far the work is to be checked
/// @param maxOutput    the most output tokens of each choice, when the client said so
/// @param choices      how many replies are wanted, 1 to {@value network.nyxos.escrow.job.ReplyChoice#MAX}
/// @param sampler      how tokens are drawn
/// @param seed         when the client gave one
/// @param preferences  which nodes are to do it
/// @param stop         strings that end a reply, at most 4
/// @param format       what form each reply is held to; empty: any
/// @param stream       answer as server-sent events
/// @param includeUsage end the stream with a chunk of its own for the usage
/// @param written      how the reply is written
/// @param topLogprobs  how many of the likeliest tokens are told with each, 0 to 20; empty: no probabilities are
public record ChatRequest(String model, Prompt prompt, Tier tier, OptionalInt maxOutput, int choices, Sampler sampler, OptionalLong seed, Preferences preferences,
                          List<String> stop, Optional<Format> format, boolean stream, boolean includeUsage, Replies.Form written,
                          OptionalInt topLogprobs) implements InferenceRequest {
    /// Copies the list.
    public ChatRequest {
        stop = List.copyOf(stop);
    }

    @Override
    public String description() {
        return "Chat completion";
    }

    /// Says what was asked for without showing it.
    @Override
    public String toString() {
        return "chat of " + prompt + " for " + model + " (" + tier.wireName() + ", " + sampler + ")";
    }
}
