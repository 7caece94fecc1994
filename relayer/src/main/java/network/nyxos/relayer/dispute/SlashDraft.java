package network.nyxos.relayer.dispute;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.gate.Accusation;
import software.sava.core.accounts.PublicKey;

/// A slash as it is put before the verifiers.
///
/// @param papers  what it stands on
/// @param accused whose bond it takes: one of the two nodes
/// @param slash   what it takes, by {@link DisputeRules#slash}
public record SlashDraft(Accusation papers, PublicKey accused, Slash slash) {
    /// What the verifiers sign (docs/protocol.md §4.5).
    ///
    /// @param config the registry's
    public Hash digest(Programs programs, PublicKey config) {
        return Digests.slashNode(programs.registry(), programs.node(config, accused), slash);
    }
}
