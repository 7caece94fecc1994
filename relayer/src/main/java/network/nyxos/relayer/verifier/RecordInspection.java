package network.nyxos.relayer.verifier;

import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.escrow.program.AttestationKind;
import network.nyxos.relayer.attest.RecordDraft;
import network.nyxos.relayer.gate.ChainFacts;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.EvidenceRules;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.PaperRules;
import network.nyxos.relayer.gate.RecordRules;

/// Checks by itself what the registry is to record of a node's TEE: the evidence under this verifier's own policy, its keys against the registry, and that
/// the record ends with the evidence.
final class RecordInspection {
    /// How far the relayer's node may be ahead of this verifier's.
    private static final long SLOTS_AHEAD = 150;

    private final boolean allowDevelopment;
    private final ChainFacts facts;
    private final EvidenceVerifier verifier;
    private final InstantSource clock;

    /// @param allowDevelopment whether evidence without hardware behind it is recorded
    /// @param facts            of the verifier's own RPC node, asked anew each time
    RecordInspection(boolean allowDevelopment, ChainFacts facts, EvidenceVerifier verifier, InstantSource clock) {
        this.allowDevelopment = allowDevelopment;
        this.facts = facts;
        this.verifier = verifier;
        this.clock = clock;
    }

    /// Judges a draft.
    ///
    /// @return why it is not signed; empty when it may be
    Optional<Refused> judge(RecordDraft draft) {
        Evidence evidence = draft.evidence();
        if (AttestationKind.ofWireName(evidence.kind()).isEmpty()) {
            return Refused.whole("evidence_kind", "the registry records no evidence of kind '" + evidence.kind() + "'");
        }
        if (evidence.development() && !allowDevelopment) {
            return Refused.whole("evidence_development", "the evidence hangs on a development root, which this configuration refuses");
        }
        return time(draft).or(() -> Refused.of(RecordRules.vouches(evidence, facts.node(evidence.node())))).or(() -> verifier.recheck(evidence).flatMap(reason -> Refused.whole(reason.code(), reason.message())));
    }

    private Optional<Refused> time(RecordDraft draft) {
        Evidence evidence = draft.evidence();
        long now = clock.millis();
        long slot = facts.slot();
        if (evidence.receivedMs() > now + PaperRules.CLOCK_TOLERANCE_MS) {
            return Refused.notYet("evidence_early", "the evidence is said to have come at " + evidence.receivedMs() + ", it is " + now);
        }
        if (evidence.expiresMs() <= now || evidence.expiresMs() - evidence.receivedMs() > EvidenceRules.MAX_LIFETIME.toMillis()) {
            return Refused.whole("evidence_stale", "evidence counts for " + EvidenceRules.MAX_LIFETIME + " at most; this is of " + evidence.receivedMs() + " and said to count until "
                + evidence.expiresMs());
        }
        long furthest = RecordDraft.furthest(evidence, slot, now) + SLOTS_AHEAD;
        return draft.expirySlot() > slot && draft.expirySlot() <= furthest ? Optional.empty()
            : Refused.notYet("attestation_expiry", "the record would lapse with slot " + draft.expirySlot() + "; this verifier's node is at " + slot
                + ", the evidence runs out by " + furthest);
    }
}
