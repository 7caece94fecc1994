package network.nyxos.relayer.attest;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.gate.AttestationRecord;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.RecordRules;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the registry's attestation records of confidential nodes standing: puts the newest evidence of each before the verifiers and sends what a quorum has
/// signed, when the record is of other evidence and well before it lapses. A record only ever gives way to one that lapses later, so that whatever is sent
/// twice, or late, changes nothing.
public final class AttestationRecords {
    private static final Logger LOG = LoggerFactory.getLogger(AttestationRecords.class);
    /// How long until verifiers that would not sign are asked again.
    private static final long AGAIN_MS = 10_000;

    private final LongFunction<List<Evidence>> current;
    private final RecordChain chain;
    private final RecordQuorum quorum;
    private final InstantSource clock;
    /// When evidence was last put before the verifiers, by its hash.
    private final Map<Hash, Long> askedMs = new ConcurrentHashMap<>();

    /// @param current the newest evidence of each node that counts at a time (unix milliseconds)
    public AttestationRecords(LongFunction<List<Evidence>> current, RecordChain chain, RecordQuorum quorum, InstantSource clock) {
        this.current = current;
        this.chain = chain;
        this.quorum = quorum;
        this.clock = clock;
    }

    /// Looks once after every node's record.
    public void renew() {
        List<Evidence> all = current.apply(clock.millis());
        askedMs.keySet().retainAll(all.stream().map(Evidence::hash).collect(Collectors.toSet()));
        all.forEach(this::renew);
    }

    private void renew(Evidence evidence) {
        Optional<NodeFacts> node = chain.node(evidence.node());
        long now = clock.millis();
        // Evidence of earlier keys is of no use any more: a node that has started anew gives new evidence.
        if (!RecordRules.vouches(evidence, node).passed() || now < askedMs.getOrDefault(evidence.hash(), 0L) + AGAIN_MS) {
            return;
        }
        long slot = chain.slot();
        var draft = new RecordDraft(evidence, RecordDraft.furthest(evidence, slot, now));
        if (!due(draft, node.orElseThrow().attestation(), slot)) {
            return;
        }
        askedMs.put(evidence.hash(), now);
        Quorum.Answers answers = quorum.ask(draft, chain.panel());
        if (answers.signatures().size() < answers.threshold()) {
            LOG.warn("node {}: {} of {} verifiers signed its attestation record: {}", evidence.node(), answers.signatures().size(), answers.threshold(),
                answers.refusals().stream().map(refusal -> refusal.verifier() + " " + refusal.reason()).collect(Collectors.joining("; ")));
            return;
        }
        List<VerifierSignature> signatures = answers.signatures().subList(0, answers.threshold());
        switch (chain.record("attest:" + evidence.hash() + ":" + draft.expirySlot(), draft, signatures)) {
            case Sent.Confirmed(String transaction) -> LOG.info("node {}: attestation recorded until slot {}, {}", evidence.node(), draft.expirySlot(), transaction);
            case Sent.Failed(var reason) -> LOG.warn("node {}: attestation not recorded: {}", evidence.node(), reason);
            case Sent.Unknown(var reason) -> LOG.info("node {}: attestation record on its way: {}", evidence.node(), reason);
        }
    }

    /// Whether to write: there is none, it is of other evidence, or half of what there could be is gone. The registry takes only what lapses later.
    private static boolean due(RecordDraft draft, AttestationRecord record, long slot) {
        if (draft.expirySlot() <= slot || draft.expirySlot() <= Math.max(record.expirySlot(), record.floorSlot())) {
            return false;
        }
        return !record.quoteHash().equals(draft.evidence().hash()) || record.expirySlot() - slot < (draft.expirySlot() - slot) / 2;
    }
}
