package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.credit.CreditRules;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// A model's author gets its share of every job that the model serves, at the rate that the registry has at the batch's slot.
class RoyaltyTest {
    private static final long DEPOSIT = 100_000;
    private World world;
    private SteppedRelayer relayer;
    private Papers.NodeKeys node;
    private Papers.Session session;
    private Keypair author;

    @BeforeEach
    void start() {
        world = new World(LocalChain.TOKEN_2022_PROGRAM, ExitTest.WINDOW);
        world.startVerifiers(0, 0, 1);
        relayer = new SteppedRelayer(world, world.operator, "royalty");
        node = world.register(Set.of(Tier.OPEN));
        session = world.escrow(DEPOSIT);
        author = world.wallet(1);
    }

    @AfterEach
    void stop() {
        if (relayer != null) {
            relayer.close();
        }
        world.close();
    }

    private long royalty(PublicKey payee) {
        return relayer.batches.finalCredits(world.mint).of(payee, CreditKind.ROYALTY);
    }

    private Papers.Work serve(long voucher) {
        return relayer.serve(world.papers.voucher(session, voucher, Papers.REQUEST), node, 1, 2, 3);
    }

    private static long royalty(Papers.Work work, int bps) {
        return Split.of(work.receipt().receipt().charge(), World.FEE_BPS, bps).royalty();
    }

    @Test
    void every_kind_of_payment_brings_the_author_its_share_which_it_claims_to_its_wallet() {
        world.publish(author, 1_000, List.of());
        Papers.Work byVoucher = serve(500);
        Papers.Work byTransfer = relayer.serve(world.pay(world.wallet(700), 700), node, 4, 5);
        relayer.finish();
        long due = royalty(byVoucher, 1_000) + royalty(byTransfer, 1_000);
        assertThat(due).isPositive();
        assertThat(royalty(author.publicKey())).isEqualTo(due);
        assertThat(world.poolAccount().credited()).isEqualTo(world.poolAccount().inflow());

        BatchStore.Latest latest = relayer.batches.latest(world.mint);
        CreditTree tree = CreditTree.of(world.pool.pool(), latest.ledger().credits());
        int index = tree.indexOf(author.publicKey(), CreditKind.ROYALTY).orElseThrow();
        world.send(List.of(Tokens.createAssociated(author.publicKey(), author.publicKey(), world.mint, world.pool.tokenProgram()),
            world.pool.claim(author.publicKey(), author.publicKey(), latest.seq(), new Credit(author.publicKey(), CreditKind.ROYALTY, due), index, tree.proof(index))),
            author);
        assertThat(world.balance(author.publicKey())).isEqualTo(1 + due);
    }

    @Test
    void a_higher_royalty_counts_from_its_slot_on_and_a_lower_one_and_another_payee_at_once() {
        world.publish(author, 500, List.of());
        Keypair heir = world.wallet(1);
        update(1_000, author.publicKey());
        Papers.Work before = serve(500);
        relayer.finish();
        assertThat(royalty(author.publicKey())).as("announced").isEqualTo(royalty(before, 500));

        world.chain.advanceSlots(world.unbondingSlots);
        Papers.Work risen = serve(1_000);
        relayer.finish();
        assertThat(royalty(author.publicKey())).as("in force").isEqualTo(royalty(before, 500) + royalty(risen, 1_000));

        update(300, heir.publicKey());
        Papers.Work lowered = serve(1_500);
        relayer.finish();
        assertThat(royalty(heir.publicKey())).isEqualTo(royalty(lowered, 300));
    }

    private void update(int bps, PublicKey payee) {
        world.send(List.of(world.registry.updateModel(author.publicKey(), Papers.MODEL, bps, payee, List.of())), author);
    }

    @Test
    void a_proposal_whose_royalty_changes_before_it_is_signed_is_made_anew() {
        world.publish(author, 2_000, List.of());
        Papers.Work work = serve(500);
        relayer.until(BatchState.PROPOSED);
        update(0, author.publicKey());
        relayer.finish();
        assertThat(royalty(author.publicKey())).isZero();
        assertThat(relayer.batches.finalCredits(world.mint).of(node.key(), CreditKind.NODE)).isEqualTo(Split.of(work.receipt().receipt().charge(), World.FEE_BPS, 0).net());
    }

    @Test
    void a_retired_model_and_one_that_nobody_registered_bring_no_royalty() {
        Papers.Work unregistered = serve(500);
        relayer.finish();
        world.publish(author, 3_000, List.of());
        world.send(List.of(world.registry.retireModel(author.publicKey(), Papers.MODEL)), author);
        Papers.Work retired = serve(1_000);
        relayer.finish();
        assertThat(royalty(author.publicKey())).isZero();
        assertThat(world.poolAccount().credited()).isEqualTo(unregistered.receipt().receipt().charge() + retired.receipt().receipt().charge());
    }

    @Test
    void what_a_royalty_was_at_a_slot_gone_by_is_told_by_the_models_history() {
        long unregistered = world.chain.slot();
        world.chain.advanceSlots(2);
        world.publish(author, 500, List.of());
        long registered = nextSlot();
        update(1_000, author.publicKey());
        long announced = nextSlot();
        world.chain.advanceSlots(world.unbondingSlots);
        long risen = nextSlot();
        world.send(List.of(world.registry.retireModel(author.publicKey(), Papers.MODEL)), author);
        long retired = nextSlot();
        assertThat(at(unregistered)).isEmpty();
        assertThat(at(registered)).map(CreditRules.Royalty::bps).contains(500);
        assertThat(at(announced)).map(CreditRules.Royalty::bps).contains(500);
        assertThat(at(risen)).map(CreditRules.Royalty::bps).contains(1_000);
        assertThat(at(retired)).isEmpty();
    }

    /// A slot in which nothing happens to the model, behind everything so far.
    private long nextSlot() {
        world.chain.advanceSlots(2);
        long slot = world.chain.slot();
        world.chain.advanceSlots(2);
        return slot;
    }

    private Optional<CreditRules.Royalty> at(long slot) {
        Set<Optional<CreditRules.Royalty>> possible = relayer.facts.royalties(Papers.MODEL, slot);
        assertThat(possible).as("at slot " + slot).hasSize(1);
        return possible.iterator().next();
    }
}
