package network.nyxos.indexer.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.IndexerConfig;
import network.nyxos.indexer.Postgres;
import network.nyxos.indexer.World;
import network.nyxos.indexer.store.MirrorStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// Ingestion from a real chain into a real database, interrupted in every way.
class FollowerTest {
    private static World world;
    private static Postgres postgres;

    @BeforeAll
    static void start() {
        world = new World();
        postgres = new Postgres();
        world.wholeStory();
    }

    @AfterAll
    static void stop() {
        postgres.close();
        world.close();
    }

    /// A chain whose reader is killed at a given question.
    private record Dying(Chain chain, int[] questionsLeft) implements Chain {
        static final class Killed extends Error {
            private static final long serialVersionUID = 1L;
        }

        private void ask() {
            synchronized (questionsLeft) {
                if (questionsLeft[0]-- <= 0) {
                    throw new Killed();
                }
            }
        }

        @Override
        public String genesisHash() {
            return chain.genesisHash();
        }

        @Override
        public long slot() {
            ask();
            return chain.slot();
        }

        @Override
        public List<Mention> mentions(PublicKey program, Optional<String> before, Optional<String> until, int limit, long slot) {
            ask();
            return chain.mentions(program, before, until, limit, slot);
        }

        @Override
        public Optional<Fetched> transaction(String signature) {
            ask();
            return chain.transaction(signature);
        }

        @Override
        public Accounts programAccounts(PublicKey program) {
            return chain.programAccounts(program);
        }
    }

    private static List<String> events(String schema) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
             var rows = connection.createStatement().executeQuery("select program, ordinal, signature, outer_index, inner_index, type, slot from " + schema
                 + ".event order by program, ordinal, outer_index, inner_index")) {
            var found = new ArrayList<String>();
            while (rows.next()) {
                found.add(String.join(" ", rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4), rows.getString(5), rows.getString(6),
                    rows.getString(7)));
            }
            return found;
        }
    }

    private static Follower follower(Chain chain, MirrorStore store, Follower.Bounds bounds) {
        return new Follower(chain, store, World.PROGRAMS, new Lag(new SimpleMeterRegistry()), Duration.ofMillis(50), bounds, _ -> { });
    }

    private static Reconciler.Report mirrorWhole(String schema, Follower.Bounds bounds) {
        try (var rpc = SolanaRpc.connect(world.server.httpUrl()); var database = Database.open(postgres.jdbcUrl(), schema, Indexer.MIGRATIONS)) {
            var chain = new RpcChain(rpc, Commitment.CONFIRMED);
            var store = new MirrorStore(database, World.PROGRAMS);
            try (var follower = follower(chain, store, bounds)) {
                follower.pass();
                return new Reconciler(chain, follower, store, World.PROGRAMS).check();
            }
        }
    }

    @Test
    void pages_and_commits_of_any_size_give_the_same_mirror() throws SQLException {
        mirrorWhole("whole", Follower.Bounds.DEFAULT);
        for (var bounds : List.of(new Follower.Bounds(1, 1), new Follower.Bounds(3, 2), new Follower.Bounds(7, 64))) {
            String schema = "pages_" + bounds.page();
            assertThat(mirrorWhole(schema, bounds)).matches(Reconciler.Report::agrees);
            assertThat(events(schema)).isEqualTo(events("whole")).isNotEmpty();
        }
    }

    @Test
    void killed_at_any_question_it_goes_on_without_a_gap_and_without_a_double() throws SQLException {
        mirrorWhole("undisturbed", Follower.Bounds.DEFAULT);
        try (var rpc = SolanaRpc.connect(world.server.httpUrl()); var database = Database.open(postgres.jdbcUrl(), "killed", Indexer.MIGRATIONS)) {
            var store = new MirrorStore(database, World.PROGRAMS);
            int kills = 0;
            boolean through = false;
            // Each life lasts a few questions longer than the one before, so that every stage of the way is somebody's last.
            for (int life = 1; !through; life++) {
                var dying = new Dying(new RpcChain(rpc, Commitment.CONFIRMED), new int[] {life});
                try (var follower = follower(dying, store, new Follower.Bounds(5, 3))) {
                    follower.pass();
                    through = true;
                } catch (Dying.Killed | ChainUnavailableException e) {
                    kills++;
                }
            }
            assertThat(kills).isGreaterThan(5);
            assertThat(events("killed")).isEqualTo(events("undisturbed"));
        }
        assertThat(mirrorWhole("killed", Follower.Bounds.DEFAULT)).matches(Reconciler.Report::agrees);
    }

    @Test
    void a_process_killed_with_nine_goes_on_where_its_database_is() throws Exception {
        for (int i = 0; i < 150; i++) {
            world.open(10 + i);
        }
        String schema = "nyxos_indexer";
        for (int kill = 1; kill <= 2; kill++) {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-cp",
                System.getProperty("java.class.path"), KilledIndexer.class.getName(), world.server.httpUrl().toString(), postgres.jdbcUrl())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            int enough = kill * 60;
            try {
                await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(1)).until(() -> stored(schema) >= enough);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        mirrorWhole("never_killed", Follower.Bounds.DEFAULT);
        assertThat(mirrorWhole(schema, Follower.Bounds.DEFAULT)).matches(Reconciler.Report::agrees);
        assertThat(events(schema)).isEqualTo(events("never_killed"));
    }

    private static int stored(String schema) {
        try {
            return events(schema).size();
        } catch (SQLException _) {
            return 0;
        }
    }

    @Test
    void when_postgresql_restarts_the_mirror_waits_says_so_and_goes_on() throws Exception {
        try (var own = new Postgres();
             var indexer = Indexer.start(IndexerConfig.of(world.server.httpUrl(), own.jdbcUrl(), World.PROGRAMS).at(Commitment.CONFIRMED)
                 .every(Duration.ofMillis(50), Duration.ofSeconds(600)))) {
            indexer.catchUp();
            own.stop();
            World.Session session = world.open(4_321);
            var http = HttpClient.newHttpClient();
            URI escrows = indexer.url().resolve("/v1/escrows?payer=" + session.payer().publicKey());
            var refused = http.send(HttpRequest.newBuilder(escrows).build(), BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("database_unavailable");
            own.start();
            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() ->
                http.send(HttpRequest.newBuilder(escrows).build(), BodyHandlers.ofString()).body().contains(session.escrow().toBase58()));
            assertThat(indexer.reconciler().check()).matches(Reconciler.Report::agrees);
        }
    }
}
