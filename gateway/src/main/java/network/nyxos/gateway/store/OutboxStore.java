package network.nyxos.gateway.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;

/// What the relayer has yet to be told, in the order in which it happened.
public final class OutboxStore {
    private static final int MAX_ERROR = 300;

    private final Database database;

    /// @param database the gateway's
    public OutboxStore(Database database) {
        this.database = database;
    }

    /// Something to tell.
    ///
    /// @param id       place in the order
    /// @param job      whose it is
    /// @param body     the job record
    /// @param attempts tries so far
    public record Entry(long id, Hash job, byte[] body, int attempts) {
        /// Copies the body.
        public Entry {
            body = body.clone();
        }

        @Override
        public byte[] body() {
            return body.clone();
        }
    }

    /// Takes entries that are due, oldest first and never one before an older one of the same job, and keeps them from other gateways for a while.
    ///
    /// @param keep how long they are kept
    public List<Entry> take(int limit, Duration keep) {
        return database.inTransaction(connection -> {
            var entries = new ArrayList<Entry>();
            try (PreparedStatement update = connection.prepareStatement("""
                update outbox set due_at = now() + ? * interval '1 millisecond' where id in (
                    select o.id from outbox o where o.due_at <= now() and not exists (select 1 from outbox p where p.job = o.job and p.id < o.id)
                    order by o.id limit ? for update skip locked)
                returning id, job, body, attempts""")) {
                update.setLong(1, keep.toMillis());
                update.setInt(2, limit);
                try (ResultSet rows = update.executeQuery()) {
                    while (rows.next()) {
                        entries.add(new Entry(rows.getLong("id"), Hash.of(rows.getBytes("job")), rows.getBytes("body"), rows.getInt("attempts")));
                    }
                }
            }
            entries.sort(java.util.Comparator.comparingLong(Entry::id));
            return entries;
        });
    }

    /// The relayer has taken note.
    public void delivered(long id) {
        database.change(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("delete from outbox where id = ?")) {
                delete.setLong(1, id);
                delete.executeUpdate();
            }
        });
    }

    /// It has not; to be tried again later.
    public void delay(long id, Duration by, String error) {
        database.change(connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                "update outbox set attempts = attempts + 1, due_at = now() + ? * interval '1 millisecond', last_error = ? where id = ?")) {
                update.setLong(1, by.toMillis());
                update.setString(2, error.length() > MAX_ERROR ? error.substring(0, MAX_ERROR) : error);
                update.setLong(3, id);
                update.executeUpdate();
            }
        });
    }

    /// How many wait.
    public long waiting() {
        return database.inTransaction(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select count(*) from outbox"); ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }
}
