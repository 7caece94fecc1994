package network.nyxos.node.engine;

import java.util.List;
import java.util.function.Consumer;
import network.nyxos.escrow.job.Embedding;

/** Runs one model that turns texts into vectors. */
public non-sealed interface EmbeddingEngine extends ModelRunner {
    /**
     * What came of a job.
     *
     * @param promptIds ids of all inputs, one after another; empty where the engine does not know them
     * @param tokensIn  tokens of all inputs by the model's own tokenizer
     * @param vectors   one for each input, in order
     */
    record Embedded(int[] promptIds, int tokensIn, List<Embedding> vectors) {
        public Embedded {
            promptIds = promptIds.clone();
            vectors = List.copyOf(vectors);
        }

        @Override
        public int[] promptIds() {
            return promptIds.clone();
        }

        @Override
        public String toString() {
            return "Embedded[tokensIn=" + tokensIn + ", vectors=" + vectors.size() + "]";
        }
    }

    /**
     * The most tokens that these inputs can have, together: exactly theirs where the engine has the tokenizer.
     *
     * @throws EngineException {@code CONTEXT_EXCEEDED} when one of them is known to be longer than the model's context; it is never cut
     */
    long tokensAtMost(List<String> inputs);

    /**
     * Makes a vector of each input.
     *
     * @param inputs       at least one, none of them empty
     * @param sink         gets each vector as it comes, in the order of the inputs, in the calling thread
     * @param cancellation ends it early with {@link java.util.concurrent.CancellationException}
     */
    Embedded embed(List<String> inputs, Consumer<Embedding> sink, Cancellation cancellation);
}
