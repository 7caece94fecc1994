package network.nyxos.gateway.offer;

/// How much a request is to do: what its price, its node and its receipt follow from.
public sealed interface Work {
    /// The most tokens of the prompt.
    long promptTokens();

    /// The most output tokens.
    int maxOutput();

    /// The most parts that a reply comes in: tokens, or vectors.
    int parts();

    /// A chat is to be continued.
    ///
    /// @param promptTokens the bound of its prompt, which all choices share
    /// @param choices      how many replies to it are wanted, 1 to {@value network.nyxos.escrow.job.ReplyChoice#MAX}
    /// @param maxEach      the most output tokens of each
    record Completion(long promptTokens, int choices, int maxEach) implements Work {
        /// Of one choice.
        public Completion(long promptTokens, int maxEach) {
            this(promptTokens, 1, maxEach);
        }

        /// Of all choices together.
        @Override
        public int maxOutput() {
            return Math.multiplyExact(choices, maxEach);
        }

        @Override
        public int parts() {
            return maxOutput();
        }
    }

    /// Texts are to be turned into vectors.
    ///
    /// @param inputs       how many
    /// @param dimensions   numbers of each vector
    /// @param promptTokens of all inputs together
    /// @param longest      tokens of the longest input; 0 where they were not counted
    /// @param counted      whether the tokens were counted, so that there are exactly so many; else it is a bound
    record Vectors(int inputs, int dimensions, long promptTokens, int longest, boolean counted) implements Work {
        /// Any such work with a model.
        public static Vectors any(int dimensions) {
            return new Vectors(1, dimensions, 0, 0, false);
        }

        @Override
        public int maxOutput() {
            return 0;
        }

        @Override
        public int parts() {
            return inputs;
        }
    }
}
