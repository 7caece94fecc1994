package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.job.JobState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// A market's fee, verifiers and operator change while its relayer and verifiers run: none of them has to be started again.
class LiveTermsTest {
    private static final int NEW_FEE_BPS = 400;
    private World world;
    private SteppedRelayer relayer;
    private Papers.NodeKeys node;
    private Papers.Session session;

    @BeforeEach
    void start() {
        world = new World(LocalChain.TOKEN_PROGRAM, ExitTest.WINDOW);
        world.startVerifiers(0, 0, 1, 2);
        relayer = new SteppedRelayer(world, world.operator, "live");
        node = world.register(Set.of(Tier.OPEN));
        session = world.escrow(10_000);
    }

    @AfterEach
    void stop() {
        if (relayer != null) {
            relayer.close();
        }
        world.close();
    }

    private Papers.Work serve() {
        return relayer.serve(world.papers.voucher(session, 500, Papers.REQUEST), node, 1, 2, 3);
    }

    /// Announces another fee and a quorum without the first verifier, and lets both come into force.
    private void changeTerms() {
        List<PublicKey> others = world.verifierKeys.stream().skip(1).map(Keypair::publicKey).toList();
        PublicKey admin = world.admin.publicKey();
        world.send(List.of(world.market.proposeTerms(admin, admin, world.terms(NEW_FEE_BPS, others))), world.admin);
        world.chain.advanceSlots(World.EXIT_SLOTS + ExitTest.WINDOW);
        world.send(List.of(world.market.applyTerms(admin)), world.admin);
    }

    private void paidAtTheNewFee(Papers.Work work) {
        assertThat(relayer.job(work).state()).as(relayer.job(work).reason()::toString).isEqualTo(JobState.FINAL);
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE))
            .isEqualTo(Split.of(work.receipt().receipt().charge(), NEW_FEE_BPS, 0).net());
    }

    @Test
    void a_proposal_is_made_anew_by_the_new_terms_and_signed_by_the_new_verifiers() {
        Papers.Work work = serve();
        relayer.until(BatchState.PROPOSED);
        changeTerms();
        relayer.finish();
        paidAtTheNewFee(work);
    }

    @Test
    void signatures_of_verifiers_who_no_longer_rule_are_asked_for_anew() {
        Papers.Work work = serve();
        relayer.until(BatchState.SIGNED);
        changeTerms();
        relayer.finish();
        paidAtTheNewFee(work);
    }

    @Test
    void a_new_operators_relayer_goes_on_where_the_old_one_was_and_the_verifiers_know_it() {
        Papers.Work work = serve();
        relayer.until(BatchState.SETTLING);
        Keypair next = world.wallet(1);
        world.send(List.of(world.market.update(world.admin.publicKey(), next.publicKey(), world.treasury, PublicKey.NONE)), world.admin);
        relayer.close();
        relayer = new SteppedRelayer(world, next, "live");
        relayer.until(BatchState.SIGNED);
        relayer.step();
        assertThat(relayer.batches.underWay(world.mint).orElseThrow().reason().code()).as("who posts answers with a bond").isEqualTo("poster_unbonded");
        world.bondPoster(next);
        relayer.finish();
        assertThat(relayer.job(work).state()).as(relayer.job(work).reason()::toString).isEqualTo(JobState.FINAL);
        assertThat(world.poolAccount().credited()).isEqualTo(work.receipt().receipt().charge());
    }
}
