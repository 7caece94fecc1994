package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.job.JobState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// A relayer was away for so long that nodes settled by themselves, and is back. Whatever it was at when it went, no job is paid twice, no payer debited beyond
/// what the jobs cost, and what was settled for nobody goes back.
class DirectTest {
    /// Long enough that nothing becomes final before the test says so.
    private static final long WINDOW = 2_000;
    private static final long DEPOSIT = 10_000;
    private static final int PAID = 2;
    private static final int REASON = 1;
    private static final long RECORD_STANDS = 216_000;
    private static World world;
    private static SteppedRelayer relayer;
    private Papers.NodeKeys node;
    private Papers.Session session;
    /// What lies in the vault for nobody yet: settled for jobs that were not paid so in the end, of payers that are still there.
    private long uncredited;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM, WINDOW);
        world.startVerifiers(0, 0, 1);
        relayer = new SteppedRelayer(world, world.operator, "direct");
    }

    @AfterAll
    static void stop() {
        if (relayer != null) {
            relayer.close();
        }
        world.close();
    }

    @BeforeEach
    void open() {
        node = world.register(Set.of(Tier.OPEN));
        world.chain.airdrop(node.key(), LocalChain.LAMPORTS_PER_SOL);
        session = world.escrow(DEPOSIT);
        uncredited = uncredited();
    }

    private static long uncredited() {
        Pool pool = world.poolAccount();
        return pool.inflow() - pool.credited();
    }

    /// A job that passed the gate before the relayer went.
    private record Served(PaymentRecord.ByVoucher payment, Papers.Work work) {
        long charge() {
            return work.receipt().receipt().charge();
        }

        Hash id() {
            return payment.jobId();
        }

        PublicKey record() {
            return world.pool.direct(payment.voucher().escrow(), id());
        }
    }

    private Served serve(long voucher, int... prompt) {
        PaymentRecord.ByVoucher payment = world.papers.voucher(session, voucher, Papers.REQUEST);
        var served = new Served(payment, relayer.serve(payment, node, prompt));
        assertThat(relayer.job(served.work).state()).isEqualTo(JobState.VERIFIED);
        return served;
    }

    /// A job that was served when the relayer had gone.
    private Served unheard() {
        PaymentRecord.ByVoucher payment = world.papers.voucher(session, 500, Papers.REQUEST);
        return new Served(payment, world.papers.work(world.papers.assign(payment, node, Tier.OPEN, 500), node, Hash.ZERO, 1, 2, 3));
    }

    /// Nobody posts for as long as the market says, and the node helps itself.
    private void settleDirectly(Served job) {
        world.chain.advanceSlots(WINDOW);
        world.send(world.pool.settleDirect(node.key(), job.payment.direct(session.key().publicKey(), job.work.assignment(), job.work.receipt())), node.node());
    }

    private void payNode(Served job) {
        world.chain.advanceSlots(WINDOW);
        world.send(List.of(Tokens.createAssociated(world.admin.publicKey(), node.payout(), world.mint, world.pool.tokenProgram()),
            Tokens.createAssociated(world.admin.publicKey(), world.treasury, world.mint, world.pool.tokenProgram()),
            world.pool.finishDirect(job.record(), node.key(), node.payout(), world.treasury)), world.admin);
        assertThat(record(job).state()).isEqualTo(PAID);
    }

    private static Direct record(Served job) {
        return Direct.decode(world.chain.account(job.record()).orElseThrow().data());
    }

    private long debited() {
        return Escrow.decode(world.chain.account(session.escrow()).orElseThrow().data()).settled();
    }

    private void leave() {
        world.send(List.of(world.market.requestExit(session.payer().publicKey(), session.escrow())), session.payer());
        world.chain.advanceSlots(World.EXIT_SLOTS);
        world.send(List.of(world.pool.exit(session.escrow(), session.payer().publicKey(), world.operator.publicKey())), world.operator);
    }

    private void assertPaidOnceByItself(Served job) {
        assertThat(relayer.job(job.work).state()).isEqualTo(JobState.RELEASED);
        assertThat(relayer.job(job.work).reason().toString()).contains("settled_directly");
        payNode(job);
        relayer.finish();
        assertThat(world.balance(node.payout())).as("the node's share, once").isEqualTo(Split.of(job.charge(), World.FEE_BPS, 0).net());
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE)).as("credited").isZero();
    }

    @Test
    void a_job_that_waited_for_a_batch_is_not_settled_once_more() {
        Served job = serve(500, 1, 2, 3);
        settleDirectly(job);
        relayer.finish();
        assertPaidOnceByItself(job);
        assertThat(debited()).as("the payer's debit").isEqualTo(job.charge());
    }

    @Test
    void a_job_that_comes_through_the_gate_afterwards_is_refused_there() {
        Served job = unheard();
        settleDirectly(job);
        relayer.serve(job.payment, job.work);
        assertPaidOnceByItself(job);
        assertThat(debited()).isEqualTo(job.charge());
    }

    @Test
    void what_was_settled_for_it_before_pays_the_next_job_of_its_payer() {
        Served job = serve(500, 1, 2, 3);
        relayer.step();
        relayer.step();
        assertThat(debited()).as("settled, and the relayer is gone before it could post").isEqualTo(job.charge());
        settleDirectly(job);
        assertThat(debited()).isEqualTo(2 * job.charge());
        relayer.finish();
        assertPaidOnceByItself(job);
        Served next = serve(1_000, 1, 2, 3);
        relayer.finish();
        assertThat(relayer.job(next.work).state()).isEqualTo(JobState.FINAL);
        assertThat(debited()).as("for two jobs in all").isEqualTo(2 * job.charge());
        assertThat(uncredited()).isEqualTo(uncredited);
    }

    @Test
    void what_was_settled_for_it_before_goes_back_when_its_payer_leaves() {
        Served job = serve(500, 1, 2, 3);
        relayer.step();
        relayer.step();
        settleDirectly(job);
        relayer.finish();
        leave();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            relayer.finish();
            return relayer.batches.finalCredits(world.mint).of(session.payer().publicKey(), CreditKind.REFUND) == job.charge();
        });
        assertThat(world.balance(session.payer().publicKey())).as("left and given back").isEqualTo(DEPOSIT - job.charge());
        assertPaidOnceByItself(job);
    }

    @Test
    void a_proposal_is_made_anew_without_it_and_the_other_job_of_its_escrow_is_paid() {
        Served job = serve(500, 1, 2, 3);
        Served other = serve(1_000, 4, 5, 6);
        relayer.until(BatchState.PROPOSED);
        settleDirectly(job);
        relayer.finish();
        assertThat(relayer.job(job.work).reason().code()).isEqualTo("settled_directly");
        assertThat(relayer.job(other.work).state()).isEqualTo(JobState.FINAL);
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE)).as("for the other one").isEqualTo(Split.of(other.charge(), World.FEE_BPS, 0).net());
        payNode(job);
        assertThat(world.balance(node.payout())).isEqualTo(Split.of(job.charge(), World.FEE_BPS, 0).net());
    }

    @Test
    void a_relayer_that_proposes_it_all_the_same_gets_no_verifiers_signature() {
        Served job = unheard();
        settleDirectly(job);
        Quorum.Answers answers = relayer.propose(job.payment, job.work);
        assertThat(answers.signatures()).isEmpty();
        assertThat(answers.refusals()).hasSize(2).allSatisfy(refusal -> {
            assertThat(refusal.reason().code()).isEqualTo("settled_directly");
            assertThat(refusal.job()).contains(job.id());
            assertThat(refusal.again()).isFalse();
        });
    }

    @Test
    void a_batch_that_was_signed_but_not_posted_is_made_anew_without_it() {
        Served job = serve(500, 1, 2, 3);
        relayer.until(BatchState.SIGNED);
        settleDirectly(job);
        relayer.finish();
        assertPaidOnceByItself(job);
    }

    @Test
    void one_that_a_batch_pays_already_is_disproved_and_its_charge_goes_back_to_the_escrow() {
        Served job = serve(500, 1, 2, 3);
        relayer.finish();
        assertThat(relayer.job(job.work).state()).isEqualTo(JobState.FINAL);
        settleDirectly(job);
        assertThat(debited()).isEqualTo(2 * job.charge());
        relayer.watch();
        relayer.watch();
        assertThat(debited()).as("the payer's debit").isEqualTo(job.charge());
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE)).isEqualTo(Split.of(job.charge(), World.FEE_BPS, 0).net());
        // What is void is not settled directly: the next job of the escrow is counted right.
        Served next = serve(1_000, 4, 5, 6);
        relayer.finish();
        assertThat(relayer.job(next.work).state()).isEqualTo(JobState.FINAL);
        assertThat(debited()).isEqualTo(job.charge() + next.charge());
    }

    @Test
    void the_next_job_of_an_escrow_is_settled_on_top_of_what_its_node_took() {
        Served job = serve(500, 1, 2, 3);
        settleDirectly(job);
        Served next = serve(1_000, 4, 5, 6);
        relayer.finish();
        assertThat(relayer.job(next.work).state()).as(relayer.job(next.work).reason()::toString).isEqualTo(JobState.FINAL);
        assertThat(debited()).isEqualTo(job.charge() + next.charge());
        assertThat(uncredited()).isEqualTo(uncredited);
        payNode(job);
    }

    @Test
    void a_voucher_that_a_direct_settlement_has_used_up_pays_no_further_job() {
        Served job = serve(Papers.PRICE.charge(3, 20), 1, 2, 3);
        settleDirectly(job);
        PaymentRecord.ByVoucher late = world.papers.voucher(session, job.charge(), Papers.REQUEST);
        Papers.Work work = relayer.serve(late, node, 4, 5, 6);
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.RELEASED);
        assertThat(debited()).as("not beyond what the payer signed").isEqualTo(job.charge());
    }

    @Test
    void one_that_the_verifiers_voided_can_be_credited() {
        Served job = unheard();
        settleDirectly(job);
        Hash digest = Digests.voidDirect(World.PROGRAMS.escrow(), job.record(), record(job).receiptHash(), job.charge(), REASON);
        Map<PublicKey, Signature> signatures = world.verifierKeys.stream().limit(2).collect(Collectors.toMap(Keypair::publicKey, key -> key.sign(digest)));
        world.send(world.pool.voidDirect(job.record(), REASON, new network.nyxos.escrow.program.Quorum(digest, signatures)), world.operator);
        relayer.serve(job.payment, job.work);
        relayer.finish();
        assertThat(relayer.job(job.work).state()).as(relayer.job(job.work).reason()::toString).isEqualTo(JobState.FINAL);
        relayer.watch();
        assertThat(debited()).isEqualTo(job.charge());
    }

    @Test
    void a_record_that_was_closed_with_its_escrow_is_not_forgotten() {
        Served job = unheard();
        settleDirectly(job);
        payNode(job);
        leave();
        world.chain.advanceSlots(RECORD_STANDS);
        world.send(List.of(world.pool.closeDirect(node.key(), job.record(), session.escrow())), node.node());
        assertThat(world.chain.account(job.record())).isEmpty();
        relayer.serve(job.payment, job.work);
        assertThat(relayer.job(job.work).state()).isEqualTo(JobState.RELEASED);
        assertThat(relayer.job(job.work).reason().code()).isEqualTo("settled_directly");
    }
}
