package network.nyxos.chain;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.WireTransaction;

/// The table `chain_transaction`. Its partial unique index is what holds an intent to one live transaction.
final class TransactionStore {
    private static final String COLUMNS = "signature, intent, attempt, state, bytes, last_valid_height, slot, error, error_instruction, error_custom";
    private static final String ALIVE = "('signed', 'sent', 'unknown')";

    private final Database database;

    TransactionStore(Database database) {
        this.database = database;
    }

    /// A row.
    ///
    /// @param lastValidHeight the last block height at which it can be included
    record Stored(Signature signature, String intent, int attempt, Outcome.State state, byte[] bytes, long lastValidHeight, OptionalLong slot,
                  Optional<TransactionError> error) {
    }

    Optional<Stored> latest(String intent) {
        return database.read(connection -> {
            try (PreparedStatement query = connection.prepareStatement("select " + COLUMNS + " from chain_transaction where intent = ? order by attempt desc limit 1")) {
                query.setString(1, intent);
                return one(query);
            }
        });
    }

    Optional<Stored> find(Signature signature) {
        return database.read(connection -> {
            try (PreparedStatement query = connection.prepareStatement("select " + COLUMNS + " from chain_transaction where signature = ?")) {
                query.setString(1, signature.base58());
                return one(query);
            }
        });
    }

    List<Stored> alive() {
        return database.read(connection -> {
            try (PreparedStatement query = connection.prepareStatement("select " + COLUMNS + " from chain_transaction where state in " + ALIVE + " order by created_at");
                 ResultSet rows = query.executeQuery()) {
                var all = new ArrayList<Stored>();
                while (rows.next()) {
                    all.add(read(rows));
                }
                return all;
            }
        });
    }

    /// Stores a signed transaction.
    ///
    /// @return whether it was stored: not when the intent has a live one, or this one is stored already
    boolean insert(String intent, int attempt, SignedTransaction transaction, long lastValidHeight) {
        try {
            return database.inTransaction(connection -> insert(connection, intent, attempt, transaction, lastValidHeight));
        } catch (DatabaseException e) {
            // When the commit's outcome is unknown the row says it; nothing has been sent yet, so reading it decides.
            if (e.kind() != DatabaseException.Kind.COMMIT_UNKNOWN) {
                throw e;
            }
            return find(transaction.signature()).isPresent();
        }
    }

    private static boolean insert(Connection connection, String intent, int attempt, SignedTransaction transaction, long lastValidHeight) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into chain_transaction (signature, intent, attempt, state, bytes, last_valid_height) "
            + "values (?, ?, ?, 'signed', ?, ?) on conflict do nothing")) {
            insert.setString(1, transaction.signature().base58());
            insert.setString(2, intent);
            insert.setInt(3, attempt);
            insert.setBytes(4, transaction.bytes());
            insert.setLong(5, lastValidHeight);
            return insert.executeUpdate() == 1;
        }
    }

    /// Moves a live transaction to another live state.
    void mark(Signature signature, Outcome.State state) {
        update(signature, state, OptionalLong.empty(), Optional.empty());
    }

    /// Records the end of a live transaction. One that has ended already stays as it is.
    void finish(Signature signature, Outcome.State state, OptionalLong slot, Optional<TransactionError> error) {
        update(signature, state, slot, error);
    }

    private void update(Signature signature, Outcome.State state, OptionalLong slot, Optional<TransactionError> error) {
        Database.Change change = connection -> {
            try (PreparedStatement update = connection.prepareStatement("update chain_transaction set state = ?, slot = ?, error = ?, error_instruction = ?, "
                + "error_custom = ?, changed_at = now() where signature = ? and state in " + ALIVE)) {
                update.setString(1, state.name().toLowerCase(Locale.ROOT));
                update.setObject(2, slot.isPresent() ? slot.getAsLong() : null);
                update.setString(3, error.map(TransactionError::name).orElse(null));
                update.setObject(4, error.isPresent() && error.get().instruction().isPresent() ? error.get().instruction().getAsInt() : null);
                update.setObject(5, error.isPresent() && error.get().custom().isPresent() ? error.get().custom().getAsLong() : null);
                update.setString(6, signature.base58());
                update.executeUpdate();
            }
        };
        try {
            database.change(change);
        } catch (DatabaseException e) {
            // Writing the same end twice is harmless.
            if (e.kind() != DatabaseException.Kind.COMMIT_UNKNOWN) {
                throw e;
            }
            database.change(change);
        }
    }

    private static Optional<Stored> one(PreparedStatement query) throws SQLException {
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? Optional.of(read(rows)) : Optional.empty();
        }
    }

    private static Stored read(ResultSet row) throws SQLException {
        long slot = row.getLong("slot");
        OptionalLong at = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(slot);
        String name = row.getString("error");
        int instruction = row.getInt("error_instruction");
        OptionalInt failed = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(instruction);
        long custom = row.getLong("error_custom");
        OptionalLong number = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(custom);
        return new Stored(Signature.fromBase58(row.getString("signature")), row.getString("intent"), row.getInt("attempt"),
            Outcome.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)), row.getBytes("bytes"), row.getLong("last_valid_height"), at,
            Optional.ofNullable(name).map(error -> new TransactionError(error, failed, number)));
    }

    /// The stored bytes as what they are.
    static SignedTransaction transaction(Stored stored) {
        return SignedTransaction.of(WireTransaction.ofOwn(stored.bytes()));
    }
}
