package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.AttestationKind;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The relayer as its neighbours see it: gateways over HTTP, nodes over the link, the chain with the real programs, three verifiers.
class RelayerTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static World world;
    private static Relayer relayer;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM);
        world.startVerifiers(Sample.ALL, 0, 1, 2);
        relayer = Relayer.start(world.config(Sample.ALL));
    }

    @AfterAll
    static void stop() {
        if (relayer != null) {
            relayer.close();
        }
        world.close();
    }

    private static void becomes(Hash job, String state) {
        await().atMost(SOON).untilAsserted(() -> assertThat(world.state(relayer, job)).as(() -> world.job(relayer, job).node().toString()).isEqualTo(state));
    }

    private static TestNode dial(Papers.NodeKeys keys) {
        TestNode node = TestNode.dial(world, relayer, keys);
        assertThat(node.greeting.orTimeout(10, java.util.concurrent.TimeUnit.SECONDS).join()).isInstanceOf(WireMessage.Welcome.class);
        return node;
    }

    @Test
    void an_exact_payment_ends_with_the_node_and_what_was_paid_too_much_with_the_payer() {
        Papers.NodeKeys keys = world.register(Set.of(Tier.OPEN));
        Keypair payer = world.wallet(1_000);
        PaymentRecord.Exact payment = world.pay(payer, 900);
        try (TestNode node = dial(keys)) {
            Papers.Work work = world.papers.work(world.papers.assign(payment, keys, Tier.OPEN, 800), keys, Hash.ZERO, 1, 2, 3);
            node.offer(work);
            await().atMost(SOON).until(() -> node.recorded.containsKey(payment.jobId()));
            assertThat(world.post(relayer, world.papers.completed(payment, work)).statusCode()).isEqualTo(200);
            becomes(payment.jobId(), "final");
            world.claim(relayer, keys);
            becomes(payment.jobId(), "claimed");
            assertThat(world.balance(keys.payout())).isEqualTo(800 - 16);
            await().atMost(SOON).until(() -> world.balance(payer.publicKey()) == 200);
            assertThat(node.states).extracting(WireMessage.State::state).contains("verified", "batched", "final");
        }
    }

    @Test
    void vouchers_are_settled_to_what_was_used_and_no_further() {
        Papers.NodeKeys keys = world.register(Set.of(Tier.OPEN));
        Papers.Session session = world.escrow(5_000);
        try (TestNode node = dial(keys)) {
            long used = 0;
            Hash last = Hash.ZERO;
            for (int i = 1; i <= 3; i++) {
                PaymentRecord.ByVoucher payment = world.papers.voucher(session, 1_000L * i, Papers.REQUEST);
                Papers.Work work = world.papers.work(world.papers.assign(payment, keys, Tier.OPEN, 1_000), keys, Hash.ZERO, i, i + 1);
                used += work.receipt().receipt().charge();
                node.offer(work);
                assertThat(world.post(relayer, world.papers.completed(payment, work)).statusCode()).isEqualTo(200);
                last = payment.jobId();
            }
            becomes(last, "final");
            long debited = used;
            await().atMost(SOON).untilAsserted(() -> assertThat(settled(session)).isEqualTo(debited));
        }
    }

    private static long settled(Papers.Session session) {
        return network.nyxos.escrow.program.escrow.Escrow.decode(world.chain.account(session.escrow()).orElseThrow().data()).settled();
    }

    @Test
    void a_failed_exact_job_goes_back_by_itself_and_a_failed_voucher_job_is_never_debited() {
        Keypair payer = world.wallet(700);
        PaymentRecord.Exact payment = world.pay(payer, 700);
        world.post(relayer, world.papers.failed(payment, Optional.empty()));
        Papers.Session session = world.escrow(900);
        PaymentRecord.ByVoucher voucher = world.papers.voucher(session, 900, Papers.REQUEST);
        world.post(relayer, world.papers.failed(voucher, Optional.empty()));
        becomes(voucher.jobId(), "released");
        becomes(payment.jobId(), "refunded");
        assertThat(world.balance(payer.publicKey())).isEqualTo(700);
        assertThat(settled(session)).isZero();
    }

    @Test
    void a_reservation_whose_gateway_falls_silent_goes_back() {
        Keypair payer = world.wallet(500);
        PaymentRecord.Exact payment = world.pay(payer, 500);
        world.post(relayer, world.papers.reserved(payment, Optional.empty()));
        assertThat(world.state(relayer, payment.jobId())).isEqualTo("reserved");
        becomes(payment.jobId(), "refunded");
        assertThat(world.balance(payer.publicKey())).isEqualTo(500);
    }

    @Test
    void a_payment_that_never_arrived_is_not_refunded() {
        Keypair payer = world.wallet(100);
        PaymentRecord.Exact real = world.pay(payer, 100);
        var invented = new PaymentRecord.Exact(Keypair.generate().sign(new byte[1]), Hash.sha256(new byte[] {9}), payer.publicKey(), world.mint, 100, Optional.empty());
        world.post(relayer, world.papers.failed(invented, Optional.empty()));
        // Somebody else's name on a payment that did arrive.
        var redirected = new PaymentRecord.Exact(real.transaction(), real.messageHash(), world.wallet(1).publicKey(), world.mint, 100, Optional.empty());
        world.post(relayer, world.papers.failed(redirected, Optional.empty()));
        becomes(redirected.jobId(), "released");
        becomes(invented.jobId(), "released");
    }

    @Test
    void a_sampled_job_is_paid_when_a_second_node_gets_the_same_tokens() {
        Papers.NodeKeys first = world.register(Set.of(Tier.VERIFIED));
        Papers.NodeKeys second = world.register(Set.of(Tier.VERIFIED));
        PaymentRecord.Exact payment = world.pay(world.wallet(600), 600);
        try (TestNode node = dial(first); TestNode ignored = dial(second)) {
            Papers.Work work = world.papers.work(world.papers.assign(payment, first, Tier.VERIFIED, 600), first, Hash.ZERO, 4, 5, 6);
            node.offer(work);
            world.post(relayer, world.papers.completed(payment, work));
            becomes(payment.jobId(), "final");
            Fields job = world.job(relayer, payment.jobId());
            assertThat(job.flag("sampled")).isTrue();
            assertThat(job.text("replayedBy")).isEqualTo(second.key().toBase58());
        }
    }

    @Test
    void a_job_whose_replay_differs_is_disputed_and_refunded_and_without_a_verifier_that_can_tell_nobody_is_slashed() {
        Papers.NodeKeys first = world.register(Set.of(Tier.VERIFIED));
        Papers.NodeKeys second = world.register(Set.of(Tier.VERIFIED));
        Keypair payer = world.wallet(600);
        PaymentRecord.Exact payment = world.pay(payer, 600);
        try (TestNode node = dial(first); TestNode honest = dial(second)) {
            honest.lies = false;
            // The node sends tokens that its model did not make.
            Papers.Work work = world.papers.work(world.papers.assign(payment, first, Tier.VERIFIED, 600), first, Hash.ZERO, new int[] {4, 5}, new int[] {1, 2, 3});
            node.offer(work);
            world.post(relayer, world.papers.completed(payment, work));
            becomes(payment.jobId(), "disputed");
            await().atMost(SOON).until(() -> world.balance(payer.publicKey()) == 600);
            await().atMost(SOON).untilAsserted(() -> assertThat(world.job(relayer, payment.jobId()).text("code")).isEqualTo("not_convicted"));
            assertThat(world.job(relayer, payment.jobId()).text("reason")).contains("model_absent");
            assertThat(world.state(relayer, payment.jobId())).isEqualTo("disputed");
            assertThat(world.node(first).bond()).isEqualTo(World.BOND);
            assertThat(world.node(second).bond()).isEqualTo(World.BOND);
            Fields dispute = Fields.parse(world.get(relayer, "/v1/disputes").body()).list("disputes", Function.identity()).getFirst();
            assertThat(world.get(relayer, "/v1/disputes/" + dispute.text("evidence")).body()).as("a prompt is nobody's because somebody was accused").doesNotContain("promptIds");
        }
    }

    @Test
    void a_sampled_job_without_a_second_node_waits_and_then_goes_back() {
        Papers.NodeKeys only = world.register(Set.of(Tier.VERIFIED));
        Keypair payer = world.wallet(300);
        PaymentRecord.Exact payment = world.pay(payer, 300);
        try (TestNode node = dial(only)) {
            Papers.Work work = world.papers.work(world.papers.assign(payment, only, Tier.VERIFIED, 300), only, Hash.ZERO, 8, 9);
            node.forget();
            world.post(relayer, world.papers.completed(payment, work));
            node.offer(work);
            node.forget();
            await().atMost(SOON).untilAsserted(() -> assertThat(world.job(relayer, payment.jobId()).text("code")).isIn("node_failed", "no_replayer"));
            becomes(payment.jobId(), "refunded");
            assertThat(world.balance(payer.publicKey())).isEqualTo(300);
        }
    }

    @Test
    void a_confidential_job_needs_evidence_and_development_evidence_is_called_so() {
        Papers.NodeKeys keys = world.register(Set.of(Tier.CONFIDENTIAL));
        PaymentRecord.Exact payment = world.pay(world.wallet(400), 400);
        PaymentRecord.Exact without = world.pay(world.wallet(400), 400);
        try (TestNode node = dial(keys)) {
            await().atMost(SOON).until(() -> !node.quoteHash.isZero());
            Papers.Work work = world.papers.work(world.papers.assign(payment, keys, Tier.CONFIDENTIAL, 400), keys, node.quoteHash, 1, 1);
            Papers.Work naked = world.papers.work(world.papers.assign(without, keys, Tier.CONFIDENTIAL, 400), keys, Hash.ZERO, 1, 1);
            node.offer(work);
            node.offer(naked);
            world.post(relayer, world.papers.completed(payment, work));
            world.post(relayer, world.papers.completed(without, naked));
            await().atMost(SOON).until(() -> node.states.stream().anyMatch(state -> state.job().equals(payment.jobId()) && state.reason().contains("DEVELOPMENT")));
            becomes(payment.jobId(), "final");
            becomes(without.jobId(), "refunded");
        }
    }

    @Test
    void the_quorums_word_on_a_nodes_evidence_stands_on_chain_and_a_job_whose_evidence_lost_it_goes_back() {
        Papers.NodeKeys keys = world.register(Set.of(Tier.CONFIDENTIAL));
        try (TestNode node = dial(keys)) {
            await().atMost(SOON).until(() -> !node.quoteHash.isZero() && world.node(keys).attestationQuoteHash().equals(node.quoteHash));
            assertThat(world.node(keys).attestationKind()).isEqualTo(AttestationKind.TDX.code());
            assertThat(world.node(keys).attestationExpirySlot()).isGreaterThan(world.chain.slot());
            Hash ended = node.quoteHash;
            world.withdrawAttestation(keys);
            Keypair payer = world.wallet(400);
            PaymentRecord.Exact payment = world.pay(payer, 400);
            Papers.Work work = world.papers.work(world.papers.assign(payment, keys, Tier.CONFIDENTIAL, 400), keys, ended, 1, 1);
            node.offer(work);
            world.post(relayer, world.papers.completed(payment, work));
            await().atMost(SOON).until(() -> node.states.stream().anyMatch(state -> state.job().equals(payment.jobId()) && state.reason().contains("attestation_revoked")));
            becomes(payment.jobId(), "refunded");
            assertThat(world.balance(payer.publicKey())).isEqualTo(400);
            assertThat(world.node(keys).attestationKind()).as("the same evidence is not recorded again").isZero();
        }
        try (TestNode again = dial(keys)) {
            await().atMost(SOON).until(() -> !again.quoteHash.isZero() && world.node(keys).attestationQuoteHash().equals(again.quoteHash));
        }
    }

    @Test
    void repetitions_change_nothing_and_contradictions_are_refused_with_a_code() {
        Papers.NodeKeys keys = world.register(Set.of(Tier.OPEN));
        PaymentRecord.Exact payment = world.pay(world.wallet(900), 900);
        SignedAssignment assignment = world.papers.assign(payment, keys, Tier.OPEN, 900);
        Papers.Work work = world.papers.work(assignment, keys, Hash.ZERO, 1, 2);
        JobRecord record = world.papers.completed(payment, work);
        try (TestNode node = dial(keys)) {
            for (int i = 0; i < 3; i++) {
                assertThat(world.post(relayer, record).statusCode()).isEqualTo(200);
                node.offer(work);
            }
            assertThat(world.post(relayer, world.papers.reserved(payment, Optional.of(assignment))).statusCode()).isEqualTo(200);
            var refused = world.post(relayer, world.papers.failed(payment, Optional.of(assignment)));
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(Fields.parse(refused.body()).child("error").text("code")).isEqualTo("record_outcome");
            node.offer(world.papers.work(assignment, keys, Hash.ZERO, 1, 2));
            await().atMost(SOON).untilAsserted(() -> assertThat(node.recorded.get(payment.jobId()).code()).contains("receipt_conflict"));
            becomes(payment.jobId(), "final");
            assertThat(Fields.parse(world.get(relayer, "/v1/proofs/" + world.mint + "/" + keys.key() + "/node").body()).amount("cumulative")).isEqualTo(900 - 18);
        }
    }

    @Test
    void strangers_and_nonsense_get_clear_answers() {
        PaymentRecord.Exact payment = world.pay(world.wallet(10), 10);
        var stranger = world.post(relayer, world.papers.reserved(payment, Optional.empty()), Keypair.generate());
        assertThat(stranger.statusCode()).isEqualTo(403);
        assertThat(Fields.parse(stranger.body()).child("error").text("code")).isEqualTo("gateway_unknown");
        assertThat(world.get(relayer, "/v1/jobs/zz").statusCode()).isEqualTo(400);
        assertThat(world.get(relayer, "/v1/jobs/" + Hash.ZERO.hex()).statusCode()).isEqualTo(404);
        assertThat(world.get(relayer, "/v1/jobs?limit=0").statusCode()).isEqualTo(400);
        assertThat(world.get(relayer, "/v1/batches/" + world.mint + "/999").statusCode()).isEqualTo(404);
        Papers.NodeKeys unregistered = new Papers.NodeKeys(Keypair.generate(), Keypair.generate(), SealingKey.generate(SealingSuite.X25519), Keypair.generate().publicKey(), Set.of(Tier.OPEN));
        try (TestNode node = TestNode.dial(world, relayer, unregistered)) {
            assertThat(node.greeting.orTimeout(10, java.util.concurrent.TimeUnit.SECONDS).join())
                .isInstanceOfSatisfying(WireMessage.Refused.class, refused -> assertThat(refused.code()).isEqualTo("node_unregistered"));
        }
    }

    @Test
    void what_is_served_of_a_batch_gives_the_roots_on_chain() {
        PaymentRecord.Exact payment = world.pay(world.wallet(50), 50);
        world.post(relayer, world.papers.failed(payment, Optional.empty()));
        becomes(payment.jobId(), "refunded");
        long seq = world.poolAccount().finalSeq();
        BatchDocument document = BatchJson.read(Fields.parse(world.get(relayer, "/v1/batches/" + world.mint + "/" + seq).body()));
        var onChain = network.nyxos.escrow.program.escrow.Batch.decode(world.chain.account(world.pool.batch(seq)).orElseThrow().data());
        assertThat(document.header().receiptsRoot()).isEqualTo(onChain.receiptsRoot());
        assertThat(document.header().credits().hash()).isEqualTo(onChain.creditRoot());
        assertThat(document.header().credits().sum()).isEqualTo(onChain.creditSum());
        assertThat(List.of("ok")).contains(Fields.parse(world.get(relayer, "/health").body()).text("status"));
        assertThat(world.get(relayer, "/metrics").body()).contains("nyxos_relayer_jobs");
    }

    @Test
    void the_status_counts_jobs_by_state_and_names_every_pool() {
        PaymentRecord.Exact payment = world.pay(world.wallet(30), 30);
        world.post(relayer, world.papers.failed(payment, Optional.empty()));
        becomes(payment.jobId(), "refunded");
        var answer = world.get(relayer, "/v1/status");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Fields status = Fields.parse(answer.body());
        assertThat(status.child("jobs").count("refunded")).isPositive();
        assertThat(status.child("jobs").count("slashed")).isZero();
        assertThat(status.child("pools").child(world.mint.toBase58()).count("finalSeq")).isPositive();
        assertThat(status.key("operator")).isEqualTo(world.operator.publicKey());
        assertThat(status.child("deployment").child("escrow").text("idl")).isEqualTo(network.nyxos.escrow.program.escrow.EscrowIdl.SHA256);
    }
}
