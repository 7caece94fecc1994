package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.gate.PastKey;
import network.nyxos.relayer.job.JobState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node that changes its receipt key is paid for what it was assigned before, and for what is assigned after under the new key only.
class KeyRotationTest {
    private static final long LATER_MS = 60_000;
    private World world;
    private SteppedRelayer relayer;
    private Papers.NodeKeys node;
    private Papers.Session session;

    @BeforeEach
    void start() {
        world = new World(LocalChain.TOKEN_PROGRAM, ExitTest.WINDOW);
        world.startVerifiers(0, 0, 1);
        relayer = new SteppedRelayer(world, world.operator, "rotation");
        node = world.register(Set.of(Tier.OPEN));
        session = world.escrow(100_000);
    }

    @AfterEach
    void stop() {
        if (relayer != null) {
            relayer.close();
        }
        world.close();
    }

    private PaymentRecord.ByVoucher voucher(long cumulative) {
        return world.papers.voucher(session, cumulative, Papers.REQUEST);
    }

    private SignedAssignment assign(PaymentRecord payment, long atMs) {
        return world.papers.assign(payment, node, Tier.OPEN, 500, atMs);
    }

    private Papers.Work serve(PaymentRecord payment, SignedAssignment assignment, Papers.NodeKeys signer) {
        return relayer.serve(payment, world.papers.work(assignment, signer, Hash.ZERO, 1, 2, 3));
    }

    private static long net(Papers.Work work) {
        return Split.of(work.receipt().receipt().charge(), World.FEE_BPS, 0).net();
    }

    @Test
    void what_was_assigned_before_counts_under_the_key_of_then_with_relayer_and_verifiers() {
        PaymentRecord.ByVoucher first = voucher(500);
        PaymentRecord.ByVoucher second = voucher(1_000);
        SignedAssignment underWay = assign(first, System.currentTimeMillis());
        SignedAssignment alsoUnderWay = assign(second, System.currentTimeMillis());
        Papers.NodeKeys rotated = world.rotate(node);
        Papers.Work old = serve(first, underWay, node);
        Papers.NodeKeys again = world.rotate(rotated);
        Papers.Work older = serve(second, alsoUnderWay, node);
        PaymentRecord.ByVoucher third = voucher(1_500);
        Papers.Work fresh = serve(third, assign(third, System.currentTimeMillis() + LATER_MS), again);
        relayer.finish();
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE)).isEqualTo(net(old) + net(older) + net(fresh));
        assertThat(world.poolAccount().credited()).isEqualTo(world.poolAccount().inflow());
    }

    @Test
    void what_is_assigned_after_does_not_count_under_an_earlier_key_nor_anything_under_a_key_that_never_was() {
        PaymentRecord.ByVoucher first = voucher(500);
        PaymentRecord.ByVoucher second = voucher(1_000);
        SignedAssignment before = assign(second, System.currentTimeMillis());
        world.rotate(node);
        assertRefused(first, serve(first, assign(first, System.currentTimeMillis() + LATER_MS), node));
        assertRefused(second, serve(second, before, new Papers.NodeKeys(node.node(), Keypair.generate(), node.sealing(), node.payout(), node.tiers())));
    }

    private void assertRefused(PaymentRecord.ByVoucher payment, Papers.Work work) {
        assertThat(relayer.job(work).state()).isEqualTo(JobState.RELEASED);
        assertThat(relayer.job(work).reason().code()).isEqualTo("receipt_signature");
        assertThat(relayer.propose(payment, work).refusals()).as("verifiers look for themselves").hasSize(2).allSatisfy(refused -> assertThat(refused.reason().code())
            .isEqualTo("receipt_signature"));
    }

    @Test
    void the_registrys_events_tell_which_keys_a_node_had_and_until_when() {
        assertThat(past()).isEmpty();
        long before = System.currentTimeMillis() / 1_000 * 1_000;
        Papers.NodeKeys second = world.rotate(node);
        assertThat(past()).singleElement().satisfies(past -> {
            assertThat(past.key()).isEqualTo(node.receipt().publicKey());
            assertThat(past.untilMs()).isGreaterThanOrEqualTo(before);
        });
        world.rotate(second);
        assertThat(past()).extracting(PastKey::key).containsExactly(second.receipt().publicKey(), node.receipt().publicKey());
    }

    private List<PastKey> past() {
        return relayer.facts.pastReceiptKeys(relayer.facts.node(node.key()).orElseThrow());
    }
}
