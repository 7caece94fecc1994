package network.nyxos.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.gateway.credit.Amounts;
import network.nyxos.gateway.credit.Book;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.Departure;
import network.nyxos.gateway.credit.Movement;
import network.nyxos.gateway.credit.Purchase;
import software.sava.core.accounts.PublicKey;

/// Accounts of credits, their purchases and their journal in PostgreSQL. Every change of a purchase's state and what it does to the journal are one transaction.
public final class CreditStore {
    private static final int MAX_REASON = 400;
    // One opening is counted at a time: the bound on unfunded accounts is exact.
    private static final long OPENINGS = 0x6e79786f73637264L;

    private final Database database;

    /// @param database the gateway's
    public CreditStore(Database database) {
        this.database = database;
    }

    // --- accounts ----------------------------------------------------------------------------------------------------

    /// The account that a wallet's purchases for a key go to; not one that is on its way out.
    public Optional<CreditAccount> find(PublicKey wallet, PublicKey key, PublicKey mint) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                select credit_account.* from credit_account left join escrow_account on address = credit_account.escrow
                where wallet = ? and key = ? and credit_account.mint = ? and state <> 'CLOSED' and not coalesce(exiting or closed, false)
                order by state = 'OPEN' desc, open_slot desc limit 1""")) {
                select.setString(1, wallet.toBase58());
                select.setString(2, key.toBase58());
                select.setString(3, mint.toBase58());
                return first(select);
            }
        });
    }

    /// The escrows of all accounts that are not over.
    public List<PublicKey> open() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select escrow from credit_account where state <> 'CLOSED' order by escrow");
                 ResultSet rows = select.executeQuery()) {
                var found = new ArrayList<PublicKey>();
                while (rows.next()) {
                    found.add(key(rows, "escrow"));
                }
                return found;
            }
        });
    }

    /// The accounts of a key that are not over.
    public List<CreditAccount> ofKey(PublicKey key) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select * from credit_account where key = ? and state <> 'CLOSED' order by open_slot desc limit 100")) {
                select.setString(1, key.toBase58());
                var found = new ArrayList<CreditAccount>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(account(rows));
                    }
                }
                return found;
            }
        });
    }

    private static Optional<CreditAccount> first(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(account(row)) : Optional.empty();
        }
    }

    private static CreditAccount account(ResultSet row) throws SQLException {
        return new CreditAccount(key(row, "escrow"), key(row, "wallet"), key(row, "key"), key(row, "mint"), row.getLong("open_slot"), CreditAccount.State.valueOf(row.getString("state")),
            row.getBoolean("sponsored"), row.getLong("paid") != 0);
    }

    private static PublicKey key(ResultSet row, String column) throws SQLException {
        return PublicKey.fromBase58Encoded(row.getString(column));
    }

    /// What came of wanting to open an account.
    public sealed interface Opening {
        /// It may be opened.
        record Begun(CreditAccount account) implements Opening {
        }

        /// The wallet has one that waits for its first payment.
        record Waiting(CreditAccount account) implements Opening {
        }

        /// As many were opened in this hour, and not paid for, as may be.
        record TooMany() implements Opening {
        }
    }

    /// Writes an account down before it is opened.
    ///
    /// @param account     sponsored, `OPENING`
    /// @param mostAnHour  unfunded ones that may be opened in an hour
    public Opening begin(CreditAccount account, int mostAnHour) {
        return twice(connection -> {
            try (PreparedStatement lock = connection.prepareStatement("select pg_advisory_xact_lock(?)")) {
                lock.setLong(1, OPENINGS);
                lock.execute();
            }
            Optional<CreditAccount> waiting = unfunded(connection, account.wallet());
            if (waiting.isPresent()) {
                return waiting.get().escrow().equals(account.escrow()) ? new Opening.Begun(account) : new Opening.Waiting(waiting.get());
            }
            if (unfundedOfThisHour(connection) >= mostAnHour) {
                return new Opening.TooMany();
            }
            insert(connection, account);
            return new Opening.Begun(account);
        });
    }

    private static Optional<CreditAccount> unfunded(Connection connection, PublicKey wallet) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select * from credit_account where wallet = ? and sponsored and paid = 0 and state <> 'CLOSED'")) {
            select.setString(1, wallet.toBase58());
            return first(select);
        }
    }

    private static int unfundedOfThisHour(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select count(*) from credit_account where sponsored and paid = 0 and created_at > now() - interval '1 hour'");
             ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    static void insert(Connection connection, CreditAccount account) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
            insert into credit_account (escrow, wallet, key, mint, open_slot, state, sponsored) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")) {
            insert.setString(1, account.escrow().toBase58());
            insert.setString(2, account.wallet().toBase58());
            insert.setString(3, account.key().toBase58());
            insert.setString(4, account.mint().toBase58());
            insert.setLong(5, account.openSlot());
            insert.setString(6, account.state().name());
            insert.setBoolean(7, account.sponsored());
            insert.executeUpdate();
        }
    }

    /// An account is on chain.
    public void opened(PublicKey escrow) {
        move(escrow, "update credit_account set state = 'OPEN' where escrow = ? and state = 'OPENING'");
    }

    /// An account was not opened, and will not be.
    public void notOpened(PublicKey escrow) {
        move(escrow, "update credit_account set state = 'CLOSED' where escrow = ? and state = 'OPENING' and paid = 0");
    }

    private void move(PublicKey escrow, String sql) {
        twice(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                update.setString(1, escrow.toBase58());
                return update.executeUpdate();
            }
        });
    }

    /// An account is gone from the chain; where its money went is in the journal from now on.
    public void left(PublicKey escrow, Departure departure) {
        twice(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select 1 from credit_account where escrow = ? and state <> 'CLOSED' for update");
                 PreparedStatement update = connection.prepareStatement("update credit_account set state = 'CLOSED' where escrow = ?")) {
                select.setString(1, escrow.toBase58());
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        return false;
                    }
                }
                CreditJournal.left(connection, escrow.toBase58(), departure);
                update.setString(1, escrow.toBase58());
                update.executeUpdate();
                return true;
            }
        });
    }

    // --- purchases ---------------------------------------------------------------------------------------------------

    /// What came of claiming a transfer.
    public sealed interface Claim {
        /// It is ours: go on.
        record New() implements Claim {
        }

        /// It was met before.
        ///
        /// @param purchase empty for a transfer that was not brought here to buy credits
        record Known(Optional<Purchase> purchase) implements Claim {
        }
    }

    /// Claims a transfer that is about to be settled; nobody else settles it then, here or at the facilitator.
    public Claim claim(Purchase purchase) {
        UUID claim = UUID.randomUUID();
        return twice(connection -> {
            if (!JobStore.insertClaim(connection, purchase.messageHash(), claim, true)) {
                return new Claim.Known(find(connection, purchase.messageHash(), false));
            }
            try (PreparedStatement insert = connection.prepareStatement("""
                insert into credit_purchase (message_hash, escrow, payer, amount, transaction, state, claim) values (?, ?, ?, ?, ?, 'PENDING', ?) on conflict do nothing""")) {
                insert.setBytes(1, purchase.messageHash().bytes());
                insert.setString(2, purchase.escrow().toBase58());
                insert.setString(3, purchase.payer().toBase58());
                insert.setLong(4, purchase.amount());
                insert.setBytes(5, purchase.transaction().bytes());
                insert.setObject(6, claim);
                insert.executeUpdate();
            }
            return new Claim.New();
        });
    }

    private static Optional<Purchase> find(Connection connection, Hash messageHash, boolean lock) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select * from credit_purchase where message_hash = ?" + (lock ? " for update" : ""))) {
            select.setBytes(1, messageHash.bytes());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(purchase(row)) : Optional.empty();
            }
        }
    }

    private static Purchase purchase(ResultSet row) throws SQLException {
        return new Purchase(Hash.of(row.getBytes("message_hash")), key(row, "escrow"), key(row, "payer"), row.getLong("amount"), Signature.of(row.getBytes("transaction")),
            Purchase.State.valueOf(row.getString("state")), row.getString("reason"));
    }

    /// Forgets a claim whose transfer was never sent, so that it may be tried again.
    public void abandon(Hash messageHash) {
        twice(connection -> {
            try (PreparedStatement purchase = connection.prepareStatement("delete from credit_purchase where message_hash = ? and state = 'PENDING'");
                 PreparedStatement claim = connection.prepareStatement("delete from payment_claim where message_hash = ?")) {
                purchase.setBytes(1, messageHash.bytes());
                claim.setBytes(1, messageHash.bytes());
                return purchase.executeUpdate() == 1 && claim.executeUpdate() == 1;
            }
        });
    }

    /// A transfer is on chain.
    public Purchase settled(Hash messageHash) {
        return end(messageHash, Purchase.State.SETTLED, "");
    }

    /// A transfer can never be on chain.
    ///
    /// @param reason `code: message`
    public Purchase refused(Hash messageHash, String reason) {
        return end(messageHash, Purchase.State.REFUSED, reason);
    }

    private Purchase end(Hash messageHash, Purchase.State state, String reason) {
        return twice(connection -> {
            Purchase before = find(connection, messageHash, true).orElseThrow(() -> new IllegalStateException("purchase " + messageHash + " is not stored"));
            if (before.state() != Purchase.State.PENDING) {
                return before;
            }
            try (PreparedStatement update = connection.prepareStatement("update credit_purchase set state = ?, reason = ?, changed_at = now() where message_hash = ?")) {
                update.setString(1, state.name());
                update.setString(2, reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason);
                update.setBytes(3, messageHash.bytes());
                update.executeUpdate();
            }
            if (state == Purchase.State.SETTLED) {
                CreditJournal.bought(connection, before.escrow().toBase58(), messageHash, before.amount());
            }
            return find(connection, messageHash, false).orElseThrow();
        });
    }

    /// Transfers whose outcome has been open for a while.
    public List<Purchase> pending(Duration age) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                "select * from credit_purchase where state = 'PENDING' and changed_at < now() - ? * interval '1 millisecond' order by changed_at limit 100")) {
                select.setLong(1, age.toMillis());
                var found = new ArrayList<Purchase>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(purchase(rows));
                    }
                }
                return found;
            }
        });
    }

    /// Whether a transfer to this account is under way whose outcome is not known yet.
    public boolean isBeingPaid(PublicKey escrow) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select 1 from credit_purchase where escrow = ? and state = 'PENDING'")) {
                select.setString(1, escrow.toBase58());
                try (ResultSet row = select.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    /// Whether a purchase was begun so long ago.
    public boolean isOlderThan(Hash messageHash, Duration age) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select 1 from credit_purchase where message_hash = ? and created_at < now() - ? * interval '1 millisecond'")) {
                select.setBytes(1, messageHash.bytes());
                select.setLong(2, age.toMillis());
                try (ResultSet row = select.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    // --- the books ---------------------------------------------------------------------------------------------------

    /// All accounts that are not over, each with its amounts as they are kept, as the journal adds up to, and as jobs are reserved from: one moment's.
    public List<Book> books() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                select credit_account.*, journal.*, escrow_account.*, escrow_account.mint as mint, greatest(used, escrow_account.settled) as spent_of_escrow,
                    escrow_account.settled as settled_of_escrow, escrow_account.reserved as reserved_of_escrow, address is not null as seen,
                    credit_account.mint as credit_mint, credit_account.transit as kept_transit, credit_account.paid as kept_paid, credit_account.available as kept_available,
                    credit_account.reserved as kept_reserved, credit_account.spent as kept_spent, credit_account.settled as kept_settled, credit_account.returned as kept_returned
                from credit_account left join escrow_account on address = credit_account.escrow, lateral (
                    select coalesce(-sum(amount) filter (where source = 'paid'), 0)::bigint as journal_paid, %s from credit_entry where credit_entry.escrow = credit_account.escrow) journal
                where state <> 'CLOSED' order by credit_account.escrow""".formatted(SUMS));
                 ResultSet rows = select.executeQuery()) {
                var books = new ArrayList<Book>();
                while (rows.next()) {
                    books.add(book(rows));
                }
                return books;
            }
        });
    }

    private static final String SUMS = String.join(", ", List.of("transit", "available", "reserved", "spent", "settled", "returned").stream().map(place ->
        "coalesce(sum(case when target = '%1$s' then amount when source = '%1$s' then -amount end), 0)::bigint as journal_%1$s".formatted(place)).toList());

    private static Book book(ResultSet row) throws SQLException {
        Amounts kept = CreditJournal.amounts(row, "kept_");
        var account = new CreditAccount(key(row, "escrow"), key(row, "wallet"), key(row, "key"), key(row, "credit_mint"), row.getLong("open_slot"),
            CreditAccount.State.valueOf(row.getString("state")), row.getBoolean("sponsored"), kept.paid() != 0);
        return new Book(account, kept, CreditJournal.amounts(row, "journal_"), row.getLong("unknown"),
            row.getBoolean("seen") ? Optional.of(EscrowStore.funds(row, "settled_of_escrow", "spent_of_escrow", "reserved_of_escrow")) : Optional.empty());
    }

    /// What happened to the accounts of a key, the newest first.
    ///
    /// @param after the last one of the page before
    public List<Movement> history(PublicKey key, Optional<Long> after, int limit) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                select credit_entry.*, job.model, job.receipt, job.receipt_signature, credit_purchase.transaction
                from credit_entry left join job on job.id = credit_entry.job left join credit_purchase on credit_purchase.message_hash = credit_entry.purchase
                where credit_entry.escrow in (select credit_account.escrow from credit_account where credit_account.key = ?)
                    and credit_entry.kind in ('bought', 'received', 'spent', 'settled_unknown', 'exited', 'returned') and credit_entry.id < ?
                order by credit_entry.id desc limit ?""")) {
                select.setString(1, key.toBase58());
                select.setLong(2, after.orElse(Long.MAX_VALUE));
                select.setInt(3, limit);
                var found = new ArrayList<Movement>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(movement(rows));
                    }
                }
                return found;
            }
        });
    }

    private static Movement movement(ResultSet row) throws SQLException {
        byte[] receipt = row.getBytes("receipt");
        return new Movement(row.getLong("id"), key(row, "escrow"), row.getString("kind"), row.getLong("amount"), row.getTimestamp("at").toInstant(),
            Optional.ofNullable(row.getBytes("job")).map(Hash::of), Optional.ofNullable(row.getString("model")),
            receipt == null ? Optional.empty() : Optional.of(new SignedReceipt(Receipt.decode(receipt), Signature.of(row.getBytes("receipt_signature")))),
            Optional.ofNullable(row.getBytes("transaction")).map(Signature::of));
    }

    /// Work that may be done twice: after a lost answer to a commit it is done again and finds what it did.
    private <T> T twice(Database.Work<T> work) {
        return JobStore.idempotent(database, work);
    }
}
