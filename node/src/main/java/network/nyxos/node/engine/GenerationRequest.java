package network.nyxos.node.engine;

import java.util.List;
import java.util.OptionalInt;
import network.nyxos.escrow.job.TokenLogprob;

/**
 * A chat to be continued.
 *
 * @param messages  the chat so far, at least one message
 * @param sampling  how tokens are chosen
 * @param seed      the sampler's seed; any value
 * @param maxTokens most output tokens, at least 1
 * @param stop      texts that end the reply where they appear (they are not part of it); at most 16, none empty
 * @param format    the form of the reply, {@link network.nyxos.escrow.format.Format#text}; empty: any
 * @param topLogprobs how many of the likeliest tokens are told with each, 0 to 20; empty: no probabilities are. It changes nothing of the reply
 */
public record GenerationRequest(List<ChatMessage> messages, Sampling sampling, long seed, int maxTokens, List<String> stop, String format, OptionalInt topLogprobs) {
    public GenerationRequest {
        messages = List.copyOf(messages);
        stop = List.copyOf(stop);
        if (messages.isEmpty()) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "messages must not be empty");
        }
        requireOutput(maxTokens, stop);
        if (topLogprobs.isPresent() && (topLogprobs.getAsInt() < 0 || topLogprobs.getAsInt() > TokenLogprob.MAX_TOP)) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "top_logprobs must be 0 to " + TokenLogprob.MAX_TOP + ", is " + topLogprobs.getAsInt());
        }
    }

    /** Without probabilities. */
    public GenerationRequest(List<ChatMessage> messages, Sampling sampling, long seed, int maxTokens, List<String> stop, String format) {
        this(messages, sampling, seed, maxTokens, stop, format, OptionalInt.empty());
    }

    /** Of a reply in any form. */
    public GenerationRequest(List<ChatMessage> messages, Sampling sampling, long seed, int maxTokens, List<String> stop) {
        this(messages, sampling, seed, maxTokens, stop, "");
    }

    static void requireOutput(int maxTokens, List<String> stop) {
        if (maxTokens < 1) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "max_tokens must be at least 1, is " + maxTokens);
        }
        if (stop.size() > 16 || stop.stream().anyMatch(String::isEmpty)) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "stop takes up to 16 texts, none of them empty");
        }
    }

    @Override
    public String toString() {
        return "GenerationRequest[messages=" + messages.size() + ", " + sampling + ", maxTokens=" + maxTokens + "]";
    }
}
