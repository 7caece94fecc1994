package network.nyxos.relayer.dispute;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.job.Reason;

/// Where disputes are kept. Every method is one transaction, and a transition happens only from the state that was seen.
public interface DisputeStore {
    /// Cases that are open or signed and to be looked at, longest waiting first.
    List<SlashCase> due(long nowMs, int limit);

    /// A dispute by its papers' hash.
    Optional<Dispute> find(Hash evidence);

    /// A page of disputes, ascending by hash.
    ///
    /// @param after behind this hash; empty: from the first
    List<Dispute> page(Optional<Hash> after, int limit);

    /// Leaves a case as it is, to be looked at again.
    void postpone(SlashCase seen, Reason reason, long againMs, long nowMs);

    /// The registry's program decides nothing in a dispute: its open parts go before the verifiers.
    void toVerifiers(Hash evidence, Reason reason, long nowMs);

    /// The other node lied, too: nobody is rewarded.
    void unrewarded(SlashCase seen, long nowMs);

    /// A quorum has signed.
    void signed(SlashCase seen, Slash slash, List<VerifierSignature> signatures, long nowMs);

    /// What was signed did not come about: the verifiers are asked anew.
    void reopen(SlashCase seen, Reason reason, long againMs, long nowMs);

    /// Ends a case.
    ///
    /// @param state       slashed, dismissed or moot
    /// @param transaction that took the bond
    /// @return the job, where that changed its state or its reason
    Optional<BatchStore.Left> end(SlashCase seen, SlashState state, Reason reason, Optional<String> transaction, long nowMs);
}
