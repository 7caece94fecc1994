package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.JobCase;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What happens to a job that verifiers refuse, or whose escrow cannot be settled: the others go on, and its payer loses nothing.
class RefusalTest {
    private static Workshop workshop;

    @BeforeAll
    static void start() {
        workshop = new Workshop();
    }

    @AfterAll
    static void stop() {
        workshop.close();
    }

    private record Ground(Papers papers, ModelChain chain, Papers.NodeKeys node) {
        static Ground make() {
            var papers = new Papers(Keypair.generate().publicKey(), workshop.gateway);
            var chain = new ModelChain(papers.mint());
            return new Ground(papers, chain, Workshop.node(chain));
        }

        Hash serve(PaymentRecord payment) {
            SignedAssignment assignment = papers.assign(payment, node, Tier.OPEN, 500, workshop.nowMs);
            Papers.Work work = papers.work(assignment, node, Hash.ZERO, 1, 2, 3);
            workshop.jobs.record(GatewayRecord.accept(workshop.gateway.publicKey(), papers.completed(payment, work)), workshop.nowMs);
            workshop.jobs.receipt(work.receipt(), assignment, chain.slot, workshop.nowMs);
            workshop.gatekeeper(chain).examine(payment.jobId());
            return payment.jobId();
        }

        Hash exact(long seed) {
            PaymentRecord.Exact payment = Workshop.exact(Keypair.generate().publicKey(), papers.mint(), 500, new Random(seed));
            chain.land(payment);
            return serve(payment);
        }

        void run(Quorum quorum) {
            BatchMachine machine = workshop.machine(chain, workshop.batches, quorum);
            for (int round = 0; round < 8; round++) {
                machine.run(papers.mint());
                chain.slot += ModelChain.WINDOW;
                workshop.nowMs++;
            }
        }
    }

    /// Refuses one served job, signs everything else.
    private static Quorum against(Hash job) {
        return Workshop.quorum(batch -> batch.served().stream().noneMatch(served -> served.job().equals(job)) ? Workshop.SIGNS_ALL.ask(batch)
            : refusal(new Reason("node_inactive", "slashed"), Optional.of(job), false));
    }

    private static Quorum.Answers refusal(Reason reason, Optional<Hash> job, boolean later) {
        return new Quorum.Answers(1, List.of(), List.of(new Quorum.Refusal(Keypair.generate().publicKey(), reason, job, later)));
    }

    private static JobCase find(Hash job) {
        return workshop.jobs.find(job).orElseThrow();
    }

    @Test
    void a_refused_exact_job_is_refunded_and_the_rest_of_its_batch_is_paid() {
        Ground ground = Ground.make();
        Hash good = ground.exact(101);
        Hash bad = ground.exact(102);
        ground.run(against(bad));
        assertThat(find(good).state()).isEqualTo(JobState.FINAL);
        assertThat(find(bad).state()).isEqualTo(JobState.REFUNDING);
        assertThat(find(bad).reason().message()).contains("node_inactive");
        assertThat(ground.chain.credited).as("one paid, one refunded").isEqualTo(1_000);
    }

    @Test
    void a_refused_voucher_job_is_released_and_what_was_settled_for_it_pays_the_next() {
        Ground ground = Ground.make();
        Papers.Session session = Workshop.escrow(ground.chain, 10_000);
        Hash bad = ground.serve(ground.papers.voucher(session, 500, Papers.REQUEST));
        ground.run(against(bad));
        assertThat(find(bad).state()).isEqualTo(JobState.RELEASED);
        long moved = ground.chain.escrows.get(session.escrow()).settled();
        assertThat(moved).isPositive();
        Hash next = ground.serve(ground.papers.voucher(session, 1_000, Papers.REQUEST));
        ground.run(Workshop.SIGNS_ALL);
        assertThat(find(next).state()).isEqualTo(JobState.FINAL);
        assertThat(ground.chain.escrows.get(session.escrow()).settled()).as("the payer is debited for one job").isEqualTo(moved);
        assertThat(ground.chain.credited).isEqualTo(moved);
    }

    @Test
    void what_was_settled_for_a_refused_job_goes_back_when_its_payer_leaves() {
        Ground ground = Ground.make();
        Papers.Session session = Workshop.escrow(ground.chain, 10_000);
        Hash bad = ground.serve(ground.papers.voucher(session, 500, Papers.REQUEST));
        ground.run(against(bad));
        long moved = ground.chain.escrows.get(session.escrow()).settled();
        ground.run(Workshop.SIGNS_ALL);
        assertThat(ground.chain.credited).as("the payer may come back").isZero();
        ground.chain.close(session.escrow());
        ground.run(Workshop.SIGNS_ALL);
        assertThat(workshop.batches.finalCredits(ground.papers.mint()).of(session.payer().publicKey(), CreditKind.REFUND)).isEqualTo(moved).isPositive();
        assertThat(ground.chain.credited).isEqualTo(ground.chain.inflow);
        ground.run(Workshop.SIGNS_ALL);
        assertThat(ground.chain.credited).as("once").isEqualTo(moved);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whoever_is_refused_leaves_or_is_voided_when_no_unit_is_left_without_an_owner(long seed) {
        var random = new Random(seed);
        Ground ground = Ground.make();
        var quorum = Workshop.quorum(batch -> batch.served().isEmpty() || random.nextInt(3) > 0 ? Workshop.SIGNS_ALL.ask(batch)
            : refusal(new Reason("node_inactive", "slashed"), Optional.of(batch.served().get(random.nextInt(batch.served().size())).job()), random.nextInt(4) == 0));
        BatchMachine machine = workshop.machine(ground.chain, workshop.batches, quorum);
        var sessions = new ArrayList<Papers.Session>();
        var vouchers = new HashMap<Papers.Session, Long>();
        for (int i = 0; i < 4; i++) {
            sessions.add(Workshop.escrow(ground.chain, 1_000_000));
        }
        for (int event = 0; event < 120; event++) {
            Papers.Session session = sessions.get(random.nextInt(sessions.size()));
            boolean open = ground.chain.escrows.get(session.escrow()).state() == EscrowFacts.State.OPEN;
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> ground.serve(ground.papers.voucher(session, vouchers.merge(session, 500L, Math::addExact), Papers.REQUEST));
                case 3 -> ground.exact(random.nextLong());
                case 4 -> ground.chain.voidPending();
                case 5 -> {
                    if (open && random.nextInt(4) == 0) {
                        ground.chain.close(session.escrow());
                    }
                }
                default -> {
                    machine.step(ground.papers.mint());
                    ground.chain.slot++;
                }
            }
            workshop.nowMs++;
        }
        ground.run(Workshop.SIGNS_ALL);
        sessions.stream().filter(session -> ground.chain.escrows.get(session.escrow()).state() == EscrowFacts.State.OPEN)
            .forEach(session -> ground.chain.close(session.escrow()));
        ground.run(Workshop.SIGNS_ALL);
        ground.run(Workshop.SIGNS_ALL);
        assertThat(ground.chain.credited).as("credited of what came in").isEqualTo(ground.chain.inflow);
        long debited = sessions.stream().mapToLong(session -> ground.chain.escrows.get(session.escrow()).settled()).sum();
        assertThat(ground.chain.uncollected).isZero();
        assertThat(ground.chain.settled).isEqualTo(debited);
    }

    @Test
    void a_job_whose_payer_has_left_is_released_and_the_others_are_paid() {
        Ground ground = Ground.make();
        Papers.Session gone = Workshop.escrow(ground.chain, 10_000);
        Hash lost = ground.serve(ground.papers.voucher(gone, 500, Papers.REQUEST));
        Hash good = ground.exact(103);
        ground.chain.close(gone.escrow());
        ground.run(Workshop.SIGNS_ALL);
        assertThat(find(lost).state()).isEqualTo(JobState.RELEASED);
        assertThat(find(lost).reason().code()).isEqualTo("escrow_exited");
        assertThat(find(good).state()).isEqualTo(JobState.FINAL);
    }

    @Test
    void what_a_closed_escrow_left_behind_is_collected_before_the_batch_is_posted() {
        Ground ground = Ground.make();
        Papers.Session session = Workshop.escrow(ground.chain, 10_000);
        Hash job = ground.serve(ground.papers.voucher(session, 500, Papers.REQUEST));
        BatchMachine machine = workshop.machine(ground.chain, workshop.batches, Workshop.SIGNS_ALL);
        while (ground.chain.escrows.get(session.escrow()).settled() == 0) {
            assertThat(machine.step(ground.papers.mint())).isTrue();
        }
        long settled = ground.chain.escrows.get(session.escrow()).settled();
        assertThat(ground.chain.inflow).as("settled, not collected").isZero();
        ground.chain.close(session.escrow());
        ground.run(Workshop.SIGNS_ALL);
        assertThat(find(job).state()).isEqualTo(JobState.FINAL);
        assertThat(ground.chain.credited).isEqualTo(ground.chain.inflow).isEqualTo(settled);
    }

    @Test
    void without_a_quorum_the_batch_waits_and_says_for_what() {
        Ground ground = Ground.make();
        Hash job = ground.exact(104);
        ground.run(Workshop.quorum(batch -> refusal(new Reason("verifier_unreachable", ""), Optional.empty(), true)));
        assertThat(find(job).state()).isEqualTo(JobState.VERIFIED);
        assertThat(workshop.batches.underWay(ground.papers.mint()).orElseThrow().reason().code()).isEqualTo("awaits_quorum");
        ground.run(Workshop.SIGNS_ALL);
        assertThat(find(job).state()).isEqualTo(JobState.FINAL);
    }
}
