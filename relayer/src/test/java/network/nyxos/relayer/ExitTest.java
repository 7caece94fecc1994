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
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.job.JobState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// A payer may leave at any moment. What its escrow was debited before it left is credited to whom it belongs, and what was not debited is its own: whatever
/// the moment, no unit lies in the pool without a credit.
class ExitTest {
    /// Long enough that nothing becomes final before the test says so.
    static final long WINDOW = 2_000;
    private static final long DEPOSIT = 10_000;
    private static final int REASON = 1;
    private static World world;
    private static SteppedRelayer relayer;
    private Papers.NodeKeys node;
    private Papers.Session session;
    private Pool before;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM, WINDOW);
        world.startVerifiers(0, 0, 1);
        relayer = new SteppedRelayer(world, world.operator, "stepped");
    }

    @BeforeEach
    void look() {
        node = world.register(Set.of(Tier.OPEN));
        before = world.poolAccount();
    }

    @AfterAll
    static void stop() {
        if (relayer != null) {
            relayer.close();
        }
        world.close();
    }

    /// @param expires the session's end by the chain's clock, unix seconds; 0 = never
    private void open(long expires) {
        session = world.escrow(DEPOSIT, expires);
    }

    private Papers.Work serve(long voucher, int... prompt) {
        Papers.Work work = relayer.serve(world.papers.voucher(session, voucher, Papers.REQUEST), node, prompt);
        assertThat(relayer.job(work).state()).isEqualTo(JobState.VERIFIED);
        return work;
    }

    private static long charge(Papers.Work work) {
        return work.receipt().receipt().charge();
    }

    private void leave() {
        world.send(List.of(world.market.requestExit(session.payer().publicKey(), session.escrow())), session.payer());
        world.chain.advanceSlots(World.EXIT_SLOTS);
        Escrow escrow = Escrow.decode(world.chain.account(session.escrow()).orElseThrow().data());
        world.send(world.pool.prepaid().exit(world.operator.publicKey(), escrow), world.operator);
        assertThat(world.chain.account(session.escrow())).isEmpty();
    }

    /// The payer has what it was not debited, the pool has credited all that came in, and the node has its share of it.
    private void debitedAndCredited(long debited) {
        assertThat(world.balance(session.payer().publicKey())).as("the payer's").isEqualTo(DEPOSIT - debited);
        Pool pool = world.poolAccount();
        assertThat(pool.inflow() - before.inflow()).as("moved into the pool").isEqualTo(debited);
        assertThat(pool.credited()).as("of all that, credited").isEqualTo(pool.inflow());
        assertThat(pool.uncollected()).isZero();
        assertThat(pool.deposited() - pool.settled() - pool.exited()).as("left of deposits").isZero();
    }

    @Test
    void one_that_leaves_between_its_settlement_and_the_verifiers_look_has_paid_and_the_node_is_credited() {
        open(0);
        Papers.Work work = serve(500, 1, 2, 3);
        relayer.step();
        relayer.until(BatchState.PROPOSED);
        leave();
        relayer.finish();
        assertThat(relayer.job(work).state()).as(relayer.job(work).reason()::toString).isEqualTo(JobState.FINAL);
        debitedAndCredited(charge(work));
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE)).isEqualTo(Split.of(charge(work), World.FEE_BPS, 0).net());
    }

    @Test
    void one_that_leaves_between_settling_and_collecting_has_paid() {
        open(0);
        Papers.Work work = serve(500, 1, 2, 3);
        // Opened, then settled.
        relayer.step();
        relayer.step();
        assertThat(world.poolAccount().inflow()).isEqualTo(before.inflow());
        leave();
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.FINAL);
        debitedAndCredited(charge(work));
    }

    /// Nobody but who pays for it knows that it is another kind of escrow.
    @Test
    void a_prepaid_one_that_its_payer_never_signed_for_is_settled_and_left_as_any_other() {
        session = world.prepaid(DEPOSIT);
        Papers.Work paid = serve(500, 1, 2, 3);
        relayer.finish();
        Papers.Work settled = serve(1_000, 4, 5);
        relayer.step();
        relayer.until(BatchState.PROPOSED);
        leave();
        relayer.finish();
        assertThat(relayer.job(paid).state()).isEqualTo(JobState.FINAL);
        assertThat(relayer.job(settled).state()).as("found among what is closed").isEqualTo(JobState.FINAL);
        debitedAndCredited(charge(paid) + charge(settled));
    }

    @Test
    void one_that_leaves_while_its_batch_is_voided_and_made_anew_has_paid_for_the_new_one() {
        open(0);
        Papers.Work work = serve(500, 1, 2, 3);
        relayer.until(BatchState.POSTED);
        voidBatch();
        leave();
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.FINAL);
        assertThat(world.poolAccount().finalSeq()).isEqualTo(before.nextSeq() + 1);
        debitedAndCredited(charge(work));
    }

    private void voidBatch() {
        long seq = world.poolAccount().pendingSeq();
        PublicKey batch = world.pool.batch(seq);
        Hash root = Batch.decode(world.chain.account(batch).orElseThrow().data()).creditRoot();
        Hash digest = Digests.voidBatch(World.PROGRAMS.escrow(), batch, root, REASON);
        Map<PublicKey, Signature> signatures = world.verifierKeys.stream().limit(2).collect(Collectors.toMap(Keypair::publicKey, key -> key.sign(digest)));
        world.send(world.pool.voidBatch(seq, REASON, new Quorum(digest, signatures)), world.operator);
    }

    @Test
    void of_two_jobs_the_one_that_was_settled_before_the_payer_left_is_paid_and_the_other_is_not() {
        open(0);
        Papers.Work settled = serve(500, 1, 2, 3);
        relayer.until(BatchState.POSTED);
        voidBatch();
        Papers.Work unsettled = serve(1_000, 4, 5);
        leave();
        relayer.finish();
        assertThat(relayer.job(settled).state()).isEqualTo(JobState.FINAL);
        assertThat(relayer.job(unsettled).state()).isEqualTo(JobState.RELEASED);
        debitedAndCredited(charge(settled));
    }

    @Test
    void a_session_that_ends_by_the_chains_clock_before_it_is_settled_has_paid_nothing() {
        open(world.chain.unixTime() + 600);
        Papers.Work work = serve(500, 1, 2, 3);
        world.chain.advanceTime(Duration.ofHours(1));
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.RELEASED);
        assertThat(relayer.job(work).reason().code()).isEqualTo("settle_skipped");
        assertThat(relayer.job(work).reason().message()).contains("session key has expired");
        leave();
        debitedAndCredited(0);
    }

    @Test
    void a_session_that_ends_once_it_is_settled_has_paid() {
        open(world.chain.unixTime() + 600);
        Papers.Work work = serve(500, 1, 2, 3);
        relayer.until(BatchState.PROPOSED);
        world.chain.advanceTime(Duration.ofHours(1));
        leave();
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.FINAL);
        debitedAndCredited(charge(work));
    }

    private void operator(PublicKey operator) {
        world.send(List.of(world.market.update(world.admin.publicKey(), operator, world.treasury, PublicKey.NONE), world.market.refreshOperator(List.of(session.escrow()))),
            world.admin);
    }

    @Test
    void an_escrow_that_went_to_another_operator_and_back_is_settled_all_the_same() {
        open(0);
        Papers.Work work = serve(500, 1, 2, 3);
        operator(Keypair.generate().publicKey());
        // Opened, then looked at: the relayer has been replaced.
        relayer.step();
        relayer.step();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.VERIFIED);
        assertThat(relayer.batches.underWay(world.mint).orElseThrow().reason().code()).isEqualTo("operator_replaced");
        world.send(List.of(world.market.update(world.admin.publicKey(), world.operator.publicKey(), world.treasury, PublicKey.NONE)), world.admin);
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.FINAL);
        leave();
        debitedAndCredited(charge(work));
    }

    @Test
    void what_was_settled_for_a_job_that_verifiers_refuse_goes_back_when_its_payer_leaves() {
        open(0);
        Papers.Work work = serve(500, 1, 2, 3);
        relayer.until(BatchState.PROPOSED);
        // The node asks for its bond before the verifiers look: its work is not paid any more.
        world.unbond(node);
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.RELEASED);
        assertThat(world.poolAccount().inflow() - before.inflow()).as("settled all the same").isEqualTo(charge(work));
        leave();
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            relayer.finish();
            assertThat(world.balance(session.payer().publicKey())).as("the payer has all of it again").isEqualTo(DEPOSIT);
        });
        assertThat(world.poolAccount().credited()).isEqualTo(world.poolAccount().inflow());
    }

    @Test
    void one_that_leaves_before_it_is_settled_has_paid_nothing_and_the_job_says_so() {
        open(0);
        Papers.Work work = serve(500, 1, 2, 3);
        leave();
        relayer.finish();
        assertThat(relayer.job(work).state()).isEqualTo(JobState.RELEASED);
        assertThat(relayer.job(work).reason().code()).isEqualTo("escrow_exited");
        debitedAndCredited(0);
    }

    @Test
    void one_that_leaves_between_two_batches_has_paid_for_the_first_and_not_for_the_second() {
        open(0);
        Papers.Work paid = serve(500, 1, 2, 3);
        relayer.finish();
        Papers.Work unpaid = serve(1_000, 4, 5);
        leave();
        relayer.finish();
        assertThat(relayer.job(paid).state()).isEqualTo(JobState.FINAL);
        assertThat(relayer.job(unpaid).state()).isEqualTo(JobState.RELEASED);
        debitedAndCredited(charge(paid));
    }
}
