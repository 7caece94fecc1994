package network.nyxos.relayer.dispute;

import java.util.List;
import network.nyxos.relayer.attest.Panel;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.batch.VerifierSignature;

/// The registry on chain, and the way to it.
public interface SlashChain {
    /// What is looked up.
    SlashFacts facts();

    /// Whose word counts.
    Panel panel();

    /// Takes a bond; makes the rewarded token account first, where there is none.
    ///
    /// @param intent     names the transaction: the same intent is one transaction
    /// @param signatures the panel's, over the draft's digest
    Sent slash(String intent, SlashDraft draft, List<VerifierSignature> signatures);
}
