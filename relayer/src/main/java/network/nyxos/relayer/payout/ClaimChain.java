package network.nyxos.relayer.payout;

import java.util.List;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.relayer.batch.Sent;
import software.sava.core.accounts.PublicKey;

/// Claims on chain.
public interface ClaimChain {
    /// What a payee has claimed in all, base units.
    long claimed(PublicKey mint, PublicKey payee, CreditKind kind);

    /// Sends a claim for a wallet, whose token account is made where it is missing.
    ///
    /// @param intent names it; the same intent is one transaction
    /// @param seq    the final batch of the proof
    /// @param credit the leaf; not a node's, for those claim themselves
    /// @param index  its place
    Sent claim(String intent, PublicKey mint, long seq, Credit credit, int index, List<CreditNode> proof);
}
