package network.nyxos.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.job.JobState;
import network.nyxos.gateway.payment.PaymentIdentifier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.sava.core.accounts.PublicKey;

/// Random lives of purchases with names against a plain model: a name never stands for two jobs whose money was taken, and what it stands for is what was bought.
@Timeout(120)
class IdentifierLivesTest {
    private static final int LIVES = 12;
    private static final int STEPS = 60;

    private static EmbeddedPostgres postgres;
    private static Database database;

    @BeforeAll
    static void open() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
        database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "lives", "classpath:network/nyxos/gateway/migration");
    }

    @AfterAll
    static void close() throws IOException {
        database.close();
        postgres.close();
    }

    private static Hash hash(Random random) {
        return Hash.sha256(ByteBuffer.allocate(Long.BYTES).putLong(random.nextLong()).array());
    }

    private static PaymentRecord.Exact transfer(Random random, PublicKey payer) {
        Hash message = hash(random);
        byte[] signature = new byte[Signature.LENGTH];
        System.arraycopy(message.bytes(), 0, signature, 0, Hash.LENGTH);
        return new PaymentRecord.Exact(Signature.of(signature), message, payer, payer, 1 + random.nextInt(1_000), Optional.empty());
    }

    private static IdentifierStore.Binding binding(PublicKey payer, Hash id, Hash payload, Hash fingerprint, PaymentRecord.Exact transfer) {
        return new IdentifierStore.Binding(payer.toBase58(), new PaymentIdentifier(id, payload), fingerprint, transfer.jobId());
    }

    private static JobStore.Request request(Hash fingerprint) {
        return new JobStore.Request(fingerprint, "model", Tier.OPEN);
    }

    /// What the model knows of a job.
    private record Life(PaymentRecord.Exact transfer, IdentifierStore.Binding binding, JobState state) {
        Life at(JobState next) {
            return new Life(transfer, binding, next);
        }

        boolean taken() {
            return state != JobState.REFUSED && state != JobState.REFUNDING;
        }
    }

    @Test
    void aNameStandsForOnePurchaseWhateverBecomesOfIt() {
        for (int seed = 0; seed < LIVES; seed++) {
            live(new Random(seed), "seed " + seed);
        }
    }

    private static void live(Random random, String seed) {
        var one = new JobStore(database, UUID.randomUUID(), () -> { });
        var two = new JobStore(database, UUID.randomUUID(), () -> { });
        var names = new IdentifierStore(database);
        List<PublicKey> payers = List.of(Keypair.generate().publicKey(), Keypair.generate().publicKey());
        List<Hash> ids = List.of(hash(random), hash(random));
        List<Hash> purchases = List.of(hash(random), hash(random));
        Map<Hash, Life> jobs = new HashMap<>();
        Map<List<Object>, Hash> bound = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            JobStore store = random.nextBoolean() ? one : two;
            List<Hash> known = new ArrayList<>(jobs.keySet());
            Optional<Life> life = known.isEmpty() ? Optional.empty() : Optional.of(jobs.get(known.get(random.nextInt(known.size()))));
            switch (random.nextInt(7)) {
                case 0, 1, 2 -> {
                    PublicKey payer = payers.get(random.nextInt(2));
                    PaymentRecord.Exact transfer = transfer(random, payer);
                    IdentifierStore.Binding binding = binding(payer, ids.get(random.nextInt(2)), hash(random), purchases.get(random.nextInt(2)), transfer);
                    List<Object> key = List.of(binding.payer(), binding.identifier().id());
                    boolean free = !bound.containsKey(key) || !jobs.get(bound.get(key)).taken();

                    JobStore.Claim claim = store.claimExact(transfer, request(binding.fingerprint()), Optional.of(binding));

                    assertThat(claim).as(seed).isInstanceOf(free ? JobStore.Claim.New.class : JobStore.Claim.Taken.class);
                    if (free) {
                        jobs.put(transfer.jobId(), new Life(transfer, binding, JobState.PENDING));
                        bound.put(key, transfer.jobId());
                    } else {
                        assertThat(store.find(transfer.jobId())).as("%s: nothing is kept of what is not taken", seed).isEmpty();
                        assertThat(store.isClaimOlderThan(transfer.messageHash(), Duration.ZERO)).as(seed).isFalse();
                    }
                }
                case 3 -> life.filter(job -> job.state == JobState.PENDING).ifPresent(job -> {
                    store.settled(job.transfer.jobId());
                    jobs.put(job.transfer.jobId(), job.at(JobState.PAID));
                });
                case 4 -> life.filter(job -> job.state == JobState.PENDING).ifPresent(job -> {
                    store.settlementFailed(job.transfer.jobId(), "expired: never");
                    jobs.put(job.transfer.jobId(), job.at(JobState.REFUSED));
                });
                case 5 -> life.filter(job -> job.state == JobState.PAID).ifPresent(job -> {
                    assertThat(store.start(job.transfer.jobId(), request(job.binding.fingerprint()))).isTrue();
                    store.failed(job.transfer.jobId(), "node_lost", "gone");
                    jobs.put(job.transfer.jobId(), job.at(JobState.REFUNDING));
                });
                default -> life.filter(job -> job.state == JobState.PENDING).ifPresent(job -> {
                    store.abandon(job.transfer.messageHash());
                    jobs.remove(job.transfer.jobId());
                    bound.values().removeIf(job.transfer.jobId()::equals);
                });
            }
            for (PublicKey payer : payers) {
                for (Hash id : ids) {
                    Optional<IdentifierStore.Binding> expected = Optional.ofNullable(bound.get(List.of(payer.toBase58(), id))).map(jobs::get).filter(Life::taken).map(Life::binding);
                    assertThat(names.find(payer.toBase58(), new PaymentIdentifier(id, id))).as(seed).isEqualTo(expected);
                    expected.ifPresent(binding -> assertThat(names.sentWith(binding.identifier())).as(seed).contains(binding));
                }
            }
        }
        for (Life job : jobs.values()) {
            assertThat(one.find(job.transfer.jobId()).orElseThrow().state()).as(seed).isEqualTo(job.state);
        }
    }

    @Test
    void ofManyWhoGiveANameAtOnceOneHasIt() throws Exception {
        var random = new Random(1_007);
        for (int round = 0; round < 25; round++) {
            PublicKey payer = Keypair.generate().publicKey();
            Hash id = hash(random);
            var claims = new ArrayList<Callable<JobStore.Claim>>();
            for (int i = 0; i < 6; i++) {
                var store = new JobStore(database, UUID.randomUUID(), () -> { });
                PaymentRecord.Exact transfer = transfer(random, payer);
                IdentifierStore.Binding binding = binding(payer, id, hash(random), hash(random), transfer);
                claims.add(() -> store.claimExact(transfer, request(binding.fingerprint()), Optional.of(binding)));
            }
            int won = 0;
            try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<JobStore.Claim> claim : side.invokeAll(claims)) {
                    won += claim.get() instanceof JobStore.Claim.New ? 1 : 0;
                }
            }
            assertThat(won).isEqualTo(1);
        }
    }

    @Test
    void theEndOfASettlementIsToldToOne() throws Exception {
        var random = new Random(1_011);
        for (int round = 0; round < 25; round++) {
            Hash message = hash(random);
            assertThat(new JobStore(database, UUID.randomUUID(), () -> { }).claimForeign(message)).isInstanceOf(JobStore.Claim.New.class);
            var asked = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 6; i++) {
                var store = new JobStore(database, UUID.randomUUID(), () -> { });
                assertThat(store.isUnanswered(message)).isTrue();
                asked.add(() -> store.claimAnswer(message));
            }
            int told = 0;
            try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Boolean> each : side.invokeAll(asked)) {
                    told += each.get() ? 1 : 0;
                }
            }
            assertThat(told).isEqualTo(1);
            assertThat(new JobStore(database, UUID.randomUUID(), () -> { }).isUnanswered(message)).isFalse();
        }
    }
}
