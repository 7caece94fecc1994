package network.nyxos.relayer.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.relayer.job.JobState;
import software.sava.core.accounts.PublicKey;

/// Runs work in transactions of one schema. Work may be run again from the start, so it changes nothing but the database; rows that are decided upon are
/// locked by the work itself.
public final class Transactions {
    private final Database database;

    /// @param database with the schema
    public Transactions(Database database) {
        this.database = database;
    }

    /// Work that asks or tells the database.
    @FunctionalInterface
    interface Work<T> {
        T run(Session session) throws SQLException;
    }

    /// Makes a value of a row.
    @FunctionalInterface
    interface Row<T> {
        /// Reads the row where the cursor stands.
        ///
        /// @return the value, never null: a column that may be NULL is read into an `Optional`, and a row is not read for a side effect
        T read(ResultSet row) throws SQLException;
    }

    /// Runs the work and commits; rolls back whatever it throws.
    ///
    /// @throws network.nyxos.chain.DatabaseException when the database failed
    <T> T in(Work<T> work) {
        return database.inTransaction(connection -> work.run(new Session(connection)));
    }

    /// One transaction's statements.
    ///
    /// @param connection its connection
    record Session(Connection connection) {
        /// Tells; returns the number of rows changed.
        int update(String sql, Object... arguments) throws SQLException {
            try (PreparedStatement statement = prepare(sql, arguments)) {
                return statement.executeUpdate();
            }
        }

        /// Asks for rows.
        <T> List<T> list(String sql, Row<T> row, Object... arguments) throws SQLException {
            try (PreparedStatement statement = prepare(sql, arguments); ResultSet rows = statement.executeQuery()) {
                var list = new ArrayList<T>();
                while (rows.next()) {
                    list.add(Objects.requireNonNull(row.read(rows), () -> "a row was read into null by: " + sql));
                }
                return List.copyOf(list);
            }
        }

        /// Asks for at most one row.
        <T> Optional<T> one(String sql, Row<T> row, Object... arguments) throws SQLException {
            return list(sql, row, arguments).stream().findFirst();
        }

        private PreparedStatement prepare(String sql, Object... arguments) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql);
            try {
                for (int i = 0; i < arguments.length; i++) {
                    statement.setObject(i + 1, column(arguments[i]));
                }
                return statement;
            } catch (SQLException | RuntimeException e) {
                statement.close();
                throw e;
            }
        }

        private static Object column(Object value) {
            return switch (value) {
                case Hash hash -> hash.bytes();
                case PublicKey key -> key.toByteArray();
                case Signature signature -> signature.bytes();
                case JobState state -> state.wireName();
                case Optional<?> maybe -> maybe.map(Session::column).orElse(null);
                case null -> throw new IllegalArgumentException("an absent column is an empty Optional");
                default -> value;
            };
        }
    }
}
