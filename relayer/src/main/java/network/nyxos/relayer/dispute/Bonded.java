package network.nyxos.relayer.dispute;

import network.nyxos.relayer.gate.NodeFacts;
import software.sava.core.accounts.PublicKey;

/// A registered node and what it has at stake.
///
/// @param node   its registration
/// @param payout the wallet that it is paid on
/// @param bond   base units of the registry's bond mint
public record Bonded(NodeFacts node, PublicKey payout, long bond) {
    /// Whether there is a bond that can be taken.
    public boolean slashable() {
        return bond > 0 && (node.state() == NodeFacts.State.ACTIVE || node.state() == NodeFacts.State.UNBONDING);
    }
}
