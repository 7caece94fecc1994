package network.nyxos.gateway.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import network.nyxos.chain.Database;
import network.nyxos.chain.DatabaseException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.JobEvent;
import network.nyxos.gateway.job.JobLedger;
import network.nyxos.gateway.job.JobLostException;
import network.nyxos.gateway.job.JobMachine;
import network.nyxos.gateway.job.JobState;
import network.nyxos.gateway.payment.EscrowRules;
import network.nyxos.gateway.payment.PaymentException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Jobs in PostgreSQL. Every change is one transaction with all that belongs to it: the state, the escrow's amounts, and what the relayer is to be told.
/// Several gateways may work on one schema: a job is run by one instance, and a row is locked while it changes.
public final class JobStore implements JobLedger {
    private static final Logger LOG = LoggerFactory.getLogger(JobStore.class);
    private static final int MAX_REASON = 400;

    private final Database database;
    private final UUID instance;
    private final Runnable wake;
    private final Set<Hash> served = ConcurrentHashMap.newKeySet();

    /// @param instance this gateway's id
    /// @param wake     called when there is something new to tell the relayer
    public JobStore(Database database, UUID instance, Runnable wake) {
        this.database = database;
        this.instance = instance;
        this.wake = wake;
    }

    /// What came of claiming a payment or a nonce.
    public sealed interface Claim {
        /// It is ours: go on.
        record New() implements Claim {
        }

        /// It was met before.
        ///
        /// @param job what was made of it; empty for a transfer to somebody else
        record Known(Optional<Job> job) implements Claim {
        }

        /// Nothing was claimed: the name that the payer gave it stands for another job.
        record Taken() implements Claim {
        }
    }

    /// The request that a job is to answer.
    ///
    /// @param hash  of the request as sent
    /// @param model the model's name
    /// @param tier  as asked for
    public record Request(Hash hash, String model, Tier tier) {
    }

    // --- exact -------------------------------------------------------------------------------------------------------

    /// Claims a transfer that is about to be settled to somebody else than our pools.
    public Claim claimForeign(Hash messageHash) {
        UUID claim = UUID.randomUUID();
        return idempotent(connection -> insertClaim(connection, messageHash, claim, false) ? new Claim.New() : new Claim.Known(Optional.empty()));
    }

    /// Claims a transfer into one of our pools for the request that it pays for; the job is `PENDING`.
    ///
    /// @param payment    the transfer as the relayer will be told
    /// @param request    what it pays for
    /// @param identifier the name that its payer gave it
    public Claim claimExact(PaymentRecord.Exact payment, Request request, Optional<IdentifierStore.Binding> identifier) {
        return claimExact(payment, Optional.of(request), identifier);
    }

    /// Claims a transfer into one of our pools whose payer says later what it is for; the job is `PENDING`. Who had it settled is told once that it succeeded, see {@link #claimAnswer}.
    public Claim claimUnasked(PaymentRecord.Exact payment) {
        return claimExact(payment, Optional.empty(), Optional.empty());
    }

    private Claim claimExact(PaymentRecord.Exact payment, Optional<Request> request, Optional<IdentifierStore.Binding> identifier) {
        UUID claim = UUID.randomUUID();
        return unlessTaken(connection -> {
            if (!insertClaim(connection, payment.messageHash(), claim, request.isPresent())) {
                return new Claim.Known(find(connection, payment.jobId(), false));
            }
            try (PreparedStatement insert = connection.prepareStatement(
                "insert into job (id, kind, state, payment, ceiling, claim, request_hash, model, tier, payer) values (?, 'exact', ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing")) {
                insert.setBytes(1, payment.jobId().bytes());
                insert.setString(2, JobMachine.first(Payment.EXACT).name());
                insert.setString(3, new String(payment.encode(), StandardCharsets.UTF_8));
                insert.setLong(4, payment.amount());
                insert.setObject(5, claim);
                insert.setBytes(6, request.map(each -> each.hash.bytes()).orElse(null));
                insert.setString(7, request.map(Request::model).orElse(null));
                insert.setString(8, request.map(each -> each.tier.wireName()).orElse(null));
                insert.setString(9, payment.payer().toBase58());
                if (insert.executeUpdate() == 1 && identifier.isPresent()) {
                    IdentifierStore.bind(connection, identifier.get());
                }
            }
            return new Claim.New();
        });
    }

    /// Claims, unless the payer's name for it is taken; then nothing is kept.
    private Claim unlessTaken(Database.Work<Claim> work) {
        try {
            return idempotent(work);
        } catch (IdentifierStore.TakenException e) {
            return new Claim.Taken();
        }
    }

    /// @param answered whether nobody waits to be told that the transfer succeeded
    static boolean insertClaim(Connection connection, Hash messageHash, UUID claim, boolean answered) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into payment_claim (message_hash, claim, answer) values (?, ?, ?) on conflict do nothing")) {
            insert.setBytes(1, messageHash.bytes());
            insert.setObject(2, claim);
            insert.setObject(3, answered ? claim : null);
            if (insert.executeUpdate() == 1) {
                return true;
            }
        }
        // A claim of our own is met again when the commit's answer was lost.
        try (PreparedStatement select = connection.prepareStatement("select claim from payment_claim where message_hash = ?")) {
            select.setBytes(1, messageHash.bytes());
            try (ResultSet row = select.executeQuery()) {
                return row.next() && claim.equals(row.getObject(1, UUID.class));
            }
        }
    }

    /// Takes the right to tell whoever had a transfer settled that it succeeded. It is given once, whatever is asked again and by however many.
    ///
    /// @return whether it is this caller's
    public boolean claimAnswer(Hash messageHash) {
        UUID answer = UUID.randomUUID();
        return idempotent(connection -> {
            try (PreparedStatement update = connection.prepareStatement("update payment_claim set answer = ? where message_hash = ? and (answer is null or answer = ?)")) {
                update.setObject(1, answer);
                update.setBytes(2, messageHash.bytes());
                update.setObject(3, answer);
                return update.executeUpdate() == 1;
            }
        });
    }

    /// Whether nobody has been told yet that a claimed transfer succeeded.
    public boolean isUnanswered(Hash messageHash) {
        return claimIs(messageHash, "answer is null", Duration.ZERO);
    }

    /// Whether a transfer was claimed so long ago.
    public boolean isClaimOlderThan(Hash messageHash, Duration age) {
        return claimIs(messageHash, "true", age);
    }

    private boolean claimIs(Hash messageHash, String condition, Duration age) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                "select 1 from payment_claim where message_hash = ? and created_at <= now() - ? * interval '1 millisecond' and " + condition)) {
                select.setBytes(1, messageHash.bytes());
                select.setLong(2, age.toMillis());
                try (ResultSet row = select.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    /// Forgets a claim whose transfer was never sent, so that the payer may try it again.
    public void abandon(Hash messageHash) {
        idempotent(connection -> {
            try (PreparedStatement job = connection.prepareStatement("delete from job where id = ? and state = 'PENDING'");
                 PreparedStatement claim = connection.prepareStatement("delete from payment_claim where message_hash = ?")) {
                job.setBytes(1, JobId.exact(messageHash).bytes());
                job.executeUpdate();
                claim.setBytes(1, messageHash.bytes());
                claim.executeUpdate();
            }
            return true;
        });
    }

    /// The transfer is on chain.
    public Job settled(Hash job) {
        return telling(connection -> {
            Job before = locked(connection, job);
            Job after = move(connection, before, new JobEvent.Settled(), "");
            if (before.state() == JobState.PENDING) {
                tell(connection, after, JobRecord.Outcome.RESERVED);
            }
            return after;
        });
    }

    /// The transfer can never be on chain.
    ///
    /// @param reason `code: message`
    public Job settlementFailed(Hash job, String reason) {
        return idempotent(connection -> move(connection, locked(connection, job), new JobEvent.SettlementFailed(), reason));
    }

    /// Takes a paid job to serve it.
    ///
    /// @return whether it is this caller's to serve
    public boolean start(Hash job, Request request) {
        UUID claim = UUID.randomUUID();
        return idempotent(connection -> {
            Job before = locked(connection, job);
            if (JobMachine.next(Payment.EXACT, before.state(), new JobEvent.Started()).isEmpty()) {
                return isClaim(connection, job, claim);
            }
            try (PreparedStatement update = connection.prepareStatement(
                "update job set state = 'RUNNING', runner = ?, claim = ?, request_hash = ?, model = ?, tier = ?, changed_at = now() where id = ?")) {
                update.setObject(1, instance);
                update.setObject(2, claim);
                request(update, 3, request);
                update.setBytes(6, job.bytes());
                update.executeUpdate();
            }
            served.add(job);
            return true;
        });
    }

    private static void request(PreparedStatement statement, int from, Request request) throws SQLException {
        statement.setBytes(from, request.hash.bytes());
        statement.setString(from + 1, request.model);
        statement.setString(from + 2, request.tier.wireName());
    }

    private static boolean isClaim(Connection connection, Hash job, UUID claim) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select claim from job where id = ?")) {
            select.setBytes(1, job.bytes());
            try (ResultSet row = select.executeQuery()) {
                return row.next() && claim.equals(row.getObject(1, UUID.class));
            }
        }
    }

    // --- voucher -----------------------------------------------------------------------------------------------------

    /// A reservation to make.
    ///
    /// @param payload     checked by {@link EscrowRules}
    /// @param ceiling     base units
    /// @param request     what it pays for
    /// @param payment     as the relayer will be told
    /// @param earliestEnd unix seconds; a voucher that ends before is no cover
    /// @param identifier  the name that its payer gave it
    public record Reservation(EscrowPayload payload, long ceiling, Request request, PaymentRecord.ByVoucher payment, long earliestEnd,
                              Optional<IdentifierStore.Binding> identifier) {
    }

    /// Reserves a job's ceiling and takes the job to serve it, all or nothing: `used + Σ open ceilings + ceiling ≤ voucher ≤ deposited`.
    ///
    /// @throws PaymentException with a code of {@link EscrowRules} when the voucher does not cover it
    public Claim reserve(Reservation reservation) {
        UUID claim = UUID.randomUUID();
        Hash id = reservation.payment.jobId();
        return unlessTaken(connection -> {
            if (!insertVoucherJob(connection, reservation, id, claim)) {
                return isClaim(connection, id, claim) ? new Claim.New() : new Claim.Known(find(connection, id, false));
            }
            if (reservation.identifier.isPresent()) {
                IdentifierStore.bind(connection, reservation.identifier.get());
            }
            hold(connection, reservation);
            served.add(id);
            return new Claim.New();
        });
    }

    /// A reservation whose voucher is signed once it is known what it has to be over.
    ///
    /// @param escrow      whose deposit is spent
    /// @param mint        the escrow's
    /// @param nonce       of the payment
    /// @param ceiling     base units
    /// @param request     what it pays for
    /// @param earliestEnd unix seconds; a voucher at hand that ends before is no cover
    /// @param sign        makes the payment for a voucher over so much
    public record Spending(PublicKey escrow, PublicKey mint, Hash nonce, long ceiling, Request request, long earliestEnd, LongFunction<EscrowPayload> sign) {
    }

    /// Signs a voucher for exactly what was used, what runs and this job, reserves the job's ceiling, and takes the job to serve it: all under the escrow's lock, so that
    /// requests at once, here or at another gateway of the schema, wait for each other and do not spend the same twice.
    ///
    /// @return the payment as the relayer will be told
    /// @throws PaymentException with a code of {@link EscrowRules} when the deposit does not cover it
    public PaymentRecord.ByVoucher spend(Spending spending) {
        UUID claim = UUID.randomUUID();
        Hash id = JobId.voucher(spending.escrow, spending.nonce);
        return idempotent(connection -> withLocked(connection, spending.escrow, row -> {
            // Met when the commit's answer was lost.
            if (isClaim(connection, id, claim)) {
                return (PaymentRecord.ByVoucher) locked(connection, id).payment();
            }
            long used = Math.max(row.getLong("used"), row.getLong("settled"));
            EscrowPayload payload = spending.sign.apply(Math.addExact(Math.addExact(used, row.getLong("reserved")), spending.ceiling));
            PaymentRecord.ByVoucher payment = payload.record(spending.mint);
            var reservation = new Reservation(payload, spending.ceiling, spending.request, payment, spending.earliestEnd, Optional.empty());
            Cover cover = cover(row, reservation);
            if (!insertVoucherJob(connection, reservation, id, claim)) {
                throw new IllegalStateException("32 random bytes came twice");
            }
            keep(connection, reservation, cover, row.getBoolean("journalled"));
            served.add(id);
            return payment;
        }));
    }

    private interface OfEscrow<T> {
        T run(ResultSet row) throws SQLException;
    }

    private static <T> T withLocked(Connection connection, PublicKey escrow, OfEscrow<T> work) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select * from escrow_account where address = ? and not closed for update")) {
            select.setString(1, escrow.toBase58());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new PaymentException(EscrowRules.UNKNOWN, "escrow " + escrow + " is not known");
                }
                return work.run(row);
            }
        }
    }

    private boolean insertVoucherJob(Connection connection, Reservation reservation, Hash id, UUID claim) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
            insert into job (id, kind, state, payment, escrow, ceiling, request_hash, model, tier, claim, runner)
            values (?, 'voucher', ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing""")) {
            insert.setBytes(1, id.bytes());
            insert.setString(2, JobMachine.first(Payment.VOUCHER).name());
            insert.setString(3, new String(reservation.payment.encode(), StandardCharsets.UTF_8));
            insert.setString(4, reservation.payload.voucher().escrow().toBase58());
            insert.setLong(5, reservation.ceiling);
            request(insert, 6, reservation.request);
            insert.setObject(9, claim);
            insert.setObject(10, instance);
            return insert.executeUpdate() == 1;
        }
    }

    /// Decides and reserves under the escrow's lock. A voucher at hand counts as well as the one presented, as long as it lasts: requests may overtake each other.
    private static void hold(Connection connection, Reservation reservation) throws SQLException {
        withLocked(connection, reservation.payload.voucher().escrow(), row -> {
            keep(connection, reservation, cover(row, reservation), row.getBoolean("journalled"));
            return true;
        });
    }

    /// What an escrow has to give for a reservation.
    ///
    /// @param used  used so far, at least what was settled
    /// @param newer whether the voucher presented takes the place of the one at hand
    private record Cover(long used, boolean newer) {
    }

    private static Cover cover(ResultSet row, Reservation reservation) throws SQLException {
        Voucher voucher = reservation.payload.voucher();
        long deposited = row.getLong("deposited");
        long limit = row.getLong("session_limit");
        require(!row.getBoolean("exiting"), EscrowRules.EXITING, "the escrow is exiting; open another one");
        require(voucher.cumulative() <= deposited, EscrowRules.EXCEEDS_DEPOSIT, "the voucher is over " + voucher.cumulative() + ", deposited are " + deposited);
        require(limit == 0 || voucher.cumulative() <= limit, EscrowRules.EXCEEDS_LIMIT, "the voucher is over " + voucher.cumulative() + ", the session may spend " + limit);
        long expires = row.getLong("voucher_expires");
        long held = expires == 0 || expires >= reservation.earliestEnd ? row.getLong("voucher_cumulative") : 0;
        long used = Math.max(row.getLong("used"), row.getLong("settled"));
        long reserved = row.getLong("reserved");
        long needed = Math.addExact(Math.addExact(used, reserved), reservation.ceiling);
        require(needed <= Math.max(held, voucher.cumulative()), EscrowRules.TOO_LOW, "the voucher must be over at least " + needed + " (used " + used + ", reserved "
            + reserved + ", this request " + reservation.ceiling + "), is over " + voucher.cumulative());
        return new Cover(used, voucher.cumulative() > held);
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }

    private static void keep(Connection connection, Reservation reservation, Cover cover, boolean journalled) throws SQLException {
        Voucher voucher = reservation.payload.voucher();
        if (journalled) {
            CreditJournal.reserved(connection, voucher.escrow().toBase58(), reservation.payment.jobId(), reservation.ceiling);
        }
        try (PreparedStatement update = connection.prepareStatement("update escrow_account set used = ?, reserved = reserved + ? where address = ?")) {
            update.setLong(1, cover.used);
            update.setLong(2, reservation.ceiling);
            update.setString(3, voucher.escrow().toBase58());
            update.executeUpdate();
        }
        if (!cover.newer) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(
            "update escrow_account set voucher = ?, voucher_signature = ?, voucher_cumulative = ?, voucher_expires = ? where address = ?")) {
            update.setBytes(1, voucher.encode());
            update.setBytes(2, reservation.payload.signature().bytes());
            update.setLong(3, voucher.cumulative());
            update.setLong(4, voucher.expires());
            update.setString(5, voucher.escrow().toBase58());
            update.executeUpdate();
        }
    }

    // --- running -----------------------------------------------------------------------------------------------------

    @Override
    public void assigned(Hash job, SignedAssignment assignment) {
        idempotent(connection -> {
            Job before = mine(connection, job);
            try (PreparedStatement update = connection.prepareStatement("update job set assignment = ?, assignment_signature = ?, changed_at = now() where id = ?")) {
                update.setBytes(1, assignment.assignment().encode());
                update.setBytes(2, assignment.signature().bytes());
                update.setBytes(3, before.id().bytes());
                return update.executeUpdate();
            }
        });
    }

    @Override
    public OptionalLong executed(Hash job, SignedReceipt receipt) {
        return telling(connection -> {
            Job before = locked(connection, job);
            if (before.state() != JobState.EXECUTED) {
                before = mine(connection, job);
            }
            if (JobMachine.next(before.kind(), before.state(), new JobEvent.Served()).isEmpty()) {
                throw new JobLostException(job, before.state());
            }
            if (before.state() == JobState.EXECUTED) {
                return used(connection, before);
            }
            long charge = receipt.receipt().charge();
            try (PreparedStatement update = connection.prepareStatement("""
                update job set state = 'EXECUTED', charge = ?, receipt = ?, receipt_signature = ?, changed_at = now() where id = ?""")) {
                update.setLong(1, charge);
                update.setBytes(2, receipt.receipt().encode());
                update.setBytes(3, receipt.signature().bytes());
                update.setBytes(4, job.bytes());
                update.executeUpdate();
            }
            release(connection, before, charge);
            tell(connection, locked(connection, job), JobRecord.Outcome.COMPLETED);
            return used(connection, before);
        });
    }

    @Override
    public void failed(Hash job, String code, String message) {
        telling(connection -> {
            Job before = locked(connection, job);
            if (before.runner().filter(instance::equals).isEmpty() && before.state() == JobState.RUNNING) {
                throw new JobLostException(job, before.state());
            }
            return fail(connection, before, code + ": " + message);
        });
    }

    private boolean fail(Connection connection, Job before, String reason) throws SQLException {
        if (before.state().over()) {
            return false;
        }
        Job after = move(connection, before, new JobEvent.Failed(), reason);
        release(connection, before, 0);
        tell(connection, after, JobRecord.Outcome.FAILED);
        return true;
    }

    private static void release(Connection connection, Job job, long charge) throws SQLException {
        if (!(job.payment() instanceof PaymentRecord.ByVoucher voucher)) {
            return;
        }
        String escrow = voucher.voucher().escrow().toBase58();
        boolean journalled;
        try (PreparedStatement update = connection.prepareStatement(
            "update escrow_account set used = greatest(used, settled) + ?, reserved = reserved - ? where address = ? returning journalled and not closed")) {
            update.setLong(1, charge);
            update.setLong(2, job.ceiling());
            update.setString(3, escrow);
            try (ResultSet row = update.executeQuery()) {
                journalled = row.next() && row.getBoolean(1);
            }
        }
        if (journalled) {
            CreditJournal.ended(connection, escrow, job.id(), job.ceiling(), charge);
        }
    }

    private static OptionalLong used(Connection connection, Job job) throws SQLException {
        if (job.payment() instanceof PaymentRecord.ByVoucher voucher) {
            return EscrowStore.balance(connection, voucher.voucher().escrow()).map(balance -> OptionalLong.of(balance.used())).orElse(OptionalLong.empty());
        }
        return OptionalLong.empty();
    }

    // --- keeping house -----------------------------------------------------------------------------------------------

    /// Transfers whose outcome has been open for a while.
    public List<Job> pending(Duration age) {
        return select("select * from job where state = 'PENDING' and changed_at < now() - ? * interval '1 millisecond' order by changed_at limit 100", age);
    }

    /// How old a pending job is beyond doubt: its transfer was never stored, and its blockhash is long dead.
    public boolean isOlderThan(Hash job, Duration age) {
        return idempotent(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select 1 from job where id = ? and created_at < now() - ? * interval '1 millisecond'")) {
                select.setBytes(1, job.bytes());
                select.setLong(2, age.toMillis());
                try (ResultSet row = select.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    /// Fails paid jobs that nobody came for.
    ///
    /// @return how many
    public int failUnserved(Duration age) {
        List<Job> late = select("select * from job where state = 'PAID' and changed_at < now() - ? * interval '1 millisecond' order by changed_at limit 100", age);
        late.forEach(job -> failIf(job.id(), JobState.PAID, Optional.empty(), "unserved: nobody came back for this payment in time"));
        return late.size();
    }

    /// Takes note that a job taken by {@link #start} or {@link #reserve} is served no more. If its end could not be stored, it is failed by {@link #failOrphans}.
    public void served(Hash job) {
        served.remove(job);
    }

    /// Fails jobs that nobody serves any more: their gateway is gone, or it is this one and could not store their end.
    ///
    /// @param age after how long without a change
    /// @return how many
    public int failOrphans(Duration age) {
        List<Job> orphans = select("""
            select * from job where state = 'RUNNING' and changed_at < now() - ? * interval '1 millisecond'
            and (runner = '%s' or not exists (select 1 from instance where instance.id = job.runner and lease_until > now()))
            order by changed_at limit 100""".formatted(instance), age).stream()
            .filter(job -> job.runner().filter(instance::equals).isEmpty() || !served.contains(job.id())).toList();
        orphans.forEach(job -> failIf(job.id(), JobState.RUNNING, job.runner(), "gateway_restarted: the gateway that served this job is gone"));
        return orphans.size();
    }

    private void failIf(Hash job, JobState state, Optional<UUID> runner, String reason) {
        boolean failed = telling(connection -> {
            Job before = locked(connection, job);
            return before.state() == state && before.runner().equals(runner) && fail(connection, before, reason);
        });
        if (failed) {
            LOG.warn("job {} is failed: {}", job, reason);
        }
    }

    // --- reading -----------------------------------------------------------------------------------------------------

    /// A job.
    public Optional<Job> find(Hash id) {
        return idempotent(connection -> find(connection, id, false));
    }

    /// A job that somebody paid for, or may still.
    ///
    /// @param created when its payment was first met
    public record Purchase(Job job, Instant created) {
    }

    /// What a wallet has bought by transfers of its own and by vouchers of its escrows, the newest first.
    ///
    /// @param after the last job of the page before
    public List<Purchase> purchases(PublicKey wallet, Optional<Hash> after, int limit) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                select * from job where (payer = ? or escrow in (select address from escrow_account where payer = ?))
                and (cast(? as bytea) is null or (created_at, id) < (select created_at, id from job where id = ?)) order by created_at desc, id desc limit ?""")) {
                select.setString(1, wallet.toBase58());
                select.setString(2, wallet.toBase58());
                select.setBytes(3, after.map(Hash::bytes).orElse(null));
                select.setBytes(4, after.map(Hash::bytes).orElse(null));
                select.setInt(5, limit);
                var found = new ArrayList<Purchase>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(new Purchase(job(rows), rows.getTimestamp("created_at").toInstant()));
                    }
                }
                return found;
            }
        });
    }

    /// Whether a wallet paid for a job, or owns the escrow that did.
    public boolean isBoughtBy(Job job, PublicKey wallet) {
        return switch (job.payment()) {
            case PaymentRecord.Exact exact -> exact.payer().equals(wallet);
            case PaymentRecord.ByVoucher voucher -> database.read(connection -> {
                try (PreparedStatement select = connection.prepareStatement("select 1 from escrow_account where address = ? and payer = ?")) {
                    select.setString(1, voucher.voucher().escrow().toBase58());
                    select.setString(2, wallet.toBase58());
                    try (ResultSet row = select.executeQuery()) {
                        return row.next();
                    }
                }
            });
        };
    }

    /// The receipt of a job that was served.
    public Optional<SignedReceipt> receipt(Hash id) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select receipt, receipt_signature from job where id = ? and receipt is not null")) {
                select.setBytes(1, id.bytes());
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(new SignedReceipt(Receipt.decode(row.getBytes(1)), Signature.of(row.getBytes(2)))) : Optional.empty();
                }
            }
        });
    }

    private List<Job> select(String sql, Duration age) {
        return idempotent(connection -> {
            var jobs = new ArrayList<Job>();
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setLong(1, age.toMillis());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        jobs.add(job(rows));
                    }
                }
            }
            return jobs;
        });
    }

    private static Optional<Job> find(Connection connection, Hash id, boolean lock) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select * from job where id = ?" + (lock ? " for update" : ""))) {
            select.setBytes(1, id.bytes());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(job(row)) : Optional.empty();
            }
        }
    }

    private static Job locked(Connection connection, Hash id) throws SQLException {
        return find(connection, id, true).orElseThrow(() -> new IllegalStateException("job " + id + " is not stored"));
    }

    private Job mine(Connection connection, Hash id) throws SQLException {
        Job job = locked(connection, id);
        if (job.state() != JobState.RUNNING || job.runner().filter(instance::equals).isEmpty()) {
            throw new JobLostException(id, job.state());
        }
        return job;
    }

    private static Job job(ResultSet row) throws SQLException {
        byte[] assignment = row.getBytes("assignment");
        byte[] requestHash = row.getBytes("request_hash");
        return new Job(Hash.of(row.getBytes("id")), PaymentRecord.decode(row.getString("payment").getBytes(StandardCharsets.UTF_8)), JobState.valueOf(row.getString("state")),
            row.getString("reason"), row.getLong("ceiling"), row.getLong("charge"), Optional.ofNullable(requestHash).map(Hash::of), Optional.ofNullable(row.getString("model")),
            Optional.ofNullable(row.getString("tier")).map(Tier::ofWireName),
            assignment == null ? Optional.empty() : Optional.of(new SignedAssignment(Assignment.decode(assignment), Signature.of(row.getBytes("assignment_signature")))),
            Optional.ofNullable(row.getObject("runner", UUID.class)));
    }

    // --- writing -----------------------------------------------------------------------------------------------------

    /// Moves a locked job as the machine says.
    private static Job move(Connection connection, Job before, JobEvent event, String reason) throws SQLException {
        JobState next = JobMachine.next(before.kind(), before.state(), event)
            .orElseThrow(() -> new IllegalStateException("job " + before.id() + " is " + before.state() + ", which " + event.getClass().getSimpleName() + " cannot follow"));
        if (next == before.state()) {
            return before;
        }
        String brief = reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason;
        try (PreparedStatement update = connection.prepareStatement("update job set state = ?, reason = ?, changed_at = now() where id = ?")) {
            update.setString(1, next.name());
            update.setString(2, brief);
            update.setBytes(3, before.id().bytes());
            update.executeUpdate();
        }
        return new Job(before.id(), before.payment(), next, brief, before.ceiling(), before.charge(), before.requestHash(), before.model(), before.tier(), before.assignment(),
            before.runner());
    }

    /// Puts what the relayer is to be told beside the change itself.
    private void tell(Connection connection, Job job, JobRecord.Outcome outcome) throws SQLException {
        byte[] body = new JobRecord(job.id(), job.assignment(), job.payment(), outcome, job.charge(), job.reason()).encode();
        try (PreparedStatement insert = connection.prepareStatement("insert into outbox (job, body) values (?, ?)")) {
            insert.setBytes(1, job.id().bytes());
            insert.setBytes(2, body);
            insert.executeUpdate();
        }
        LOG.debug("job {} is to be reported as {}", job.id(), outcome.name().toLowerCase(Locale.ROOT));
    }

    /// Runs work that may be done twice: after a lost answer to a commit it is done again and finds what it did.
    private <T> T idempotent(Database.Work<T> work) {
        return idempotent(database, work);
    }

    static <T> T idempotent(Database database, Database.Work<T> work) {
        try {
            return database.inTransaction(work);
        } catch (DatabaseException e) {
            if (e.kind() != DatabaseException.Kind.COMMIT_UNKNOWN) {
                throw e;
            }
            return database.inTransaction(work);
        }
    }

    /// The same, where the relayer is to be told of it.
    private <T> T telling(Database.Work<T> work) {
        T result = idempotent(work);
        wake.run();
        return result;
    }
}
