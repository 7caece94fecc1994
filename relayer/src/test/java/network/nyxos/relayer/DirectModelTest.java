package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/// Nodes settle by themselves at random moments of a relayer's work, against a plain model of the chain.
class DirectModelTest {
    private static final long VOUCHER = 9_000;
    private static Workshop workshop;

    @BeforeAll
    static void start() {
        workshop = new Workshop();
    }

    @AfterAll
    static void stop() {
        workshop.close();
    }

    /// A job that a voucher pays.
    private record Voucher(Hash job, PublicKey escrow, long charge) {
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whenever_a_node_settles_by_itself_each_job_is_paid_once_and_no_payer_beyond_its_word(long seed) {
        var random = new Random(seed);
        var papers = new Papers(Keypair.generate().publicKey(), workshop.gateway);
        var chain = new ModelChain(papers.mint());
        Papers.NodeKeys node = Workshop.node(chain);
        BatchMachine machine = workshop.machine(chain, workshop.batches);
        List<Papers.Session> sessions = List.of(Workshop.escrow(chain, VOUCHER), Workshop.escrow(chain, VOUCHER), Workshop.escrow(chain, VOUCHER));
        var jobs = new ArrayList<Voucher>();
        Set<Hash> direct = new HashSet<>();
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(4)) {
                case 0 -> jobs.add(serve(papers, chain, node, sessions.get(random.nextInt(sessions.size())), random));
                case 1 -> {
                    // The program lets a node do so only when nothing was posted for long, so none of these is in a batch that has just come onto the chain.
                    List<Voucher> waiting = jobs.stream().filter(job -> state(job) == JobState.VERIFIED).toList();
                    if (!waiting.isEmpty() && chain.pendingSeq == 0) {
                        Voucher taken = waiting.get(random.nextInt(waiting.size()));
                        chain.settleDirectly(taken.escrow, taken.job, taken.charge);
                        direct.add(taken.job);
                    }
                }
                case 2 -> chain.slot++;
                default -> machine.step(papers.mint());
            }
            workshop.nowMs++;
        }
        for (int round = 0; round < 12; round++) {
            machine.run(papers.mint());
            chain.slot += ModelChain.WINDOW;
            workshop.nowMs++;
        }
        assertThat(jobs).isNotEmpty();
        for (Voucher job : jobs) {
            assertThat(state(job)).as("job %s, settled by itself: %s", job.job, direct.contains(job.job)).isEqualTo(direct.contains(job.job) ? JobState.RELEASED : JobState.FINAL);
        }
        Map<PublicKey, Long> earned = jobs.stream().filter(job -> !direct.contains(job.job)).collect(Collectors.groupingBy(Voucher::escrow, Collectors.summingLong(Voucher::charge)));
        assertThat(chain.credited).isEqualTo(earned.values().stream().mapToLong(Long::longValue).sum()).isLessThanOrEqualTo(chain.inflow);
        for (Papers.Session session : sessions) {
            EscrowFacts escrow = chain.escrows.get(session.escrow());
            assertThat(escrow.settled()).as("covers what batches charged").isGreaterThanOrEqualTo(earned.getOrDefault(session.escrow(), 0L));
            assertThat(escrow.counted(escrow.settled())).as("all debits").isLessThanOrEqualTo(VOUCHER);
        }
    }

    private static JobState state(Voucher job) {
        return workshop.jobs.find(job.job).orElseThrow().state();
    }

    private static Voucher serve(Papers papers, ModelChain chain, Papers.NodeKeys node, Papers.Session session, Random random) {
        PaymentRecord.ByVoucher payment = papers.voucher(session, VOUCHER, Papers.REQUEST);
        SignedAssignment assignment = papers.assign(payment, node, Tier.OPEN, 500, workshop.nowMs);
        Papers.Work work = papers.work(assignment, node, Hash.ZERO, random.nextInt(100), 2, 3);
        workshop.jobs.record(GatewayRecord.accept(workshop.gateway.publicKey(), papers.completed(payment, work)), workshop.nowMs);
        workshop.jobs.receipt(work.receipt(), assignment, chain.slot, workshop.nowMs);
        workshop.gatekeeper(chain).examine(payment.jobId());
        return new Voucher(payment.jobId(), session.escrow(), work.receipt().receipt().charge());
    }
}
