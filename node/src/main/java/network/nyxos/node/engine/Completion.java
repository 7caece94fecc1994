package network.nyxos.node.engine;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;

/**
 * A finished reply.
 *
 * @param promptIds the prompt's token ids; empty where the engine does not know them
 * @param outputIds the output's token ids, the end token included where one was produced; empty where unknown
 * @param tokensIn  prompt tokens by the model's own tokenizer
 * @param tokensOut output tokens by the same
 * @param maxTokens the bound the job really ran under: what was asked for, cut to the room left in the context
 * @param finish    why it ended
 * @param trace     what was computed, where the engine's arithmetic is exact: of the prompt's tokens and of all output tokens but the last, which
 *                  nothing was computed from; empty where no token came out
 */
public record Completion(int[] promptIds, int[] outputIds, int tokensIn, int tokensOut, int maxTokens, Finish finish, Optional<Trace> trace) {
    /** Why a reply ended. */
    public enum Finish {
        /** The model ended it, or a stop text appeared. */
        STOP(1),
        /** The token bound or the context's end was reached. */
        LENGTH(2),
        /** Whoever asked gave it up. */
        CANCELLED(3);

        private final int wire;

        Finish(int wire) {
            this.wire = wire;
        }

        /** The number in a receipt. */
        public int wire() {
            return wire;
        }

        /** The word on the node link: {@code stop}, {@code length} or {@code cancelled}. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Completion {
        promptIds = promptIds.clone();
        outputIds = outputIds.clone();
    }

    /** Of an engine without a trace. */
    public Completion(int[] promptIds, int[] outputIds, int tokensIn, int tokensOut, int maxTokens, Finish finish) {
        this(promptIds, outputIds, tokensIn, tokensOut, maxTokens, finish, Optional.empty());
    }

    /** What a receipt says of the trace: its root under the salt of the prompt's commitment, zero where there is none. */
    public Hash traceRoot(Hash salt) {
        return trace.map(computed -> computed.commitment(salt)).orElse(Hash.ZERO);
    }

    @Override
    public int[] promptIds() {
        return promptIds.clone();
    }

    @Override
    public int[] outputIds() {
        return outputIds.clone();
    }

    @Override
    public String toString() {
        return "Completion[tokensIn=" + tokensIn + ", tokensOut=" + tokensOut + ", finish=" + finish + "]";
    }
}
