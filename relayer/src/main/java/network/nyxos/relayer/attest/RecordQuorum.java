package network.nyxos.relayer.attest;

import network.nyxos.relayer.batch.Quorum;

/// The registry's verifiers.
public interface RecordQuorum {
    /// Asks all of them whose address is known here.
    Quorum.Answers ask(RecordDraft draft, Panel panel);
}
