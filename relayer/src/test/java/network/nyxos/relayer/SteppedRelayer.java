package network.nyxos.relayer;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.BatchTerms;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.chain.MarketWriter;
import network.nyxos.relayer.gate.GateTerms;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.gate.JobCase;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.payout.Payouts;
import network.nyxos.relayer.settle.DirectWatch;
import network.nyxos.relayer.store.JdbcBatches;
import network.nyxos.relayer.store.JdbcJobs;
import network.nyxos.relayer.store.JdbcPayouts;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.awaitility.Awaitility;

/// A relayer's parts on the real chain, database and verifiers of a {@link World}, that go on only when the test says so: what may happen between two steps
/// of a batch happens there.
final class SteppedRelayer implements AutoCloseable {
    private static final JobEvents UNHEARD = (job, node, state, reason) -> {
    };

    final World world;
    final JdbcJobs jobs;
    final JdbcBatches batches;
    final MarketFacts facts;
    private final Closing closing = new Closing();
    private final InstantSource clock = InstantSource.system();
    private final BatchMachine machine;
    private final Payouts payouts;
    private final VerifierClient quorum;
    private final DirectWatch watch;

    SteppedRelayer(World world, Keypair operator, String schema) {
        this.world = world;
        SolanaRpc rpc = closing.add(SolanaRpc.connect(world.rpc.httpUrl()));
        MarketTerms terms = MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint));
        Database database = closing.add(Database.open(world.jdbcUrl(), schema, "classpath:network/nyxos/relayer/store"));
        var transactions = new Transactions(database);
        this.jobs = new JdbcJobs(transactions);
        this.batches = new JdbcBatches(transactions);
        this.facts = new MarketFacts(rpc, terms);
        var sender = closing.add(TransactionSender.start(rpc, database, World.PROGRAMS, Optional.empty(), TransactionSender.Options.DEFAULT));
        var writer = new MarketWriter(facts, sender, operator, Duration.ofSeconds(20));
        this.quorum = closing.add(new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, operator, Duration.ofSeconds(20)));
        this.machine = new BatchMachine(new BatchTerms(100, Duration.ZERO, Duration.ofSeconds(2)), batches, writer, quorum,
            json -> BatchJson.read(Fields.parse(json)), UNHEARD, clock);
        this.watch = new DirectWatch(jobs, batches, writer, json -> BatchJson.read(Fields.parse(json)));
        this.payouts = new Payouts(new JdbcPayouts(transactions), batches, writer, true, UNHEARD, clock);
    }

    /// Brings a voucher job, served in the open tier, through the gate.
    Papers.Work serve(PaymentRecord payment, Papers.NodeKeys node, int... prompt) {
        SignedAssignment assignment = world.papers.assign(payment, node, Tier.OPEN, 500);
        return serve(payment, world.papers.work(assignment, node, Hash.ZERO, prompt));
    }

    /// Brings a voucher job to the gate that was served in the open tier.
    Papers.Work serve(PaymentRecord payment, Papers.Work work) {
        jobs.record(GatewayRecord.accept(world.gateway.publicKey(), world.papers.completed(payment, work)), clock.millis());
        jobs.receipt(work.receipt(), work.assignment(), facts.tip(), clock.millis());
        var terms = new GateTerms(world.market.market(), false, Duration.ofSeconds(3), Duration.ofSeconds(3), Duration.ofMillis(1));
        new Gatekeeper(terms, Workshop.NEVER, jobs, facts, Workshop.NOBODY, UNHEARD, clock).examine(payment.jobId());
        return work;
    }

    /// Asks the verifiers for a batch of one voucher job, without looking at it.
    Quorum.Answers propose(PaymentRecord payment, Papers.Work work) {
        var served = new BatchDocument.Served(work.receipt(), work.assignment(), payment, Optional.empty(), Optional.empty());
        PoolFacts pool = facts.pool(world.mint);
        return quorum.ask(BatchDocument.build(pool.address(), world.mint, pool.nextSeq(), pool.finalSeq(), batches.finalCredits(world.mint), List.of(served), List.of(), List.of(),
            List.of(), facts.credits(facts.slot(), Set.of(Papers.MODEL))));
    }

    /// Looks at what nodes have settled by themselves.
    void watch() {
        watch.look(world.mint);
    }

    /// One step of the mint's batch.
    void step() {
        machine.step(world.mint);
    }

    /// Steps until the batch under way is in a state.
    void until(BatchState state) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            step();
            return batches.underWay(world.mint).map(batch -> batch.state() == state).orElse(false);
        });
    }

    /// Goes on until no batch is under way and nothing waits for one, and pays what is to be pushed.
    void finish() {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            machine.run(world.mint);
            world.chain.advanceSlots(ExitTest.WINDOW);
            return batches.underWay(world.mint).isEmpty() && batches.waiting(world.mint, 1).jobs() == 0;
        });
        payouts.pay(world.mint, world.pool.pool());
    }

    JobCase job(Papers.Work work) {
        return jobs.find(work.receipt().receipt().jobId()).orElseThrow();
    }

    @Override
    public void close() {
        closing.close();
    }
}
