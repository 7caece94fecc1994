package network.nyxos.relayer.gate;

import java.util.Optional;
import network.nyxos.escrow.job.SignedReceipt;

/// Whether the node that signed a receipt may be paid for it.
public final class NodeRules {
    private NodeRules() {
    }

    /// Rules on the registration and on the receipt's signature.
    ///
    /// @param facts what the registry says of the receipt's node, as {@link ServingKey} has it; empty when it knows no such node
    public static Ruling judge(SignedReceipt signed, Optional<NodeFacts> facts) {
        if (facts.isEmpty()) {
            return Ruling.refuse("node_unregistered", "the registry knows no node " + signed.receipt().node());
        }
        NodeFacts node = facts.get();
        if (node.state() != NodeFacts.State.ACTIVE) {
            return Ruling.refuse("node_inactive", "the node's registration is " + node.state().name().toLowerCase(java.util.Locale.ROOT));
        }
        if ((node.tiers() & signed.receipt().tier().code()) == 0) {
            return Ruling.refuse("node_tier", "the node is not registered for the tier " + signed.receipt().tier().wireName());
        }
        return signed.verify(node.receiptKey()) ? Ruling.PASS
            : Ruling.refuse("receipt_signature", "the receipt is not signed by the node's registered receipt key " + node.receiptKey());
    }
}
