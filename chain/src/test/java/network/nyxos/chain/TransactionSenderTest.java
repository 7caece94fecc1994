package network.nyxos.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

class TransactionSenderTest {
    private static final TransactionSender.Options FAST = new TransactionSender.Options(Duration.ofMillis(1), Duration.ofMillis(1), true, 1_000);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Keypair PAYER = Keypair.generate();
    private static Database database;
    private static Thread.UncaughtExceptionHandler before;

    @BeforeAll
    static void open() {
        database = Postgres.open();
        before = Thread.getDefaultUncaughtExceptionHandler();
        // Threads that die of the storm need not say so.
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {
            if (!(error instanceof StormyChain.Death)) {
                error.printStackTrace();
            }
        });
    }

    @AfterAll
    static void close() {
        Thread.setDefaultUncaughtExceptionHandler(before);
        database.close();
    }

    private static TransactionSender sender(SolanaRpc rpc) {
        return TransactionSender.start(rpc, database, Programs.LOCAL, Optional.empty(), FAST);
    }

    private static SignedTransaction transaction(String memo, Hash blockhash) {
        return TransactionBuilder.legacy(PAYER.publicKey()).add(BuiltIn.memo(memo)).compile(blockhash).sign(PAYER);
    }

    private static int rows(String intent) {
        return database.inTransaction(connection -> {
            try (PreparedStatement query = connection.prepareStatement("select count(*) from chain_transaction where intent = ?")) {
                query.setString(1, intent);
                try (var row = query.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        });
    }

    /// The property that money rests on. In each of many storms, processes that want the same thing done are killed at random questions and started again; however
    /// it goes, no transaction is ever signed while an earlier one for the intent may still be executed, and in the end exactly one was.
    @Test
    void an_intent_is_done_exactly_once_through_storms_and_deaths_at_any_step() {
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            var chain = new StormyChain(seed);
            String intent = "storm:" + seed;
            var signed = new ArrayList<SignedTransaction>();
            // Signing happens before anything is stored; a transaction that was only signed and never sent is dead because nobody has its bytes.
            TransactionPlan plan = blockhash -> {
                assertThat(signed.stream().filter(earlier -> isStored(earlier)).filter(chain::isAlive)).as("alive while another is signed for %s", intent).isEmpty();
                SignedTransaction transaction = transaction(intent, blockhash);
                signed.add(transaction);
                return transaction;
            };
            for (int life = 0; life < 6; life++) {
                chain.dieAfter(random.nextInt(30));
                try (TransactionSender sender = sender(chain)) {
                    sender.execute(intent, plan, Duration.ofMillis(20));
                } catch (StormyChain.Death | RpcException e) {
                    // The next life goes on from what is stored.
                }
            }
            chain.calm();
            try (TransactionSender sender = sender(chain)) {
                Outcome outcome = sender.execute(intent, plan, LONG);
                assertThat(outcome.state()).as("seed %d", seed).isEqualTo(Outcome.State.CONFIRMED);
                assertThat(chain.executed()).as("seed %d", seed).containsExactly(outcome.signature());
                assertThat(sender.execute(intent, plan, LONG)).isEqualTo(outcome);
            }
        }
    }

    private static boolean isStored(SignedTransaction transaction) {
        return new TransactionStore(database).find(transaction.signature()).isPresent();
    }

    @Test
    void many_callers_of_one_intent_share_one_transaction() throws Exception {
        var chain = new StormyChain(1);
        chain.calm();
        try (TransactionSender sender = sender(chain); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Outcome>> callers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                callers.add(() -> sender.execute("shared", hash -> transaction("shared", hash), LONG));
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (Future<Outcome> future : threads.invokeAll(callers)) {
                outcomes.add(future.get());
            }
            assertThat(outcomes).allMatch(Outcome::isConfirmed).containsOnly(outcomes.getFirst());
            assertThat(rows("shared")).isEqualTo(1);
            assertThat(chain.executed()).hasSize(1);
        }
    }

    @Test
    void an_outcome_is_found_again_by_another_process_and_the_plan_is_not_asked() {
        var chain = new StormyChain(2);
        chain.calm();
        Outcome first;
        try (TransactionSender sender = sender(chain)) {
            assertThat(sender.find("again")).isEmpty();
            assertThat(sender.await("again", Duration.ZERO)).isEmpty();
            first = sender.execute("again", hash -> transaction("again", hash), LONG);
        }
        try (TransactionSender sender = sender(chain)) {
            assertThat(sender.find("again")).contains(first);
            assertThat(sender.execute("again", _ -> {
                throw new AssertionError("signed a second time");
            }, LONG)).isEqualTo(first);
        }
    }

    @Test
    void what_was_stored_and_not_sent_is_sent_by_the_next_process() {
        var chain = new StormyChain(3);
        chain.calm();
        LatestBlockhash latest = chain.latestBlockhash(Commitment.CONFIRMED);
        SignedTransaction stored = transaction("orphan", latest.blockhash());
        assertThat(new TransactionStore(database).insert("orphan", 1, stored, latest.lastValidBlockHeight())).isTrue();
        try (TransactionSender sender = sender(chain)) {
            assertThat(sender.await("orphan", LONG).orElseThrow().state()).isEqualTo(Outcome.State.CONFIRMED);
            assertThat(chain.executed()).containsExactly(stored.signature());
        }
    }

    @Test
    void the_database_itself_refuses_a_second_live_transaction() {
        var store = new TransactionStore(database);
        SignedTransaction first = transaction("guarded", Hash.sha256(new byte[] {1}));
        SignedTransaction second = transaction("guarded", Hash.sha256(new byte[] {2}));
        assertThat(store.insert("guarded", 1, first, 10)).isTrue();
        assertThat(store.insert("guarded", 2, second, 10)).isFalse();
        assertThat(store.insert("guarded", 1, first, 10)).isFalse();
        store.finish(first.signature(), Outcome.State.EXPIRED, OptionalLong.empty(), Optional.empty());
        assertThat(store.insert("guarded", 2, second, 10)).isTrue();
        store.finish(second.signature(), Outcome.State.CONFIRMED, OptionalLong.of(5), Optional.empty());
        assertThat(store.insert("guarded", 3, transaction("guarded", Hash.sha256(new byte[] {3})), 10)).isFalse();
        // An end that was recorded stays.
        store.finish(second.signature(), Outcome.State.EXPIRED, OptionalLong.empty(), Optional.empty());
        assertThat(store.find(second.signature()).orElseThrow().state()).isEqualTo(Outcome.State.CONFIRMED);
    }

    @Test
    void a_foreign_transaction_that_expires_is_not_signed_again() {
        var chain = new StormyChain(4);
        chain.calm();
        chain.loseEverything();
        SignedTransaction fixed = transaction("fixed", chain.latestBlockhash(Commitment.CONFIRMED).blockhash());
        try (TransactionSender sender = sender(chain)) {
            Outcome outcome = sender.execute("fixed", TransactionPlan.fixed(fixed), LONG);
            assertThat(outcome.state()).isEqualTo(Outcome.State.EXPIRED);
            assertThat(sender.execute("fixed", TransactionPlan.fixed(fixed), LONG)).isEqualTo(outcome);
            assertThat(rows("fixed")).isEqualTo(1);
        }
    }

    @Test
    void a_transaction_that_never_expires_is_refused() {
        var chain = new StormyChain(6);
        chain.calm();
        Instruction advance = Instruction.createInstruction(WellKnown.SYSTEM, List.of(AccountMeta.createWrite(PAYER.publicKey())), new byte[] {4, 0, 0, 0});
        try (TransactionSender sender = sender(chain)) {
            assertThatThrownBy(() -> sender.execute("nonce", hash -> TransactionBuilder.legacy(PAYER.publicKey()).add(advance).compile(hash).sign(PAYER), LONG))
                .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("transaction_durable_nonce"));
            assertThat(sender.find("nonce")).isEmpty();
        }
    }

    @Test
    void intents_have_names_of_a_bounded_length() {
        try (TransactionSender sender = sender(new StormyChain(5))) {
            assertThatThrownBy(() -> sender.execute("", hash -> transaction("", hash), LONG)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sender.execute("x".repeat(201), hash -> transaction("", hash), LONG)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
