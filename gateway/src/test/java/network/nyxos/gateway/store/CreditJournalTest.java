package network.nyxos.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import network.nyxos.chain.Database;
import network.nyxos.chain.DatabaseException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.gateway.credit.Amounts;
import network.nyxos.gateway.credit.Book;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.Departure;
import network.nyxos.gateway.credit.Purchase;
import network.nyxos.gateway.payment.EscrowState;
import network.nyxos.gateway.payment.PaymentException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.sava.core.accounts.PublicKey;

/// Random lives of accounts of credits against a plain model: whatever happens in whatever order, the journal has every unit in one place, and the right one.
@Timeout(120)
class CreditJournalTest {
    private static final int LIVES = 12;
    private static final int STEPS = 80;
    private static final PublicKey MINT = Keypair.generate().publicKey();

    private static EmbeddedPostgres postgres;
    private static Database database;

    @BeforeAll
    static void open() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
        database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "journal", "classpath:network/nyxos/gateway/migration");
    }

    @AfterAll
    static void close() throws IOException {
        database.close();
        postgres.close();
    }

    private record Running(Hash job, long ceiling) {
    }

    /// One account: what the model says of it, and what is done to the stores.
    private static final class Life {
        private final Random random;
        private final CreditStore store = new CreditStore(database);
        private final EscrowStore escrows = new EscrowStore(database);
        private final JobStore jobs = new JobStore(database, UUID.randomUUID(), () -> { });
        private final Keypair session = Keypair.generate();
        private final CreditAccount account;
        private final Deque<Purchase> pending = new ArrayDeque<>();
        private final Deque<Running> running = new ArrayDeque<>();
        // The chain.
        private long deposited;
        private long settledThere;
        private long inbox;
        private long slot = 10;
        // The books, as they should be. What the chain has and the books have not heard of yet is in neither.
        private long bought;
        private long unbought;
        private long counted;
        private long reserved;
        private long used;
        private long settled;
        private long unknown;

        Life(Random random, boolean ours) {
            this.random = random;
            this.account = new CreditAccount(Keypair.generate().publicKey(), Keypair.generate().publicKey(), session.publicKey(), MINT, slot,
                ours ? CreditAccount.State.OPENING : CreditAccount.State.OPEN, ours, false);
            if (ours) {
                assertThat(store.begin(account, 1_000_000)).isInstanceOf(CreditStore.Opening.Begun.class);
                store.opened(account.escrow());
            }
            mirror();
        }

        private Hash hash() {
            return Hash.sha256(ByteBuffer.allocate(Long.BYTES).putLong(random.nextLong()).array());
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1 -> buy();
                case 2 -> pendingEnds();
                case 3 -> inbox += random.nextInt(500);
                case 4 -> {
                    deposited += inbox;
                    inbox = 0;
                }
                case 5 -> mirror();
                case 6, 7 -> reserve();
                case 8 -> jobEnds();
                default -> settle();
            }
        }

        private void buy() {
            byte[] signature = new byte[Signature.LENGTH];
            random.nextBytes(signature);
            Purchase purchase = Purchase.begun(hash(), account.escrow(), account.wallet(), 1 + random.nextInt(1_000), Signature.of(signature));
            assertThat(store.claim(purchase)).isInstanceOf(CreditStore.Claim.New.class);
            assertThat(((CreditStore.Claim.Known) store.claim(purchase)).purchase()).as("claimed once").contains(purchase);
            pending.add(purchase);
        }

        /// A purchase may be on chain, counted and mirrored long before the gateway hears that it is on chain.
        private void pendingEnds() {
            if (pending.isEmpty()) {
                return;
            }
            Purchase purchase = pending.poll();
            if (random.nextInt(4) == 0) {
                store.refused(purchase.messageHash(), "expired: never");
                assertThat(store.settled(purchase.messageHash()).state()).as("an end is an end").isEqualTo(Purchase.State.REFUSED);
                return;
            }
            inbox += purchase.amount();
            if (random.nextBoolean()) {
                deposited += inbox;
                inbox = 0;
                mirror();
            }
            store.settled(purchase.messageHash());
            store.settled(purchase.messageHash());
            long known = Math.min(unbought, purchase.amount());
            unbought -= known;
            bought += purchase.amount();
        }

        private void mirror() {
            slot++;
            escrows.update(List.of(state(false)), List.of(account));
            escrows.update(List.of(new EscrowState(account.escrow(), account.wallet(), MINT, session.publicKey(), false, 0, 0, 0, 0, 1)), List.of(account));
            long more = deposited - counted;
            long outside = Math.max(0, more - (bought + unbought - counted));
            unbought += outside;
            counted = deposited;
            unknown += Math.max(0, settledThere - settled - (used - settled));
            used = Math.max(used, settledThere);
            settled = settledThere;
        }

        private EscrowState state(boolean exiting) {
            return new EscrowState(account.escrow(), account.wallet(), MINT, session.publicKey(), exiting, deposited, settledThere, 0, 0, slot);
        }

        private void reserve() {
            long ceiling = 1 + random.nextInt(400);
            Hash nonce = hash();
            Hash request = hash();
            var spending = new JobStore.Spending(account.escrow(), MINT, nonce, ceiling, new JobStore.Request(request, "model", Tier.OPEN), 0,
                cumulative -> EscrowPayload.sign(new Voucher(account.escrow(), cumulative, 0), nonce, request, session));
            if (used + reserved + ceiling > counted) {
                assertThatThrownBy(() -> jobs.spend(spending)).isInstanceOf(PaymentException.class);
                return;
            }
            var paid = jobs.spend(spending);
            assertThat(paid.voucher().cumulative()).isEqualTo(used + reserved + ceiling);
            running.add(new Running(paid.jobId(), ceiling));
            reserved += ceiling;
        }

        private void jobEnds() {
            if (running.isEmpty()) {
                return;
            }
            Running job = running.poll();
            reserved -= job.ceiling;
            if (random.nextBoolean()) {
                jobs.failed(job.job, "node_lost", "gone");
                jobs.failed(job.job, "node_lost", "gone");
                return;
            }
            long charge = random.nextLong(job.ceiling + 1);
            jobs.assigned(job.job, new Assignment(job.job, session.publicKey(), MINT, Hash.ZERO, Tier.OPEN, 1, 1, MINT, new Price(1, 1), job.ceiling, Payment.VOUCHER, Hash.ZERO, 0, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 1, 2)
                .sign(session));
            var receipt = new Receipt(job.job, MINT, Hash.ZERO, "engine", Tier.OPEN, 0, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 1, 1, MINT, charge, Finish.STOP, Hash.ZERO, Hash.ZERO,
                Hash.ZERO, 1, 2).sign(session);
            jobs.executed(job.job, receipt);
            jobs.executed(job.job, receipt);
            used += charge;
        }

        /// The operator settles what was used; seldom more than this gateway knows of, as when somebody else has sold to the same key. Seldom something comes back, as when
        /// what a node settled by itself is voided.
        private void settle() {
            if (random.nextInt(10) == 0 && unknown == 0 && settledThere > 0 && settledThere <= used) {
                settledThere -= 1 + random.nextLong(settledThere);
                return;
            }
            long most = random.nextInt(20) == 0 ? counted - reserved : used;
            if (most > settledThere) {
                settledThere += 1 + random.nextLong(most - settledThere);
            }
        }

        private void agrees(String when) {
            Book book = store.books().stream().filter(each -> each.account().escrow().equals(account.escrow())).findFirst().orElseThrow();
            var expected = new Amounts(-(bought + unbought), bought + unbought - counted, counted - used - reserved, reserved, used - settled, settled, 0);
            assertThat(book.kept()).as(when).isEqualTo(expected);
            assertThat(book.journal()).as(when).isEqualTo(expected);
            assertThat(book.unknown()).as(when).isEqualTo(unknown);
            assertThat(book.kept().byName().values().stream().mapToLong(Long::longValue).sum()).as(when).isZero();
            assertThat(book.escrow().orElseThrow().balance().used()).as(when).isEqualTo(used);
            assertThat(book.escrow().orElseThrow().balance().reserved()).as(when).isEqualTo(reserved);
        }

        /// The wallet leaves, at whatever moment; what the books had not heard of is in the program's events.
        private void leave(String when) {
            long back = deposited - settledThere;
            escrows.close(Set.of(account.escrow()));
            jobEnds();
            store.left(account.escrow(), new Departure(deposited, back));
            store.left(account.escrow(), new Departure(deposited, back));
            assertThat(store.books()).as(when).noneMatch(book -> book.account().escrow().equals(account.escrow()));
            assertThat(sums()).as("%s: deposited = settled + paid out, and nothing is left over", when).startsWith("CLOSED 0 0 0 0 " + settledThere + " ");
        }

        private String sums() {
            return database.read(connection -> {
                try (var select = connection.prepareStatement("select state, transit, available, reserved, spent, settled, returned from credit_account where escrow = '" + account.escrow() + "'");
                     var row = select.executeQuery()) {
                    row.next();
                    return row.getString(1) + " " + row.getLong(2) + " " + row.getLong(3) + " " + row.getLong(4) + " " + row.getLong(5) + " " + row.getLong(6) + " " + row.getLong(7);
                }
            });
        }
    }

    @Test
    void whateverHappensEveryUnitIsInOnePlaceAndTheRightOne() {
        for (int seed = 0; seed < LIVES; seed++) {
            var life = new Life(new Random(seed), seed % 3 != 0);
            for (int step = 0; step < STEPS; step++) {
                life.step();
                life.agrees("seed " + seed + ", step " + step);
            }
            life.leave("seed " + seed);
        }
    }

    @Test
    void theDatabaseItselfTakesNoEntryBackAndMakesNoUnit() {
        var life = new Life(new Random(99), true);
        life.buy();
        while (life.bought == 0) {
            life.buy();
            life.pendingEnds();
        }
        for (String change : List.of("update credit_entry set amount = amount + 1", "delete from credit_entry", "update credit_account set available = available + 1",
            "insert into credit_entry (escrow, kind, source, target, amount) values ('" + life.account.escrow() + "', 'bought', 'paid', 'transit', 0)",
            "insert into credit_entry (escrow, kind, source, target, amount) values ('" + life.account.escrow() + "', 'bought', 'transit', 'transit', 1)")) {
            assertThatThrownBy(() -> database.change(connection -> {
                try (var statement = connection.createStatement()) {
                    statement.execute(change);
                }
            })).as(change).isInstanceOf(DatabaseException.class);
        }
        life.agrees("after all of that");
    }
}
