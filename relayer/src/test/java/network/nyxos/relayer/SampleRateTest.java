package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.standing.BatchWork;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.store.JdbcFinalWork;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// Nodes are replayed as often as their standing says: drawn so by the relayer, demanded so by every verifier, each by its own look at the chain.
class SampleRateTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    /// Half of the jobs after one, a third after two, a tenth in the end.
    private static final SampleRule RULE = new SampleRule(100_000, 1);

    private static void becomes(World world, Relayer relayer, Hash job, String state) {
        await().atMost(SOON).untilAsserted(() -> assertThat(world.state(relayer, job)).as(() -> world.job(relayer, job).node().toString()).isEqualTo(state));
    }

    @Test
    void a_nodes_rate_falls_with_its_final_jobs_is_whole_while_it_is_accused_and_begins_anew_with_a_new_registration() {
        try (var world = new World(LocalChain.TOKEN_PROGRAM, World.WINDOW, 200_000)) {
            world.startVerifiers(RULE, 0, 1, 2);
            RelayerConfig config = world.config(RULE);
            try (Relayer relayer = Relayer.start(config); Database database = Database.open(config.jdbcUrl(), config.schema(), "classpath:network/nyxos/relayer/store")) {
                var work = new JdbcFinalWork(new Transactions(database));
                Papers.NodeKeys first = world.register(Set.of(Tier.VERIFIED));
                Papers.NodeKeys second = world.register(Set.of(Tier.VERIFIED));
                try (TestNode node = TestNode.dial(world, relayer, first); TestNode ignored = TestNode.dial(world, relayer, second)) {
                    assertThat(serve(world, relayer, work, node, first).ratePpm()).as("new").isEqualTo(SampleRule.ALL);
                    assertThat(serve(world, relayer, work, node, first).ratePpm()).as("after one job").isEqualTo(SampleRule.ALL / 2);

                    Keypair accuser = world.wallet(World.BOND);
                    DisputeCalls dispute = accuse(world, first, accuser);
                    assertThat(serve(world, relayer, work, node, first).ratePpm()).as("accused").isEqualTo(SampleRule.ALL);

                    world.send(List.of(Tokens.createAssociated(accuser.publicKey(), first.payout(), world.mint, world.pool.tokenProgram()),
                        dispute.end(accuser.publicKey(), first.payout(), accuser.publicKey())), accuser);
                    assertThat(serve(world, relayer, work, node, first).ratePpm()).as("after three, and the accuser has given up").isEqualTo(SampleRule.ALL / 4);
                }
                world.registerAgain(first);
                try (TestNode node = TestNode.dial(world, relayer, first); TestNode ignored = TestNode.dial(world, relayer, second)) {
                    assertThat(serve(world, relayer, work, node, first).ratePpm()).as("registered anew").isEqualTo(SampleRule.ALL);
                }
                assertThat(work.of(world.mint, second.key(), 0, Long.MAX_VALUE)).as("who replays has done no job").isEmpty();
                assertThat(work.of(world.mint, first.key(), 0, Long.MAX_VALUE)).extracting(BatchWork::verified).containsExactly(5L);
            }
        }
    }

    /// Has a job of the tier verified served until it is final and counts.
    ///
    /// @return how it was drawn
    private static Sample serve(World world, Relayer relayer, JdbcFinalWork work, TestNode node, Papers.NodeKeys keys) {
        PaymentRecord.Exact payment = world.pay(world.wallet(600), 600);
        Papers.Work done = world.papers.work(world.papers.assign(payment, keys, Tier.VERIFIED, 600), keys, Hash.ZERO, 4, 5, 6);
        node.offer(done);
        assertThat(world.post(relayer, world.papers.completed(payment, done)).statusCode()).isEqualTo(200);
        becomes(world, relayer, payment.jobId(), "final");
        long seq = world.poolAccount().finalSeq();
        await().atMost(SOON).until(() -> work.known(world.mint) == seq);
        BatchDocument batch = BatchJson.read(Fields.parse(world.get(relayer, "/v1/batches/" + world.mint + "/" + seq).body()));
        assertThat(batch.verifiedBy()).containsOnlyKeys(keys.key()).containsValue(1L);
        return batch.served().stream().filter(job -> job.job().equals(payment.jobId())).findFirst().orElseThrow().sample().orElseThrow();
    }

    /// Somebody doubts a receipt of the node's, on chain.
    private static DisputeCalls accuse(World world, Papers.NodeKeys node, Keypair accuser) {
        PaymentRecord.Exact payment = world.pay(world.wallet(1), 1);
        Receipt of = world.papers.work(world.papers.assign(payment, node, Tier.VERIFIED, 1), node, Hash.ZERO, 1, 2).receipt().receipt();
        SignedReceipt doubted = new Receipt(of.jobId(), of.node(), of.modelId(), of.engine(), of.tier(), of.seed(), of.sampler(), of.promptCommitment(), of.outputHash(),
            of.tokensIn(), of.tokensOut(), of.mint(), of.charge(), of.finish(), Hash.sha256(new byte[] {5}), of.quoteHash(), of.assignmentHash(), of.startMs(), of.endMs())
            .sign(node.receipt());
        PublicKey self = accuser.publicKey();
        DisputeCalls dispute = world.registry.dispute(node.key(), doubted.receipt().hash(), self);
        world.send(dispute.open(self, doubted, node.receipt().publicKey()), accuser);
        return dispute;
    }

    @Test
    void a_relayer_that_draws_more_seldom_than_a_new_nodes_standing_says_gets_no_signature() {
        try (var world = new World(LocalChain.TOKEN_PROGRAM)) {
            world.startVerifiers(SampleRule.DEFAULT, 0, 1, 2);
            try (Relayer relayer = Relayer.start(world.config(SampleRule.DEFAULT.floorPpm() / 100))) {
                Papers.NodeKeys keys = world.register(Set.of(Tier.VERIFIED));
                Papers.NodeKeys second = world.register(Set.of(Tier.VERIFIED));
                Keypair payer = world.wallet(600);
                PaymentRecord.Exact payment = world.pay(payer, 600);
                try (TestNode node = TestNode.dial(world, relayer, keys); TestNode ignored = TestNode.dial(world, relayer, second)) {
                    Papers.Work done = world.papers.work(world.papers.assign(payment, keys, Tier.VERIFIED, 600), keys, Hash.ZERO, 4, 5, 6);
                    node.offer(done);
                    world.post(relayer, world.papers.completed(payment, done));
                    becomes(world, relayer, payment.jobId(), "refunded");
                    assertThat(world.balance(payer.publicKey())).isEqualTo(600);
                    assertThat(world.balance(keys.payout())).isZero();
                    assertThat(world.poolAccount().finalSeq()).as("the batch that gave it back").isEqualTo(1);
                }
            }
        }
    }
}
