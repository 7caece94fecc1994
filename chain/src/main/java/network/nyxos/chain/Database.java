package network.nyxos.chain;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One service's schema in PostgreSQL: a connection pool, the migrations, and transactions that survive a restart of the server. Thread-safe.
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final String MIGRATIONS = "classpath:network/nyxos/chain/migration";

    private final HikariDataSource pool;
    private final String schema;

    private Database(HikariDataSource pool, String schema) {
        this.pool = pool;
        this.schema = schema;
    }

    /// Work inside a transaction. It may be done again from the start, so it must change nothing but the database.
    @FunctionalInterface
    public interface Work<T> {
        /// Does it.
        T run(Connection connection) throws SQLException;
    }

    /// Work without a result; see {@link Work}.
    @FunctionalInterface
    public interface Change {
        /// Does it.
        void run(Connection connection) throws SQLException;
    }

    /// Opens the schema, makes it where it is missing, and brings it to the newest migration: first the tables of this module (of
    /// {@link TransactionSender}), then the service's.
    ///
    /// @param jdbcUrl    `jdbc:postgresql:…`, with user and password where needed
    /// @param schema     lower-case letters, digits and underscores
    /// @param migrations where the service's migrations are, for example `classpath:network/nyxos/gateway/migration`
    /// @throws DatabaseException `database_unavailable` after 30 s without a connection, `database_refused` when a migration fails
    public static Database open(String jdbcUrl, String schema, String migrations) {
        if (!schema.matches("[a-z][a-z0-9_]{0,40}")) {
            throw new IllegalArgumentException("a schema's name has lower-case letters, digits and underscores, this is '" + schema + "'");
        }
        var config = new HikariConfig();
        config.setJdbcUrl(jdbcUrl);
        config.setSchema(schema);
        config.setPoolName(schema);
        config.setMaximumPoolSize(8);
        config.setConnectionTimeout(5_000);
        config.setValidationTimeout(2_000);
        config.setInitializationFailTimeout(START.toMillis());
        config.setAutoCommit(true);
        config.addDataSourceProperty("socketTimeout", "60");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("ApplicationName", "nyxos " + schema);
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw new DatabaseException(DatabaseException.Kind.UNAVAILABLE, "no connection to PostgreSQL: " + e.getMessage(), e);
        }
        try {
            migrate(pool, schema, MIGRATIONS, "chain_schema_history");
            migrate(pool, schema, migrations, "flyway_schema_history");
            return new Database(pool, schema);
        } catch (FlywayException e) {
            pool.close();
            throw new DatabaseException(DatabaseException.Kind.REFUSED, "the schema " + schema + " could not be migrated: " + e.getMessage(), e);
        }
    }

    private static void migrate(DataSource pool, String schema, String location, String history) {
        // Each set of migrations has a history of its own, so that their numbers do not meet.
        Flyway.configure().dataSource(pool).schemas(schema).defaultSchema(schema).locations(location).table(history).baselineOnMigrate(true).baselineVersion("0")
            .failOnMissingLocations(true).load().migrate();
    }

    /// The schema's name.
    public String schema() {
        return schema;
    }

    /// The pool, for reads outside a transaction. Connections have the schema as their search path.
    public DataSource dataSource() {
        return pool;
    }

    /// Runs work in a transaction and commits it. When the server is away, restarts, or finds a conflict with another transaction, the work is done again, for up
    /// to 30 s; so it must change nothing but the database.
    ///
    /// @throws DatabaseException see its kinds
    public <T> T inTransaction(Work<T> work) {
        return patiently(() -> once(work));
    }

    /// Reads, with the same patience. The work must change nothing: it is never committed, so its outcome is never unknown.
    ///
    /// @throws DatabaseException `database_unavailable` or `database_refused`
    public <T> T read(Work<T> work) {
        return patiently(() -> {
            try (Connection connection = pool.getConnection()) {
                return work.run(connection);
            }
        });
    }

    private interface Attempt<T> {
        T run() throws SQLException;
    }

    private <T> T patiently(Attempt<T> work) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int attempt = 0; ; attempt++) {
            try {
                return work.run();
            } catch (SQLException e) {
                boolean away = isConnectionLost(e);
                if (!away && !isConflict(e)) {
                    throw new DatabaseException(DatabaseException.Kind.REFUSED, "PostgreSQL refused a statement: " + e.getMessage(), e);
                }
                if (System.nanoTime() > deadline) {
                    throw new DatabaseException(DatabaseException.Kind.UNAVAILABLE, "PostgreSQL could not do it for " + PATIENCE.toSeconds() + " s: " + e.getMessage(), e);
                }
                LOG.debug("transaction in {} is done again: {}", schema, e.getMessage());
                if (away) {
                    // The other connections went with the same server.
                    pool.getHikariPoolMXBean().softEvictConnections();
                }
                pause(attempt);
            }
        }
    }

    /// Runs work without a result; see {@link #inTransaction(Work)}.
    public void change(Change change) {
        inTransaction(connection -> {
            change.run(connection);
            return null;
        });
    }

    private <T> T once(Work<T> work) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            T result;
            try {
                result = work.run(connection);
            } catch (SQLException | RuntimeException | Error e) {
                rollback(connection, e);
                throw e;
            }
            commit(connection);
            return result;
        }
    }

    private static void commit(Connection connection) throws SQLException {
        try {
            connection.commit();
        } catch (SQLException e) {
            if (isConnectionLost(e)) {
                throw new DatabaseException(DatabaseException.Kind.COMMIT_UNKNOWN, "the connection was lost during the commit: " + e.getMessage(), e);
            }
            rollback(connection, e);
            throw e;
        }
    }

    private static void rollback(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // A lost connection rolls back by itself; the first failure is the one to report.
            cause.addSuppressed(e);
        }
    }

    private static boolean isConnectionLost(SQLException e) {
        String state = e.getSQLState();
        // 08: connection; 57P01-57P03: the server shuts down, crashed, or starts. Without a state it is the pool's time-out.
        return state == null ? e instanceof SQLTransientException : state.startsWith("08") || List.of("57P01", "57P02", "57P03").contains(state);
    }

    private static boolean isConflict(SQLException e) {
        return "40001".equals(e.getSQLState()) || "40P01".equals(e.getSQLState());
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(FIRST_PAUSE.toMillis() << Math.min(attempt, 6));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseException(DatabaseException.Kind.UNAVAILABLE, "interrupted", e);
        }
    }

    /// Closes the connections.
    @Override
    public void close() {
        pool.close();
    }
}
