package network.nyxos.relayer.gate;

import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// What the gate asks of nodes that have dialled in.
public interface NodeCalls {
    /// An answer, or why there is none. A call waits for its answer, within a bound.
    ///
    /// @param <T> what was asked for
    sealed interface Answer<T> {
        /// The node answered.
        record Got<T>(T value) implements Answer<T> {
        }

        /// It is not connected, was silent, or said that it cannot.
        record Unavailable<T>(Reason reason) implements Answer<T> {
        }
    }

    /// A job to be done again.
    ///
    /// @param job         whose
    /// @param modelId     what runs
    /// @param engine      as in the receipt
    /// @param promptIds   token ids, as the node that served it committed to them
    /// @param seed        of the sampler
    /// @param sampler     how tokens are drawn
    /// @param maxTokens   the most output tokens
    /// @param constraints what the reply has to keep to
    /// @param text        the prompt, which is what is run
    /// @param salt        of the job's commitments
    record Order(Hash job, Hash modelId, String engine, int[] promptIds, long seed, Sampler sampler, int maxTokens, Constraints constraints, PromptText text, Hash salt) {
        /// A job as it must be run again. A reply that was cut off is run to where it was cut.
        ///
        /// @param revealed opens the receipt
        public static Order of(Receipt receipt, Assignment assignment, Revealed revealed) {
            int maxTokens = receipt.finish() == Finish.CANCELLED ? receipt.tokensOut() : assignment.maxOutput();
            return new Order(receipt.jobId(), receipt.modelId(), receipt.engine(), revealed.promptIds(), receipt.seed(), receipt.sampler(), maxTokens,
                revealed.constraints(), revealed.text(), revealed.salt());
        }

        /// Names it in a node's statement. The text is named by the constraints.
        public Hash hash() {
            return Digests.replayOrder(salt, modelId, engine, promptIds, seed, sampler, maxTokens, constraints);
        }

        /// Copies.
        public Order {
            promptIds = promptIds.clone();
        }

        @Override
        public int[] promptIds() {
            return promptIds.clone();
        }

        @Override
        public String toString() {
            return "Order[" + job + ", " + promptIds.length + " prompt ids]";
        }
    }

    /// What came out of it.
    ///
    /// @param outputIds token ids
    /// @param finish    why it ended
    /// @param traceRoot of what was computed, under the order's salt
    /// @param signature the node's statement
    record Replayed(int[] outputIds, Finish finish, Hash traceRoot, Signature signature) {
        /// Copies.
        public Replayed {
            outputIds = outputIds.clone();
        }

        @Override
        public int[] outputIds() {
            return outputIds.clone();
        }

        @Override
        public String toString() {
            return "Replayed[" + outputIds.length + " output ids]";
        }
    }

    /// Asks the node that served a job for its tokens.
    Answer<Revealed> reveal(PublicKey node, Hash job);

    /// Connected nodes of the verified tier that run this model on this engine, without `except`; the least busy first. Whether one may still be shown a job is
    /// looked up when it is come to.
    Stream<PublicKey> replayers(Hash modelId, String engine, PublicKey except);

    /// Has a node do a job again.
    Answer<Replayed> replay(PublicKey node, Order order);
}
