package network.nyxos.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    private static final String MIGRATIONS = "classpath:network/nyxos/chain/testmigrations";

    private static long value(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("select value from counter where id = 1")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void set(Connection connection, long value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("update counter set value = " + value + " where id = 1");
        }
    }

    @Test
    void a_schema_is_made_with_both_sets_of_tables_and_opened_again() {
        String schema = Postgres.schema();
        try (Database database = Database.open(Postgres.url(), schema, MIGRATIONS)) {
            assertThat(database.schema()).isEqualTo(schema);
            database.change(connection -> set(connection, 7));
            assertThat(new TransactionStore(database).alive()).isEmpty();
        }
        try (Database database = Database.open(Postgres.url(), schema, MIGRATIONS)) {
            assertThat(database.<Long>inTransaction(DatabaseTest::value)).isEqualTo(7);
        }
        try (Database other = Database.open(Postgres.url(), Postgres.schema(), MIGRATIONS)) {
            assertThat(other.<Long>inTransaction(DatabaseTest::value)).isZero();
        }
    }

    @Test
    void failed_work_changes_nothing() {
        try (Database database = Database.open(Postgres.url(), Postgres.schema(), MIGRATIONS)) {
            assertThatThrownBy(() -> database.change(connection -> {
                set(connection, 9);
                throw new IllegalStateException("stop");
            })).isInstanceOf(IllegalStateException.class).hasMessage("stop");
            assertThatThrownBy(() -> database.change(connection -> {
                set(connection, 9);
                connection.createStatement().execute("select nothing from nowhere");
            })).isInstanceOfSatisfying(DatabaseException.class, e -> {
                assertThat(e.kind()).isEqualTo(DatabaseException.Kind.REFUSED);
                assertThat(e.code()).isEqualTo("database_refused");
            });
            assertThat(database.<Long>inTransaction(DatabaseTest::value)).isZero();
        }
    }

    @Test
    void transactions_that_conflict_are_done_again_until_both_count() throws Exception {
        try (Database database = Database.open(Postgres.url(), Postgres.schema(), MIGRATIONS); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                all.add(() -> {
                    database.change(connection -> {
                        connection.createStatement().execute("set transaction isolation level serializable");
                        set(connection, value(connection) + 1);
                    });
                    return null;
                });
            }
            for (Future<Void> future : threads.invokeAll(all)) {
                future.get();
            }
            assertThat(database.<Long>inTransaction(DatabaseTest::value)).isEqualTo(20);
        }
    }

    @Test
    void a_restart_of_the_server_between_and_inside_transactions_is_survived(@TempDir Path folder) throws IOException {
        Path data = folder.resolve("data");
        int port;
        EmbeddedPostgres first = EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false).start();
        port = first.getPort();
        var running = new ArrayList<>(List.of(first));
        try (Database database = Database.open(first.getJdbcUrl("postgres", "postgres"), "restarted", MIGRATIONS)) {
            database.change(connection -> set(connection, 1));
            restart(running, data, port);
            assertThat(database.<Long>inTransaction(DatabaseTest::value)).isEqualTo(1);
            var attempts = new ArrayList<Integer>();
            database.change(connection -> {
                attempts.add(attempts.size());
                set(connection, 2);
                if (attempts.size() == 1) {
                    restart(running, data, port);
                }
                set(connection, value(connection) + 1);
            });
            assertThat(attempts).hasSizeGreaterThanOrEqualTo(2);
            assertThat(database.<Long>inTransaction(DatabaseTest::value)).isEqualTo(3);
        } finally {
            running.getLast().close();
        }
        assertThat(Files.exists(data)).isTrue();
    }

    private static void restart(List<EmbeddedPostgres> running, Path data, int port) {
        try {
            running.getLast().close();
            running.add(EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false).setPort(port).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_schema_has_a_plain_name() {
        assertThatThrownBy(() -> Database.open(Postgres.url(), "a\"; drop", MIGRATIONS)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_migration_that_cannot_be_found_is_refused() {
        assertThatThrownBy(() -> Database.open(Postgres.url(), Postgres.schema(), "classpath:nowhere")).isInstanceOfSatisfying(DatabaseException.class,
            e -> assertThat(e.kind()).isEqualTo(DatabaseException.Kind.REFUSED));
    }
}
