package network.nyxos.gateway.job;

import java.util.List;
import java.util.OptionalLong;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;

/// How a job ended.
public sealed interface JobResult {
    /// Served.
    ///
    /// @param assignment what the node was to do
    /// @param receipt    its account, checked
    /// @param used       what the escrow has used so far, for a voucher
    /// @param choices    of a chat: what the receipt counts of each choice, also of a single one; their text has gone to the sink
    /// @param vectors    one for each input, where embeddings were asked for
    record Served(SignedAssignment assignment, SignedReceipt receipt, OptionalLong used, List<ReplyChoice> choices, List<Embedding> vectors) implements JobResult {
        /// Copies the lists.
        public Served {
            choices = List.copyOf(choices);
            vectors = List.copyOf(vectors);
        }
    }

    /// Not served; what was paid goes back.
    ///
    /// @param code         stable
    /// @param message      for the client
    /// @param clientsFault whether the same request would fail everywhere
    record Failed(String code, String message, boolean clientsFault) implements JobResult {
    }
}
