package network.nyxos.relayer.gate;

import java.util.Optional;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.SignedReceipt;

/// Which of a node's receipt keys answers for a job. A node may change its key while jobs are under way: what was assigned before counts under the key of then.
/// Whose key it was gains nobody anything: the node is paid, and what it is paid for the gateway has assigned.
public final class ServingKey {
    private ServingKey() {
    }

    /// What the registry says of a receipt's node; in place of its receipt key the earlier one that signed the receipt, where that one was the node's when the
    /// job was assigned.
    ///
    /// @param order the assignment that the receipt answers, whose signature is checked elsewhere
    /// @return empty when the registry knows no such node
    public static Optional<NodeFacts> of(ChainFacts chain, SignedReceipt receipt, Assignment order) {
        Optional<NodeFacts> now = chain.node(receipt.receipt().node());
        // The chain's history is asked for only where it matters.
        if (now.isEmpty() || receipt.verify(now.get().receiptKey())) {
            return now;
        }
        return chain.pastReceiptKeys(now.get()).stream()
            .filter(past -> order.issuedMs() <= past.untilMs() + PaperRules.CLOCK_TOLERANCE_MS && receipt.verify(past.key()))
            .findFirst().map(past -> now.get().withReceiptKey(past.key())).or(() -> now);
    }
}
