package network.nyxos.gateway.job;

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
    /// @param delivered  what it gave, of which the receipt is
    record Served(SignedAssignment assignment, SignedReceipt receipt, OptionalLong used, Delivered delivered) implements JobResult {
    }

    /// Not served; what was paid goes back.
    ///
    /// @param code         stable
    /// @param message      for the client
    /// @param clientsFault whether the same request would fail everywhere
    record Failed(String code, String message, boolean clientsFault) implements JobResult {
    }
}
