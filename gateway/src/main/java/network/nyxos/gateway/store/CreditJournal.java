package network.nyxos.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.credit.Amounts;
import network.nyxos.gateway.credit.Departure;
import network.nyxos.gateway.payment.EscrowState;

/// Entries of the credits' journal, written in the transactions of what they are about. An entry moves an amount from one place of an account to another; the database
/// keeps the sums, and takes no entry back.
final class CreditJournal {
    /// The columns of {@link Amounts}.
    static final String COLUMNS = "paid, transit, available, reserved, spent, settled, returned";

    private CreditJournal() {
    }

    /// Who an entry is about.
    private record About(Optional<Hash> job, Optional<Hash> purchase) {
        private static final About NOBODY = new About(Optional.empty(), Optional.empty());

        private static About job(Hash id) {
            return new About(Optional.of(id), Optional.empty());
        }

        private static About purchase(Hash id) {
            return new About(Optional.empty(), Optional.of(id));
        }
    }

    private static void post(Connection connection, String escrow, String kind, String source, String target, long amount, About about) throws SQLException {
        if (amount == 0) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("insert into credit_entry (escrow, kind, source, target, amount, job, purchase) values (?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, escrow);
            insert.setString(2, kind);
            insert.setString(3, source);
            insert.setString(4, target);
            insert.setLong(5, amount);
            insert.setBytes(6, about.job.map(Hash::bytes).orElse(null));
            insert.setBytes(7, about.purchase.map(Hash::bytes).orElse(null));
            insert.executeUpdate();
        }
    }

    /// A job's ceiling is set aside.
    static void reserved(Connection connection, String escrow, Hash job, long ceiling) throws SQLException {
        post(connection, escrow, "reserved", "available", "reserved", ceiling, About.job(job));
    }

    /// A job is over.
    ///
    /// @param charge 0 for one that failed
    static void ended(Connection connection, String escrow, Hash job, long ceiling, long charge) throws SQLException {
        post(connection, escrow, "spent", "reserved", "spent", charge, About.job(job));
        post(connection, escrow, "released", "reserved", "available", Math.subtractExact(ceiling, charge), About.job(job));
    }

    /// An account with its amounts, locked.
    ///
    /// @param unattributed of what was paid in: by transfers that were not brought here
    private record Locked(Amounts amounts, long unattributed, boolean closed) {
    }

    private static Locked lock(Connection connection, String escrow) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select " + COLUMNS + ", unattributed, state from credit_account where escrow = ? for update")) {
            select.setString(1, escrow);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("account " + escrow + " is not stored");
                }
                return new Locked(amounts(row, ""), row.getLong("unattributed"), row.getString("state").equals("CLOSED"));
            }
        }
    }

    static Amounts amounts(ResultSet row, String prefix) throws SQLException {
        return new Amounts(row.getLong(prefix + "paid"), row.getLong(prefix + "transit"), row.getLong(prefix + "available"), row.getLong(prefix + "reserved"),
            row.getLong(prefix + "spent"), row.getLong(prefix + "settled"), row.getLong(prefix + "returned"));
    }

    private static void add(Connection connection, String escrow, String column, long amount) throws SQLException {
        if (amount == 0) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement("update credit_account set " + column + " = " + column + " + ? where escrow = ?")) {
            update.setLong(1, amount);
            update.setString(2, escrow);
            update.executeUpdate();
        }
    }

    /// A transfer that was brought here is on chain. If the program counted it before this was heard of, it is in the journal already.
    static void bought(Connection connection, String escrow, Hash purchase, long amount) throws SQLException {
        Locked account = lock(connection, escrow);
        long known = Math.min(account.unattributed, amount);
        add(connection, escrow, "unattributed", -known);
        // What reaches an account that is gone goes back to its wallet.
        post(connection, escrow, "bought", "paid", account.closed ? "returned" : "transit", amount - known, About.purchase(purchase));
    }

    /// What the chain says of an open escrow, beside what was known of it.
    ///
    /// @param first whether nothing was known of it
    static void seen(Connection connection, EscrowState now, long depositedBefore, long settledBefore, boolean first) throws SQLException {
        String escrow = now.address().toBase58();
        Locked account = lock(connection, escrow);
        counted(connection, escrow, account, now.deposited() - depositedBefore);
        long settled = now.settled() - settledBefore;
        if (first) {
            post(connection, escrow, "opening", "available", "settled", settled, About.NOBODY);
        } else {
            settled(connection, escrow, account, settled);
        }
    }

    private static void counted(Connection connection, String escrow, Locked account, long amount) throws SQLException {
        if (amount > 0) {
            long received = Math.max(0, amount - account.amounts.transit());
            post(connection, escrow, "received", "paid", "transit", received, About.NOBODY);
            add(connection, escrow, "unattributed", received);
            post(connection, escrow, "counted", "transit", "available", amount, About.NOBODY);
        }
    }

    private static void settled(Connection connection, String escrow, Locked account, long amount) throws SQLException {
        if (amount > 0) {
            long ours = Math.min(account.amounts.spent(), amount);
            post(connection, escrow, "settled", "spent", "settled", ours, About.NOBODY);
            post(connection, escrow, "settled_unknown", "available", "settled", amount - ours, About.NOBODY);
            add(connection, escrow, "unknown", amount - ours);
        } else {
            // What a node had settled by itself was voided and given back to the escrow; for the job it is charged all the same.
            post(connection, escrow, "unsettled", "settled", "spent", -amount, About.NOBODY);
        }
    }

    /// An escrow is gone; whatever was not settled went to its wallet.
    static void left(Connection connection, String escrow, Departure departure) throws SQLException {
        Locked before = lock(connection, escrow);
        counted(connection, escrow, before, departure.deposited() - before.amounts.deposited());
        settled(connection, escrow, before, departure.settled() - before.amounts.settled());
        Amounts rest = lock(connection, escrow).amounts;
        post(connection, escrow, "exited", "available", "returned", rest.available(), About.NOBODY);
        post(connection, escrow, "exited", "reserved", "returned", rest.reserved(), About.NOBODY);
        post(connection, escrow, "exited", "spent", "returned", rest.spent(), About.NOBODY);
        post(connection, escrow, "returned", "transit", "returned", rest.transit(), About.NOBODY);
    }
}
