package network.nyxos.indexer.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.Postgres;
import network.nyxos.indexer.World;
import network.nyxos.indexer.follow.Reconciler.Difference;
import network.nyxos.indexer.follow.Reconciler.Report;
import network.nyxos.indexer.store.MirrorStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// When rows and accounts disagree, and when they only seem to. Slots pass by hand, so that every reading happens in a known one.
class ReconcilerTest {
    private static final int FINALITY = 2;
    private static World world;
    private static Postgres postgres;
    private static int schemas;

    @BeforeAll
    static void start() {
        world = new World(FINALITY);
        postgres = new Postgres();
        world.wholeStory();
    }

    @AfterAll
    static void stop() {
        postgres.close();
        world.close();
    }

    /// A node that answers from another state than the newest, or at another moment, as nodes behind one address do.
    private static final class Node implements Chain {
        private final Chain chain;
        private final Map<PublicKey, Accounts> remembered = new HashMap<>();
        private final Queue<Runnable> beforeAccounts = new ArrayDeque<>();
        private int unlisted;
        private boolean behind;

        Node(Chain chain) {
            this.chain = chain;
        }

        /// Does not list the newest transactions, though it says that it has reached their slot.
        void hideNewest(int transactions) {
            unlisted = transactions;
        }

        /// From now on accounts are what they are now.
        void stayBehind() {
            for (PublicKey program : List.of(World.PROGRAMS.registry(), World.PROGRAMS.escrow())) {
                remembered.put(program, chain.programAccounts(program));
            }
            behind = true;
        }

        void catchUp() {
            behind = false;
        }

        /// Happens directly before accounts are read for the n-th time from now.
        void beforeReading(int n, Runnable event) {
            for (int i = 1; i < n; i++) {
                beforeAccounts.add(() -> { });
            }
            beforeAccounts.add(event);
        }

        @Override
        public String genesisHash() {
            return chain.genesisHash();
        }

        @Override
        public long slot() {
            return chain.slot();
        }

        @Override
        public List<Mention> mentions(PublicKey program, Optional<String> before, Optional<String> until, int limit, long slot) {
            List<Mention> listed = chain.mentions(program, before, until, limit, slot);
            return program.equals(World.PROGRAMS.escrow()) ? listed.subList(Math.min(unlisted, listed.size()), listed.size()) : listed;
        }

        @Override
        public Optional<Fetched> transaction(String signature) {
            return chain.transaction(signature);
        }

        @Override
        public Accounts programAccounts(PublicKey program) {
            Optional.ofNullable(beforeAccounts.poll()).ifPresent(Runnable::run);
            return behind ? remembered.get(program) : chain.programAccounts(program);
        }
    }

    /// A mirror of the world's chain in a schema of its own.
    private static final class Mirror implements AutoCloseable {
        private final String schema = "reconciler_" + ++schemas;
        private final SolanaRpc rpc = SolanaRpc.connect(world.server.httpUrl());
        private final Database database = Database.open(postgres.jdbcUrl(), schema, Indexer.MIGRATIONS);
        private final Node node;
        private final Follower follower;
        private final Reconciler reconciler;

        Mirror(Commitment commitment) {
            var store = new MirrorStore(database, World.PROGRAMS);
            node = new Node(new RpcChain(rpc, commitment));
            follower = new Follower(node, store, World.PROGRAMS, new Lag(new SimpleMeterRegistry()), Duration.ofMillis(50), Follower.Bounds.DEFAULT, _ -> { });
            reconciler = new Reconciler(node, follower, store, World.PROGRAMS);
        }

        Report check() {
            return reconciler.check();
        }

        void alter(String sql) throws SQLException {
            try (var connection = DriverManager.getConnection(postgres.jdbcUrl()); var statement = connection.createStatement()) {
                statement.execute("set search_path to " + schema);
                assertThat(statement.executeUpdate(sql)).as(sql).isEqualTo(1);
            }
        }

        @Override
        public void close() {
            follower.close();
            database.close();
            rpc.close();
        }
    }

    private static void assertAgrees(Report report) {
        assertThat(report).matches(Report::agrees).satisfies(agreed -> assertThat(agreed.accounts()).isGreaterThan(10));
    }

    /// The first comparison only suspects; the second, with the mirror beyond it, is certain.
    private static List<Difference> found(Mirror mirror) {
        Report first = mirror.check();
        assertThat(first.differences()).isEmpty();
        assertThat(first.suspected()).isNotEmpty();
        assertThat(mirror.check()).as("the mirror has not gone on").satisfies(again -> {
            assertThat(again.suspected()).isEqualTo(first.suspected());
            assertThat(again.differences()).isEmpty();
        });
        world.chain.advanceSlots(1);
        Report second = mirror.check();
        assertThat(second.suspected()).isEmpty();
        assertThat(second.differences()).isEqualTo(first.suspected());
        assertThat(mirror.reconciler.last()).contains(second);
        return second.differences();
    }

    @Test
    void what_is_not_final_yet_is_no_difference() {
        try (var mirror = new Mirror(Commitment.FINALIZED)) {
            World.Session session = world.open(1_000);
            mirror.check();
            world.chain.advanceSlots(FINALITY);
            assertAgrees(mirror.check());
            world.settle(session.settle(400));
            Report early = mirror.check();
            assertAgrees(early);
            assertThat(early.moving()).as("the escrow").isEqualTo(1);
            world.chain.advanceSlots(FINALITY);
            Report late = mirror.check();
            assertAgrees(late);
            assertThat(late.moving()).isZero();
        }
    }

    @Test
    void a_node_that_lists_transactions_late_raises_no_alarm() {
        try (var mirror = new Mirror(Commitment.CONFIRMED)) {
            World.Session session = world.open(1_000);
            assertAgrees(mirror.check());
            world.settle(session.settle(300));
            mirror.node.hideNewest(1);
            Report early = mirror.check();
            assertThat(early.suspected()).extracting(Difference::field).containsExactly("settled");
            assertThat(early.differences()).isEmpty();
            mirror.node.hideNewest(0);
            world.chain.advanceSlots(1);
            assertAgrees(mirror.check());
        }
    }

    @Test
    void accounts_read_of_a_node_that_is_behind_raise_no_alarm() {
        try (var mirror = new Mirror(Commitment.CONFIRMED)) {
            World.Session session = world.open(1_000);
            assertAgrees(mirror.check());
            mirror.node.stayBehind();
            world.settle(session.settle(500));
            assertThat(mirror.check()).matches(Report::agrees);
            world.chain.advanceSlots(1);
            assertThat(mirror.check()).matches(Report::agrees);
            mirror.node.catchUp();
            assertAgrees(mirror.check());
            world.chain.advanceSlots(1);
            Report again = mirror.check();
            assertAgrees(again);
            assertThat(again.moving()).isZero();
        }
    }

    @Test
    void what_changes_between_the_readings_is_left_for_the_next_time() {
        try (var mirror = new Mirror(Commitment.CONFIRMED)) {
            World.Session session = world.open(1_000);
            assertAgrees(mirror.check());
            // The accounts of both programs are read, then again after the events.
            mirror.node.beforeReading(3, () -> world.settle(session.settle(600)));
            Report meanwhile = mirror.check();
            assertAgrees(meanwhile);
            assertThat(meanwhile.moving()).as("the escrow").isEqualTo(1);
            world.chain.advanceSlots(1);
            Report after = mirror.check();
            assertAgrees(after);
            assertThat(after.moving()).isZero();
        }
    }

    @Test
    void an_altered_row_is_found_stays_found_while_the_chain_goes_on_and_is_forgotten_once_mended() throws SQLException {
        try (var mirror = new Mirror(Commitment.CONFIRMED)) {
            World.Session session = world.open(1_000);
            assertAgrees(mirror.check());
            mirror.alter("update pool set claimed = claimed + 1");
            assertThat(found(mirror)).singleElement().satisfies(difference -> {
                assertThat(difference.account()).isEqualTo(world.pool.pool().toBase58());
                assertThat(difference.field()).isEqualTo("claimed");
                assertThat(Long.parseLong(difference.projected()) - Long.parseLong(difference.onChain())).isEqualTo(1);
            });
            world.settle(session.settle(100));
            assertThat(mirror.check().differences()).as("other fields of the account go on").hasSize(1);
            mirror.node.beforeReading(3, () -> world.settle(session.settle(200)));
            assertThat(mirror.check().differences()).as("an account that cannot be judged now keeps its difference").hasSize(1);
            mirror.alter("update pool set claimed = claimed - 1");
            world.chain.advanceSlots(1);
            assertAgrees(mirror.check());
        }
    }

    @Test
    void a_row_is_found_that_was_altered_while_only_final_events_are_mirrored() throws SQLException {
        try (var mirror = new Mirror(Commitment.FINALIZED)) {
            mirror.check();
            world.chain.advanceSlots(FINALITY + 1);
            assertAgrees(mirror.check());
            mirror.alter("update market set fee_bps = fee_bps + 1");
            assertThat(mirror.check().differences()).isEmpty();
            world.chain.advanceSlots(FINALITY + 1);
            assertThat(mirror.check().differences()).singleElement().satisfies(difference -> assertThat(difference.field()).isEqualTo("fee_bps"));
        }
    }

    @Test
    void rows_that_were_removed_invented_or_dated_into_the_future_are_found() throws SQLException {
        try (var mirror = new Mirror(Commitment.CONFIRMED)) {
            assertAgrees(mirror.check());
            mirror.alter("delete from claim where address = (select min(address) from claim)");
            mirror.alter("insert into claim select 'invented', pool, 'nobody', kind, claimed, last_seq, -1, slot, signature from claim");
            mirror.alter("update batch set state = 'void', slot = slot + 1000000 where seq = 2");
            assertThat(found(mirror)).extracting(Difference::table, Difference::field, Difference::projected, Difference::onChain).containsExactlyInAnyOrder(
                tuple("claim", "account", "absent", "present"), tuple("claim", "account", "present", "absent"), tuple("batch", "state", "void", "final"));
        }
    }
}
