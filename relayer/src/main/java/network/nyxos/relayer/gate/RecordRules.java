package network.nyxos.relayer.gate;

import java.time.Duration;
import java.util.Optional;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;

/// Whether a confidential job may be paid as far as the registry's attestation record goes: payouts stop the moment it lapses, or is ended for good. The
/// record may stand on newer evidence than the receipt names, for a node gives new evidence in time before the old one runs out.
public final class RecordRules {
    /// How long behind its end a job waits for a record: a node's first one is written within seconds of its evidence.
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private RecordRules() {
    }

    /// Whether evidence may stand for a node now: of an active confidential node with these keys, and not ended for good.
    ///
    /// @param node what the registry says; empty when it knows no such node
    public static Ruling vouches(Evidence evidence, Optional<NodeFacts> node) {
        if (node.isEmpty() || node.get().state() != NodeFacts.State.ACTIVE || (node.get().tiers() & Tier.CONFIDENTIAL.code()) == 0) {
            return Ruling.wait("node_unregistered", "the registry has no active node " + evidence.node() + " of the confidential tier");
        }
        NodeFacts facts = node.get();
        if (!evidence.receiptKey().equals(facts.receiptKey()) || !evidence.sealingKey().equals(facts.sealingKey())) {
            return Ruling.wait("evidence_keys", "the evidence binds other keys than the registry holds for the node");
        }
        return evidence.hash().equals(facts.attestation().revoked())
            ? Ruling.refuse("attestation_revoked", "the record of quote " + evidence.hash() + " was ended for good") : Ruling.PASS;
    }

    /// Rules on the record that the registry holds for a job's node.
    ///
    /// @param slot  now
    /// @param nowMs now, unix milliseconds
    public static Ruling judge(Receipt receipt, AttestationRecord record, long slot, long nowMs) {
        if (record.revoked().equals(receipt.quoteHash())) {
            return Ruling.refuse("attestation_revoked", "the attestation that quote " + receipt.quoteHash() + " stood for was ended for good");
        }
        if (record.stands(slot)) {
            return Ruling.PASS;
        }
        String lapsed = record.expirySlot() == 0 ? "the registry has no attestation record of node " + receipt.node()
            : "the attestation record of node " + receipt.node() + " has lapsed with slot " + record.expirySlot();
        return nowMs <= receipt.endMs() + PATIENCE.toMillis() ? Ruling.wait("attestation_absent", lapsed) : Ruling.refuse("attestation_absent", lapsed);
    }
}
