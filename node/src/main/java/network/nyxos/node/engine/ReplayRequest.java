package network.nyxos.node.engine;

import java.util.List;

/**
 * A job to be run again from its token ids, so that somebody else's output can be compared with it.
 *
 * @param promptIds the prompt as the node tokenised it
 * @param sampling  as in the receipt
 * @param seed      as in the receipt
 * @param maxTokens the bound the job ran under
 * @param stop      its stop texts
 * @param format    the form that it was held to; empty: none
 */
public record ReplayRequest(int[] promptIds, Sampling sampling, long seed, int maxTokens, List<String> stop, String format) {
    public ReplayRequest {
        promptIds = promptIds.clone();
        stop = List.copyOf(stop);
        if (promptIds.length == 0) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "promptIds must not be empty");
        }
        GenerationRequest.requireOutput(maxTokens, stop);
    }

    /** Of a job whose reply was held to no form. */
    public ReplayRequest(int[] promptIds, Sampling sampling, long seed, int maxTokens, List<String> stop) {
        this(promptIds, sampling, seed, maxTokens, stop, "");
    }

    @Override
    public int[] promptIds() {
        return promptIds.clone();
    }

    @Override
    public String toString() {
        return "ReplayRequest[promptIds=" + promptIds.length + ", " + sampling + ", maxTokens=" + maxTokens + "]";
    }
}
