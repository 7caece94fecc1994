package network.nyxos.relayer.dispute;

import network.nyxos.relayer.attest.Panel;
import network.nyxos.relayer.batch.Quorum;

/// The registry's verifiers.
@FunctionalInterface
public interface SlashQuorum {
    /// Asks all of them whose address is known here. Each runs the job itself, so it takes its time.
    Quorum.Answers ask(SlashDraft draft, Panel panel);
}
