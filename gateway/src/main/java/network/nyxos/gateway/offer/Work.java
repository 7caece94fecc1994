package network.nyxos.gateway.offer;

import java.time.Duration;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// How much a request is to do: what its price, its node and its receipt follow from.
public sealed interface Work {
    /// The most tokens of the prompt.
    long promptTokens();

    /// The most output tokens.
    int maxOutput();

    /// The most parts that a reply comes in: tokens, vectors, or what a service says.
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

    /// A service is to be called. Its one output token is the call, so that prices, ceilings and receipts count it as they count tokens.
    ///
    /// @param request  {@link network.nyxos.escrow.job.ServiceBody#hash} of what is said to it
    /// @param sellers  the nodes that may do it; empty: any that says it serves it
    /// @param patience how long a node may take
    record Call(Hash request, Set<PublicKey> sellers, Duration patience) implements Work {
        /// Any call of a service.
        public static Call any(Product.Service service) {
            return new Call(Hash.ZERO, service.sellers(), service.patience());
        }

        @Override
        public long promptTokens() {
            return 0;
        }

        @Override
        public int maxOutput() {
            return 1;
        }

        @Override
        public int parts() {
            return 1;
        }
    }
}
