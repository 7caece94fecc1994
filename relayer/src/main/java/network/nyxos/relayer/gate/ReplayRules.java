package network.nyxos.relayer.gate;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;

/// Whether a sampled job was what its receipt says.
public final class ReplayRules {
    private ReplayRules() {
    }

    /// Does what the node reveals open the commitments of its receipt, and of the assignment that it took?
    public static Ruling reveal(Assignment order, Receipt receipt, Revealed revealed) {
        if (!TokenHash.prompt(revealed.salt(), revealed.promptIds()).equals(receipt.promptCommitment())) {
            return Ruling.dispute("reveal_prompt", "the revealed prompt does not open the receipt's commitment");
        }
        if (!TokenHash.output(revealed.outputIds()).equals(receipt.outputHash())) {
            return Ruling.dispute("reveal_output", "the revealed reply does not open the receipt's output hash");
        }
        if (revealed.promptIds().length != receipt.tokensIn() || revealed.outputIds().length != receipt.tokensOut()) {
            return Ruling.dispute("reveal_counts", "revealed are " + revealed.promptIds().length + " and " + revealed.outputIds().length
                + " tokens, the receipt counts " + receipt.tokensIn() + " and " + receipt.tokensOut());
        }
        if (!revealed.constraints().hash().equals(order.constraints())) {
            return Ruling.dispute("reveal_constraints", "the revealed stop texts and form are not those that the gateway signed");
        }
        return revealed.text().hash().equals(revealed.constraints().prompt()) ? Ruling.PASS
            : Ruling.dispute("reveal_text", "the revealed prompt text is not the one that the gateway signed");
    }

    /// Is the statement a fit second node's, and does it agree?
    ///
    /// @param second what the registry says of the node that replayed
    public static Ruling replay(Hash job, Receipt receipt, Replay replay, Optional<NodeFacts> second) {
        if (replay.node().equals(receipt.node())) {
            return Ruling.wait("replay_same_node", "a node cannot replay its own job");
        }
        if (second.isEmpty() || second.get().state() != NodeFacts.State.ACTIVE || (second.get().tiers() & Tier.VERIFIED.code()) == 0) {
            return Ruling.wait("replay_node", "the replaying node " + replay.node() + " is not an active node of the verified tier");
        }
        if (!replay.verify(job, second.get().receiptKey())) {
            return Ruling.wait("replay_signature", "the replay is not signed by the receipt key of node " + replay.node());
        }
        if (replay.says().confirms(receipt)) {
            return Ruling.PASS;
        }
        String other = !replay.outputHash().equals(receipt.outputHash()) ? "other tokens"
            : replay.traceRoot().equals(receipt.traceRoot()) ? "another end" : "the same tokens by another computation";
        return Ruling.dispute("replay_mismatch", "node " + replay.node() + " replayed the job and got " + other);
    }
}
