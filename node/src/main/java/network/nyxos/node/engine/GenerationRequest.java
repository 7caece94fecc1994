package network.nyxos.node.engine;

import java.util.List;

/**
 * A chat to be continued.
 *
 * @param messages  the chat so far, at least one message
 * @param sampling  how tokens are chosen
 * @param seed      the sampler's seed; any value
 * @param maxTokens most output tokens, at least 1
 * @param stop      texts that end the reply where they appear (they are not part of it); at most 16, none empty
 * @param format    the form of the reply, {@link network.nyxos.escrow.format.Format#text}; empty: any
 */
public record GenerationRequest(List<ChatMessage> messages, Sampling sampling, long seed, int maxTokens, List<String> stop, String format) {
    public GenerationRequest {
        messages = List.copyOf(messages);
        stop = List.copyOf(stop);
        if (messages.isEmpty()) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "messages must not be empty");
        }
        requireOutput(maxTokens, stop);
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
