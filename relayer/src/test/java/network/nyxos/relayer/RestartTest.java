package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.BatchTerms;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.chain.MarketWriter;
import network.nyxos.relayer.gate.GateTerms;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.store.JdbcBatches;
import network.nyxos.relayer.store.JdbcJobs;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.Test;

/// What is killed or restarted on the real chain and the real database.
class RestartTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final JobEvents QUIET = (job, node, state, reason) -> {
    };

    @Test
    void a_relayer_killed_between_posting_and_recording_posts_no_second_batch() {
        try (var world = new World(LocalChain.TOKEN_2022_PROGRAM)) {
            world.startVerifiers(0, 0, 1);
            RelayerConfig config = world.config(0);
            PaymentRecord.Exact payment = world.pay(world.wallet(900), 900);
            postAndDie(world, config, payment);
            assertThat(world.poolAccount().pendingSeq()).as("the batch is on chain").isEqualTo(1);
            assertThat(world.poolAccount().nextSeq()).isEqualTo(2);

            try (Relayer relayer = Relayer.start(config)) {
                await().atMost(SOON).untilAsserted(() -> assertThat(world.state(relayer, payment.jobId())).isEqualTo("final"));
                assertThat(world.poolAccount().nextSeq()).isEqualTo(2);
                assertThat(world.poolAccount().finalSeq()).isEqualTo(1);
                assertThat(world.poolAccount().credited()).isEqualTo(900);
                // Nothing else in this test has signatures checked by the precompile.
                assertThat(world.chain.transactionsOf(WellKnown.ED25519, Optional.empty(), Optional.empty(), 100)).as("transactions that post").hasSize(1);
            }
        }
    }

    /// A relayer's parts up to the posted batch; then the process is gone before the database hears of it.
    private static void postAndDie(World world, RelayerConfig config, PaymentRecord.Exact payment) {
        InstantSource clock = InstantSource.system();
        try (SolanaRpc rpc = SolanaRpc.connect(config.rpc());
             Database database = Database.open(config.jdbcUrl(), config.schema(), "classpath:network/nyxos/relayer/store")) {
            MarketTerms terms = MarketTerms.read(rpc, config.programs(), config.market(), config.mints());
            var transactions = new Transactions(database);
            var jobs = new JdbcJobs(transactions);
            var facts = new MarketFacts(rpc, terms);
            Papers.NodeKeys node = world.register(Set.of(Tier.OPEN));
            SignedAssignment assignment = world.papers.assign(payment, node, Tier.OPEN, 900);
            Papers.Work work = world.papers.work(assignment, node, Hash.ZERO, 1, 2);
            jobs.record(GatewayRecord.accept(world.gateway.publicKey(), world.papers.completed(payment, work)), clock.millis());
            jobs.receipt(work.receipt(), assignment, facts.slot(), clock.millis());
            var gate = new GateTerms(config.market(), false, Duration.ZERO, Duration.ofSeconds(9), Duration.ofMillis(1));
            new Gatekeeper(gate, Workshop.NEVER, jobs, facts, Workshop.NOBODY, QUIET, clock).examine(payment.jobId());
            BatchStore dying = (BatchStore) Proxy.newProxyInstance(BatchStore.class.getClassLoader(), new Class<?>[] {BatchStore.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("transaction") || method.getName().equals("posted")) {
                    throw new IllegalStateException("killed");
                }
                try {
                    return method.invoke(new JdbcBatches(transactions), arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
            try (var sender = TransactionSender.start(rpc, database, config.programs(), Optional.empty(), TransactionSender.Options.DEFAULT);
                 var quorum = new VerifierClient(config.verifiers(), facts::rulers, World.PROGRAMS, config.operator(), Duration.ofSeconds(20))) {
                var writer = new MarketWriter(facts, sender, config.operator(), Duration.ofSeconds(20));
                var machine = new BatchMachine(new BatchTerms(10, Duration.ZERO, Duration.ofSeconds(9)), dying, writer, quorum,
                    json -> BatchJson.read(Fields.parse(json)), QUIET, clock);
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> machine.run(world.mint)).hasMessage("killed");
            }
        }
    }

    @Test
    void a_restart_of_postgresql_loses_nothing() throws IOException {
        try (var world = new World(LocalChain.TOKEN_PROGRAM)) {
            world.startVerifiers(0, 0, 1);
            try (Relayer relayer = Relayer.start(world.config(0))) {
                Keypair payer = world.wallet(1_000);
                PaymentRecord.Exact before = world.pay(payer, 400);
                world.post(relayer, world.papers.failed(before, Optional.empty()));
                world.restartPostgres();
                PaymentRecord.Exact after = world.pay(payer, 600);
                await().atMost(SOON).until(() -> world.post(relayer, world.papers.failed(after, Optional.empty())).statusCode() == 200);
                await().atMost(SOON).untilAsserted(() -> assertThat(world.balance(payer.publicKey())).isEqualTo(1_000));
                assertThat(world.poolAccount().credited()).isEqualTo(1_000);
            }
        }
    }
}
