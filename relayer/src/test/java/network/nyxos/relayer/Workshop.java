package network.nyxos.relayer;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.BatchTerms;
import network.nyxos.relayer.batch.PoolChain;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.gate.GateTerms;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.Revealed;
import network.nyxos.relayer.gate.SampleRates;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.store.JdbcBatches;
import network.nyxos.relayer.store.JdbcJobs;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/// The relayer's own parts on a real database, with a {@link ModelChain} for each mint and a clock that the test moves.
final class Workshop implements AutoCloseable {
    private final EmbeddedPostgres postgres;
    private final Database database;
    final JdbcJobs jobs;
    final JdbcBatches batches;
    final Keypair gateway = Keypair.generate();
    long nowMs = 1_800_000_000_000L;
    final InstantSource clock = () -> Instant.ofEpochMilli(nowMs);

    Workshop() {
        try {
            postgres = EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "relayer", "classpath:network/nyxos/relayer/store");
        var transactions = new Transactions(database);
        jobs = new JdbcJobs(transactions);
        batches = new JdbcBatches(transactions);
    }

    Gatekeeper gatekeeper(ModelChain chain) {
        var terms = new GateTerms(chain.market, false, Duration.ofSeconds(3), Duration.ofSeconds(3), Duration.ofMillis(1));
        return new Gatekeeper(terms, NEVER, jobs, chain, NOBODY, (job, node, state, reason) -> {
        }, clock);
    }

    BatchMachine machine(PoolChain chain, BatchStore store) {
        return machine(chain, store, SIGNS_ALL);
    }

    BatchMachine machine(PoolChain chain, BatchStore store, Quorum quorum) {
        return new BatchMachine(new BatchTerms(8, Duration.ZERO, Duration.ZERO), store, chain, quorum, json -> BatchJson.read(Fields.parse(json)),
            (job, node, state, reason) -> {
            }, clock);
    }

    Optional<BatchDocument> document(PublicKey mint, long seq) {
        return batches.find(mint, seq).flatMap(row -> row.document()).map(json -> BatchJson.read(Fields.parse(json)));
    }

    static Papers.NodeKeys node(ModelChain chain) {
        var keys = new Papers.NodeKeys(Keypair.generate(), Keypair.generate(), SealingKey.generate(SealingSuite.X25519), Keypair.generate().publicKey(), Set.of(Tier.OPEN));
        chain.register(keys, Tier.OPEN.code());
        return keys;
    }

    static Papers.Session escrow(ModelChain chain, long deposit) {
        var session = new Papers.Session(Keypair.generate(), Keypair.generate(), Keypair.generate().publicKey());
        chain.open(session, deposit);
        return session;
    }

    static PaymentRecord.Exact exact(PublicKey payer, PublicKey mint, long amount, Random random) {
        byte[] message = new byte[40];
        random.nextBytes(message);
        byte[] signature = new byte[Signature.LENGTH];
        random.nextBytes(signature);
        return new PaymentRecord.Exact(Signature.of(signature), Hash.sha256(message), payer, mint, amount, Optional.empty());
    }

    /// A quorum of one verifier that says to every batch what it is told to.
    static Quorum quorum(Function<BatchDocument, Quorum.Answers> verifier) {
        return new Quorum() {
            @Override
            public Answers ask(BatchDocument batch) {
                return verifier.apply(batch);
            }
        };
    }

    static final Keypair VERIFIER = Keypair.generate();
    /// Verifiers that sign whatever they are given; what real ones check is tested with real ones.
    static final Quorum SIGNS_ALL = quorum(batch -> new Quorum.Answers(1, List.of(new VerifierSignature(VERIFIER.publicKey(), VERIFIER.sign(batch.receiptsRoot()))), List.of()));

    /// No job is replayed.
    static final SampleRates NEVER = (mint, node, slot) -> 0;

    /// No node is connected.
    static final NodeCalls NOBODY = new NodeCalls() {
        @Override
        public Answer<Revealed> reveal(PublicKey node, Hash job) {
            return new Answer.Unavailable<>(new Reason("node_offline", ""));
        }

        @Override
        public Stream<PublicKey> replayers(Hash modelId, String engine, PublicKey except) {
            return Stream.empty();
        }

        @Override
        public Answer<Replayed> replay(PublicKey node, Order order) {
            return new Answer.Unavailable<>(new Reason("node_offline", ""));
        }
    };

    static <K> void add(Map<K, Long> totals, K key, long amount) {
        if (amount > 0) {
            totals.merge(key, amount, Math::addExact);
        }
    }

    @Override
    public void close() {
        database.close();
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
