package network.nyxos.relayer.store;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.JobCase;
import network.nyxos.relayer.gate.JobStore;
import network.nyxos.relayer.gate.RecordedReceipt;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Jobs in PostgreSQL.
public final class JdbcJobs implements JobStore {
    private static final Reason AWAITS_RECORD = new Reason("awaits_record", "the node's receipt is here, the gateway's record is not");
    private static final Reason AWAITS_GATE = new Reason("awaits_gate", "both halves are here");
    private static final Reason AWAITS_RECEIPT = new Reason("awaits_receipt", "the gateway says it is done, the node's receipt is not here");
    private static final Reason AWAITS_OUTCOME = new Reason("awaits_outcome", "paid or reserved, not over yet");
    private static final String UNDECIDED = "state IN ('reserved', 'executed', 'verifying')";
    /// A job with the receipt that counts: the one for the record's assignment; while the record names none, that of the latest attempt.
    private static final String CASES = """
        SELECT j.*, r.receipt, r.signature, r.assignment, r.assignment_sig, r.recorded_slot
        FROM job j LEFT JOIN LATERAL (
            SELECT * FROM receipt WHERE receipt.job = j.job AND (j.assignment_hash IS NULL OR receipt.assignment_hash = j.assignment_hash)
            ORDER BY attempt DESC, receipt_hash LIMIT 1) r ON true
        """;

    private final Transactions transactions;

    /// @param transactions of the relayer's schema
    public JdbcJobs(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Intake record(GatewayRecord record, long nowMs) {
        return transactions.in(session -> {
            JobCase known = lockOrOpen(session, record.job(), nowMs);
            if (known.record().isPresent()) {
                switch (known.record().get().merge(record)) {
                    case GatewayRecord.Merge.Known() -> {
                        return new Intake.Stored(known.state());
                    }
                    case GatewayRecord.Merge.Conflict(Reason reason) -> {
                        return new Intake.Conflict(reason);
                    }
                    case GatewayRecord.Merge.Newer(GatewayRecord newer) when !known.state().undecided() -> {
                        // Decided without waiting for this outcome; what was decided stays.
                        return new Intake.Stored(known.state());
                    }
                    case GatewayRecord.Merge.Newer(GatewayRecord newer) -> store(session, newer, nowMs);
                }
            } else {
                store(session, record, nowMs);
            }
            return new Intake.Stored(settle(session, record.job(), nowMs));
        });
    }

    private static JobCase lockOrOpen(Transactions.Session session, Hash job, long nowMs) throws SQLException {
        session.update("""
            INSERT INTO job (job, state, reason_code, reason, first_seen_ms, changed_ms, check_ms) VALUES (?, 'reserved', ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING""", job, AWAITS_OUTCOME.code(), AWAITS_OUTCOME.message(), nowMs, nowMs, nowMs);
        session.one("SELECT job FROM job WHERE job = ? FOR UPDATE", row -> row.getBytes(1), job);
        return find(session, job).orElseThrow();
    }

    private static void store(Transactions.Session session, GatewayRecord record, long nowMs) throws SQLException {
        Optional<SignedAssignment> signed = record.assignment();
        Optional<PaymentRecord.Exact> exact = record.payment() instanceof PaymentRecord.Exact e ? Optional.of(e) : Optional.empty();
        Optional<PaymentRecord.ByVoucher> voucher = record.payment() instanceof PaymentRecord.ByVoucher v ? Optional.of(v) : Optional.empty();
        session.update("""
            UPDATE job SET gateway = ?, outcome = ?, record = ?, message_hash = ?, escrow = ?, payer = ?, assignment_hash = ?, mint = ?,
                tier = coalesce(?, tier), node = coalesce(?, node), changed_ms = ?
            WHERE job = ?""",
            record.gateway(), record.outcome().wireName(), new String(record.said().encode(), StandardCharsets.UTF_8), exact.map(PaymentRecord.Exact::messageHash),
            voucher.map(by -> by.voucher().escrow()), exact.map(PaymentRecord.Exact::payer), signed.map(s -> s.assignment().digest()),
            record.payment().mint(), signed.map(s -> s.assignment().tier().code()), signed.map(s -> s.assignment().node()), nowMs, record.job());
    }

    @Override
    public Intake receipt(SignedReceipt receipt, SignedAssignment assignment, long slot, long nowMs) {
        return transactions.in(session -> {
            Receipt paper = receipt.receipt();
            JobCase known = lockOrOpen(session, paper.jobId(), nowMs);
            int stored = session.update("""
                INSERT INTO receipt (receipt_hash, job, node, assignment_hash, attempt, receipt, signature, assignment, assignment_sig, recorded_slot, recorded_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                paper.hash(), paper.jobId(), paper.node(), paper.assignmentHash(), assignment.assignment().attempt(), paper.encode(), receipt.signature(),
                assignment.assignment().encode(), assignment.signature(), slot, nowMs);
            if (stored == 0 && session.one("SELECT 1 FROM receipt WHERE receipt_hash = ?", row -> 1, paper.hash()).isEmpty()) {
                return new Intake.Conflict(new Reason("receipt_conflict", "another receipt for this assignment was recorded before"));
            }
            if (stored == 1 && known.state().undecided()) {
                session.update("UPDATE job SET tier = coalesce(tier, ?), node = coalesce(node, ?), mint = coalesce(mint, ?) WHERE job = ?",
                    paper.tier().code(), paper.node(), paper.mint(), paper.jobId());
                return new Intake.Stored(settle(session, paper.jobId(), nowMs));
            }
            return new Intake.Stored(known.state());
        });
    }

    /// Moves a job on as far as what is here allows, and wakes the gate.
    private static JobState settle(Transactions.Session session, Hash job, long nowMs) throws SQLException {
        JobCase known = find(session, job).orElseThrow();
        Optional<JobRecord.Outcome> outcome = known.record().map(GatewayRecord::outcome);
        boolean receipt = known.receipt().isPresent();
        JobState state = known.state();
        Reason reason = known.reason();
        if (outcome.isEmpty()) {
            state = JobState.EXECUTED;
            reason = AWAITS_RECORD;
        } else if (outcome.get() == JobRecord.Outcome.COMPLETED) {
            state = receipt ? JobState.VERIFYING : JobState.EXECUTED;
            reason = receipt ? AWAITS_GATE : AWAITS_RECEIPT;
        } else if (outcome.get() == JobRecord.Outcome.RESERVED && receipt) {
            state = JobState.EXECUTED;
            reason = AWAITS_OUTCOME;
        }
        session.update("UPDATE job SET state = ?, reason_code = ?, reason = ?, changed_ms = ?, check_ms = ?, revision = revision + 1 WHERE job = ? AND "
            + UNDECIDED, state, reason.code(), reason.message(), nowMs, nowMs, job);
        return state;
    }

    @Override
    public Optional<JobCase> find(Hash job) {
        return transactions.in(session -> find(session, job));
    }

    static Optional<JobCase> find(Transactions.Session session, Hash job) throws SQLException {
        return session.one(CASES + "WHERE j.job = ?", JdbcJobs::read, job);
    }

    @Override
    public List<Hash> due(long nowMs, int limit) {
        return transactions.in(session -> session.list("SELECT job FROM job WHERE check_ms <= ? ORDER BY check_ms LIMIT ?",
            row -> Hash.of(row.getBytes(1)), nowMs, limit));
    }

    @Override
    public List<JobCase> page(Optional<JobState> state, Optional<Hash> after, int limit) {
        var conditions = new ArrayList<String>();
        var arguments = new ArrayList<Object>();
        state.ifPresent(only -> {
            conditions.add("j.state = ?");
            arguments.add(only);
        });
        after.ifPresent(id -> {
            conditions.add("j.job > ?");
            arguments.add(id);
        });
        arguments.add(limit);
        String where = conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions) + " ";
        return transactions.in(session -> session.list(CASES + where + "ORDER BY j.job LIMIT ?", JdbcJobs::read, arguments.toArray()));
    }

    /// The jobs of a batch, ascending by id.
    static List<JobCase> ofBatch(Transactions.Session session, PublicKey mint, long seq) throws SQLException {
        return session.list(CASES + "WHERE j.mint = ? AND j.batch_seq = ? ORDER BY j.job", JdbcJobs::read, mint, seq);
    }

    @Override
    public void drawn(Hash job, Sample sample) {
        transactions.in(session -> session.update("UPDATE job SET sample_rate = ?, sample_slot = ?, sample_hash = ? WHERE job = ? AND sample_slot IS NULL",
            sample.ratePpm(), sample.slot(), sample.hash(), job));
    }

    @Override
    public void replayed(Hash job, Replay replay) {
        transactions.in(session -> session.update("UPDATE job SET replay_node = ?, replay_order = ?, replay_output = ?, replay_trace = ?, replay_finish = ?, replay_sig = ? WHERE job = ? AND " + UNDECIDED,
            replay.node(), replay.order(), replay.outputHash(), replay.traceRoot(), replay.finish().code(), replay.signature(), job));
    }

    @Override
    public boolean postpone(JobCase seen, JobState state, Reason reason, long nowMs, long againMs) {
        // A reason that stays the same is no change: changed_ms says since when it has been so.
        boolean same = state == seen.state() && reason.equals(seen.reason());
        return transactions.in(session -> session.update("UPDATE job SET state = ?, reason_code = ?, reason = ?, check_ms = ?, changed_ms = CASE WHEN ? THEN changed_ms "
            + "ELSE ? END WHERE job = ? AND revision = ? AND " + UNDECIDED, state, reason.code(), reason.message(), againMs, same, nowMs, seen.id(), seen.revision()) == 1);
    }

    @Override
    public boolean pass(JobCase seen, long charge, Reason reason, long nowMs) {
        return transactions.in(session -> pass(session, seen, charge, reason, nowMs));
    }

    private static boolean pass(Transactions.Session session, JobCase seen, long charge, Reason reason, long nowMs) throws SQLException {
        return session.update("UPDATE job SET state = 'verified', charge = ?, reason_code = ?, reason = ?, changed_ms = ?, check_ms = NULL WHERE job = ? "
            + "AND revision = ? AND state = 'verifying'", charge, reason.code(), reason.message(), nowMs, seen.id(), seen.revision()) == 1;
    }

    @Override
    public Optional<Ruling> debitAndPass(JobCase seen, PaymentRecord.ByVoucher payment, EscrowFacts facts, long charge, DebitRule rule, Reason reason, long nowMs) {
        PublicKey escrow = payment.voucher().escrow();
        return transactions.in(session -> {
            session.update("INSERT INTO escrow (escrow, mint, base, used) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", escrow, payment.mint(), facts.settled(),
                facts.settled());
            session.update("INSERT INTO voucher (escrow, cumulative, expires, signature) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", escrow,
                payment.voucher().cumulative(), payment.voucher().expires(), payment.signature());
            long used = session.one("SELECT used FROM escrow WHERE escrow = ? FOR UPDATE", row -> row.getLong(1), escrow).orElseThrow();
            long bound = session.one("SELECT coalesce(max(cumulative), 0) FROM voucher WHERE escrow = ? AND (expires = 0 OR expires >= ?)",
                row -> row.getLong(1), escrow, nowMs / 1000).orElseThrow();
            long cumulative = Math.addExact(used, charge);
            Ruling ruling = rule.judge(cumulative, bound);
            if (!ruling.passed()) {
                return Optional.of(ruling);
            }
            if (!pass(session, seen, charge, reason, nowMs)) {
                return Optional.empty();
            }
            session.update("UPDATE escrow SET used = ? WHERE escrow = ?", cumulative, escrow);
            return Optional.of(ruling);
        });
    }

    @Override
    public boolean end(JobCase seen, JobState state, long refund, Reason reason, long nowMs) {
        return transactions.in(session -> end(session, seen, state, refund, reason, nowMs));
    }

    private static boolean end(Transactions.Session session, JobCase seen, JobState state, long refund, Reason reason, long nowMs) throws SQLException {
        return session.update("UPDATE job SET state = ?, refund = ?, reason_code = ?, reason = ?, changed_ms = ?, check_ms = NULL WHERE job = ? AND revision = ? AND "
            + UNDECIDED, state, refund, reason.code(), reason.message(), nowMs, seen.id(), seen.revision()) == 1;
    }

    @Override
    public boolean dispute(JobCase seen, long refund, Reason reason, Optional<Accusation> accusation, long nowMs) {
        return transactions.in(session -> {
            boolean ended = end(session, seen, JobState.DISPUTED, refund, reason, nowMs);
            if (ended && accusation.isPresent()) {
                JdbcDisputes.open(session, accusation.get(), reason, nowMs);
            }
            return ended;
        });
    }

    @Override
    public Optional<Evidence> evidence(Hash hash) {
        return transactions.in(session -> evidence(session, hash));
    }

    static Optional<Evidence> evidence(Transactions.Session session, Hash hash) throws SQLException {
        return session.one("SELECT * FROM evidence WHERE hash = ?", JdbcJobs::readEvidence, hash);
    }

    private static Evidence readEvidence(ResultSet row) throws SQLException {
        return new Evidence(Hash.of(row.getBytes("hash")), key(row, "node"), key(row, "receipt_key"), key(row, "sealing_key"), row.getString("kind"),
            row.getBytes("nonce"), row.getBytes("quote"), row.getString("collateral"), row.getLong("received_ms"), row.getLong("expires_ms"),
            row.getBoolean("development"), new Measurement(row.getBytes("measurement")), row.getString("verdict"),
            Optional.ofNullable(row.getString("devices")));
    }

    @Override
    public List<Evidence> currentEvidence(long nowMs) {
        return transactions.in(session -> session.list("SELECT DISTINCT ON (node) * FROM evidence WHERE expires_ms > ? ORDER BY node, received_ms DESC",
            JdbcJobs::readEvidence, nowMs));
    }

    @Override
    public void keep(Evidence item) {
        transactions.in(session -> session.update("""
            INSERT INTO evidence (hash, node, receipt_key, sealing_key, kind, nonce, quote, collateral, received_ms, expires_ms, development, measurement, verdict,
                devices)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""", item.hash(), item.node(), item.receiptKey(), item.sealingKey(), item.kind(),
            item.nonce(), item.quote(), item.collateral(), item.receivedMs(), item.expiresMs(), item.development(), item.measurement().bytes(), item.verdict(),
            item.devices()));
    }

    @Override
    public Map<JobState, Long> counts() {
        return transactions.in(session -> session.list("SELECT state, count(*) FROM job GROUP BY state",
            row -> Map.entry(JobState.ofWireName(row.getString(1)), row.getLong(2)))).stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static JobCase read(ResultSet row) throws SQLException {
        Hash job = Hash.of(row.getBytes("job"));
        Optional<RecordedReceipt> receipt = Optional.empty();
        if (row.getBytes("receipt") != null) {
            receipt = Optional.of(new RecordedReceipt(new SignedReceipt(Receipt.decode(row.getBytes("receipt")), Signature.of(row.getBytes("signature"))),
                new SignedAssignment(Assignment.decode(row.getBytes("assignment")), Signature.of(row.getBytes("assignment_sig"))), row.getLong("recorded_slot")));
        }
        Optional<Sample> sample = Optional.empty();
        if (row.getBytes("sample_hash") != null && receipt.isPresent()) {
            sample = Optional.of(new Sample(row.getInt("sample_rate"), receipt.get().slot(), row.getLong("sample_slot"), Hash.of(row.getBytes("sample_hash"))));
        }
        Optional<Replay> replay = row.getBytes("replay_trace") == null ? Optional.empty()
            : Optional.of(new Replay(key(row, "replay_node"), Hash.of(row.getBytes("replay_order")), Hash.of(row.getBytes("replay_output")), Hash.of(row.getBytes("replay_trace")),
                Finish.ofCode(row.getInt("replay_finish")), Signature.of(row.getBytes("replay_sig"))));
        long batch = row.getLong("batch_seq");
        return new JobCase(job, record(row), receipt, JobState.ofWireName(row.getString("state")),
            new Reason(row.getString("reason_code"), row.getString("reason")), row.getLong("revision"), row.getLong("first_seen_ms"), sample, replay, row.getLong("charge"),
            row.getLong("refund"), batch == 0 ? OptionalLong.empty() : OptionalLong.of(batch));
    }

    private static Optional<GatewayRecord> record(ResultSet row) throws SQLException {
        if (row.getBytes("gateway") == null) {
            return Optional.empty();
        }
        return Optional.of(new GatewayRecord(key(row, "gateway"), JobRecord.decode(row.getString("record").getBytes(StandardCharsets.UTF_8))));
    }

    static PublicKey key(ResultSet row, String column) throws SQLException {
        return PublicKey.createPubKey(row.getBytes(column));
    }
}
