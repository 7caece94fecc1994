package network.nyxos.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Database;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.payment.EscrowBalance;
import network.nyxos.gateway.payment.EscrowFunds;
import network.nyxos.gateway.payment.EscrowState;
import software.sava.core.accounts.PublicKey;

/// Escrow accounts in PostgreSQL, as the chain has them.
public final class EscrowStore {
    private final Database database;

    /// @param database the gateway's
    public EscrowStore(Database database) {
        this.database = database;
    }

    /// Takes note of accounts. What was read at an older slot than what is stored changes nothing.
    ///
    /// @param prepaid those of them that are accounts of credits; one that is known is not changed by this
    public void update(Collection<EscrowState> escrows, Collection<CreditAccount> prepaid) {
        if (escrows.isEmpty()) {
            return;
        }
        database.change(connection -> {
            for (CreditAccount account : prepaid.stream().sorted(Comparator.comparing(CreditAccount::escrow)).toList()) {
                CreditStore.insert(connection, account);
            }
            Set<String> journalled = journalled(connection, escrows);
            try (PreparedStatement upsert = connection.prepareStatement("""
                insert into escrow_account (address, payer, mint, session_key, exiting, deposited, settled, session_expires, session_limit, seen_slot, journalled)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (address) do update set exiting = excluded.exiting, deposited = excluded.deposited, settled = excluded.settled,
                    session_expires = excluded.session_expires, session_limit = excluded.session_limit, seen_slot = excluded.seen_slot
                where escrow_account.seen_slot <= excluded.seen_slot""")) {
                // In one order, so that two gateways cannot wait for each other.
                for (EscrowState escrow : escrows.stream().sorted(Comparator.comparing(EscrowState::address)).toList()) {
                    String address = escrow.address().toBase58();
                    if (journalled.contains(address)) {
                        journal(connection, escrow);
                    }
                    upsert.setString(1, address);
                    upsert.setString(2, escrow.payer().toBase58());
                    upsert.setString(3, escrow.mint().toBase58());
                    upsert.setString(4, escrow.sessionKey().toBase58());
                    upsert.setBoolean(5, escrow.exiting());
                    upsert.setLong(6, escrow.deposited());
                    upsert.setLong(7, escrow.settled());
                    upsert.setLong(8, escrow.sessionExpires());
                    upsert.setLong(9, escrow.sessionLimit());
                    upsert.setLong(10, escrow.slot());
                    upsert.setBoolean(11, journalled.contains(address));
                    upsert.addBatch();
                }
                upsert.executeBatch();
            }
        });
    }

    private static Set<String> journalled(Connection connection, Collection<EscrowState> escrows) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select escrow from credit_account where escrow = any (?) and state <> 'CLOSED'")) {
            select.setArray(1, connection.createArrayOf("text", escrows.stream().map(escrow -> escrow.address().toBase58()).toArray()));
            try (ResultSet rows = select.executeQuery()) {
                var found = new HashSet<String>();
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
                return found;
            }
        }
    }

    /// Writes down what has changed of an account of credits.
    private static void journal(Connection connection, EscrowState escrow) throws SQLException {
        try (PreparedStatement begin = connection.prepareStatement("""
            insert into escrow_account (address, payer, mint, session_key, exiting, deposited, settled, session_expires, session_limit, seen_slot, journalled)
            values (?, ?, ?, ?, false, 0, 0, 0, 0, 0, true) on conflict do nothing""");
             PreparedStatement select = connection.prepareStatement("select deposited, settled, seen_slot, closed from escrow_account where address = ? for update")) {
            begin.setString(1, escrow.address().toBase58());
            begin.setString(2, escrow.payer().toBase58());
            begin.setString(3, escrow.mint().toBase58());
            begin.setString(4, escrow.sessionKey().toBase58());
            // Of two gateways that see it first, one is: the other waits here until that one's entries are committed.
            boolean first = begin.executeUpdate() == 1;
            select.setString(1, escrow.address().toBase58());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                if (row.getLong("seen_slot") <= escrow.slot() && !row.getBoolean("closed")) {
                    CreditJournal.seen(connection, escrow, row.getLong("deposited"), row.getLong("settled"), first);
                }
            }
        }
    }

    /// Takes note that accounts are gone; an address never has a second life.
    public void close(Set<PublicKey> addresses) {
        if (addresses.isEmpty()) {
            return;
        }
        database.change(connection -> {
            try (PreparedStatement update = connection.prepareStatement("update escrow_account set closed = true where address = ?")) {
                for (PublicKey address : addresses.stream().sorted().toList()) {
                    update.setString(1, address.toBase58());
                    update.addBatch();
                }
                update.executeBatch();
            }
        });
    }

    /// What is left of an escrow.
    public Optional<EscrowBalance> balance(PublicKey address) {
        return database.inTransaction(connection -> balance(connection, address));
    }

    /// Every escrow that a session key signs for, the fullest first.
    ///
    /// @param most how many at most: anybody can open escrows in the name of a key
    public List<EscrowFunds> ofSessionKey(PublicKey sessionKey, int most) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                select *, greatest(used, settled) as spent from escrow_account where session_key = ?
                order by closed, exiting, deposited - greatest(used, settled) - reserved desc, address limit ?""")) {
                select.setString(1, sessionKey.toBase58());
                select.setInt(2, most);
                var found = new ArrayList<EscrowFunds>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(funds(rows, "settled", "spent", "reserved"));
                    }
                }
                return found;
            }
        });
    }

    /// @param settled  the column of what was settled
    /// @param spent    the column of what jobs have cost, at least what was settled
    /// @param reserved the column of what runs
    static EscrowFunds funds(ResultSet row, String settled, String spent, String reserved) throws SQLException {
        var escrow = new EscrowState(key(row, "address"), key(row, "payer"), key(row, "mint"), key(row, "session_key"), row.getBoolean("exiting"), row.getLong("deposited"),
            row.getLong(settled), row.getLong("session_expires"), row.getLong("session_limit"), row.getLong("seen_slot"));
        return new EscrowFunds(escrow, new EscrowBalance(escrow.deposited(), escrow.settled(), row.getLong(spent), row.getLong(reserved)), row.getBoolean("closed"));
    }

    private static PublicKey key(ResultSet row, String column) throws SQLException {
        return PublicKey.fromBase58Encoded(row.getString(column));
    }

    static Optional<EscrowBalance> balance(Connection connection, PublicKey address) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
            "select deposited, settled, greatest(used, settled) as used, reserved from escrow_account where address = ? and not closed")) {
            select.setString(1, address.toBase58());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(new EscrowBalance(row.getLong("deposited"), row.getLong("settled"), row.getLong("used"), row.getLong("reserved")))
                    : Optional.empty();
            }
        }
    }
}
