package network.nyxos.relayer.attest;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.AttestationKind;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Programs;
import network.nyxos.relayer.gate.Evidence;
import software.sava.core.accounts.PublicKey;

/// An attestation record as it is put before the verifiers.
///
/// @param evidence   what it stands on
/// @param expirySlot the last slot in which it shall count
public record RecordDraft(Evidence evidence, long expirySlot) {
    /// How fast slots go by at most, as far as expiry is concerned: Solana's nominal slot. A chain with shorter ones has its records renewed more often.
    static final long SLOT_MS = 400;

    /// The furthest slot that evidence can be recorded for.
    ///
    /// @param slot  now
    /// @param nowMs now, unix milliseconds
    /// @return below `slot` once the evidence has run out
    public static long furthest(Evidence evidence, long slot, long nowMs) {
        return Math.addExact(slot, Math.floorDiv(Math.subtractExact(evidence.expiresMs(), nowMs), SLOT_MS));
    }

    /// Its kind.
    ///
    /// @throws ProtocolException `evidence_kind` where the registry records none of this kind
    public AttestationKind kind() {
        return AttestationKind.ofWireName(evidence.kind())
            .orElseThrow(() -> new ProtocolException("evidence_kind", "the registry records no evidence of kind '" + evidence.kind() + "'"));
    }

    /// What the verifiers sign (docs/protocol.md §4.4).
    ///
    /// @param config the registry's
    public Hash digest(Programs programs, PublicKey config) {
        return Digests.attestation(programs.registry(), programs.node(config, evidence.node()), kind().code(), evidence.measurement().bytes(), evidence.hash(),
            evidence.receiptKey(), evidence.sealingKey(), expirySlot);
    }
}
