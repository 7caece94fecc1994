package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.attest.RecordDraft;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.verifier.VerifierClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Which attestation records verifiers sign, and which they refuse whoever asks.
class RecordTest {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static World world;
    private static SolanaRpc rpc;
    private static MarketFacts facts;
    private static VerifierClient quorum;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM);
        world.startVerifiers(Sample.ALL, 0, 1);
        rpc = SolanaRpc.connect(world.rpc.httpUrl());
        facts = new MarketFacts(rpc, MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint)));
        quorum = new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, world.operator, Duration.ofSeconds(20));
    }

    @AfterAll
    static void stop() {
        if (quorum != null) {
            quorum.close();
            rpc.close();
        }
        world.close();
    }

    private static Evidence evidence(Papers.NodeKeys node, long receivedMs, long expiresMs) {
        var subject = new EvidenceVerifier.Subject(node.key(), node.receipt().publicKey(), node.sealing().id(), Hash.sha256(new byte[] {1}));
        Bytes bound = ReportData.bind(subject.node().toByteArray(), subject.receiptKey().toByteArray(), subject.sealingKey().toByteArray(), subject.nonce().bytes());
        byte[] quote = world.tee.quote(bound, DevelopmentTee.measurementOf("test"));
        // Issued before the evidence is said to have come: its times are whole seconds.
        String collateral = world.tee.collateral(Instant.now().minusSeconds(60)).toJson();
        var accepted = (EvidenceVerifier.Outcome.Accepted) new EvidenceVerifier(world.policy()).judge(subject, "tdx", quote, collateral, Optional.empty(), System.currentTimeMillis());
        return new Evidence(accepted.hash(), node.key(), subject.receiptKey(), subject.sealingKey(), "tdx", subject.nonce().bytes(), quote, collateral, receivedMs,
            expiresMs, true, accepted.measurement(), accepted.verdict().toJson());
    }

    private static Evidence fresh(Papers.NodeKeys node) {
        long now = System.currentTimeMillis();
        return evidence(node, now, now + HOUR);
    }

    private static RecordDraft draft(Evidence evidence) {
        return new RecordDraft(evidence, RecordDraft.furthest(evidence, world.chain.slot(), System.currentTimeMillis()));
    }

    private static String refusal(RecordDraft draft) {
        Quorum.Answers answers = quorum.ask(draft, facts.panel());
        assertThat(answers.signatures()).isEmpty();
        assertThat(answers.refusals()).hasSize(2);
        return answers.refusals().getFirst().reason().code();
    }

    @Test
    void a_record_that_ends_with_its_evidence_is_signed_and_no_longer_one() {
        RecordDraft right = draft(fresh(world.register(Set.of(Tier.CONFIDENTIAL))));
        assertThat(quorum.ask(right, facts.panel()).signatures()).hasSize(2);
        assertThat(refusal(new RecordDraft(right.evidence(), right.expirySlot() + 2_000))).isEqualTo("attestation_expiry");
        assertThat(refusal(new RecordDraft(right.evidence(), 1))).isEqualTo("attestation_expiry");
    }

    @Test
    void evidence_of_other_keys_or_other_times_is_not_recorded() {
        Papers.NodeKeys node = world.register(Set.of(Tier.CONFIDENTIAL));
        long now = System.currentTimeMillis();
        assertThat(refusal(new RecordDraft(evidence(node, now - 2 * HOUR, now - HOUR), world.chain.slot() + 100))).isEqualTo("evidence_stale");
        assertThat(refusal(draft(evidence(node, now, now + 25 * HOUR)))).isEqualTo("evidence_stale");
        assertThat(refusal(draft(evidence(node, now + HOUR, now + 2 * HOUR)))).isEqualTo("evidence_early");
        var restarted = new Papers.NodeKeys(node.node(), node.receipt(), SealingKey.generate(SealingSuite.X25519), node.payout(), node.tiers());
        assertThat(refusal(draft(fresh(restarted)))).isEqualTo("evidence_keys");
        assertThat(refusal(draft(fresh(world.register(Set.of(Tier.OPEN)))))).isEqualTo("node_unregistered");
        Evidence right = fresh(node);
        var renamed = new Evidence(Hash.sha256(new byte[] {9}), right.node(), right.receiptKey(), right.sealingKey(), right.kind(), right.nonce(), right.quote(),
            right.collateral(), right.receivedMs(), right.expiresMs(), right.development(), right.measurement(), right.verdict());
        assertThat(refusal(draft(renamed))).isEqualTo("evidence_named");
        var hidden = new Evidence(right.hash(), right.node(), right.receiptKey(), right.sealingKey(), right.kind(), right.nonce(), right.quote(), right.collateral(),
            right.receivedMs(), right.expiresMs(), false, right.measurement(), right.verdict());
        assertThat(refusal(draft(hidden))).as("development evidence that is not called so").isEqualTo("evidence_named");
    }

    @Test
    void only_the_markets_operator_may_ask() {
        RecordDraft right = draft(fresh(world.register(Set.of(Tier.CONFIDENTIAL))));
        try (var stranger = new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, Keypair.generate(), Duration.ofSeconds(20))) {
            assertThat(stranger.ask(right, facts.panel()).refusals()).hasSize(2).allSatisfy(refusal -> assertThat(refusal.reason().code()).isEqualTo("operator_unknown"));
        }
    }
}
