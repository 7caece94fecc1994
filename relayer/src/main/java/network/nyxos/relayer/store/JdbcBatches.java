package network.nyxos.relayer.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchRow;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditLine;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.JobCase;
import network.nyxos.relayer.gate.RecordedReceipt;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.SignaturesJson;
import software.sava.core.accounts.PublicKey;

/// Batches in PostgreSQL.
public final class JdbcBatches implements BatchStore {
    /// What goes into the next batch: verified jobs, and payments that go back (a disputed job's, too).
    private static final String WAITS = "mint = ? AND batch_seq IS NULL AND (state = 'verified' OR refund > 0)";

    private final Transactions transactions;

    /// @param transactions of the relayer's schema
    public JdbcBatches(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public List<PublicKey> overpaid(PublicKey mint) {
        return transactions.in(session -> session.list("""
            SELECT escrow FROM escrow e WHERE mint = ? AND settled > used AND NOT EXISTS (SELECT 1 FROM unearned u WHERE u.escrow = e.escrow)
            AND NOT EXISTS (SELECT 1 FROM job j WHERE j.escrow = e.escrow AND j.state IN ('reserved', 'executed', 'verifying', 'verified', 'batched'))""",
            row -> JdbcJobs.key(row, "escrow"), mint));
    }

    @Override
    public void unearned(PublicKey mint, PublicKey escrow, PublicKey payer, long settled, long nowMs) {
        transactions.in(session -> {
            // Locked, so that the gate charges nothing to it in between; what goes back counts as used, so that nothing is charged to it later.
            long used = session.one("SELECT used FROM escrow WHERE escrow = ? FOR UPDATE", row -> row.getLong(1), escrow).orElseThrow();
            if (settled <= used) {
                return session.update("UPDATE escrow SET settled = ? WHERE escrow = ?", settled, escrow);
            }
            int first = session.update("INSERT INTO unearned (escrow, mint, payer, amount, changed_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", escrow, mint,
                payer, settled - used, nowMs);
            return first == 0 ? first : session.update("UPDATE escrow SET used = ?, settled = ? WHERE escrow = ?", settled, settled, escrow);
        });
    }

    @Override
    public Waiting waiting(PublicKey mint, int limit) {
        return transactions.in(session -> session.one("SELECT count(*), coalesce(min(changed_ms), 0) FROM (SELECT changed_ms FROM job WHERE " + WAITS
            + " UNION ALL SELECT changed_ms FROM unearned WHERE mint = ? AND batch_seq IS NULL ORDER BY changed_ms LIMIT ?) w",
            row -> new Waiting(row.getInt(1), row.getLong(2)), mint, mint, limit).orElseThrow());
    }

    @Override
    public Optional<BatchRow> underWay(PublicKey mint) {
        return transactions.in(session -> session.one("SELECT * FROM batch WHERE mint = ? AND state NOT IN ('final', 'void')", JdbcBatches::read, mint));
    }

    @Override
    public Optional<BatchRow> find(PublicKey mint, long seq) {
        return transactions.in(session -> find(session, mint, seq));
    }

    private static Optional<BatchRow> find(Transactions.Session session, PublicKey mint, long seq) throws SQLException {
        return session.one("SELECT * FROM batch WHERE mint = ? AND seq = ?", JdbcBatches::read, mint, seq);
    }

    private static BatchRow read(ResultSet row) throws SQLException {
        return new BatchRow(JdbcJobs.key(row, "mint"), row.getLong("seq"), row.getLong("base_seq"), BatchState.ofWireName(row.getString("state")),
            new Reason(row.getString("reason_code"), row.getString("reason")), row.getLong("changed_ms"), Optional.ofNullable(row.getString("document")),
            Optional.ofNullable(row.getString("signatures")).map(SignaturesJson::read).orElse(List.of()), Optional.ofNullable(row.getString("transaction")));
    }

    @Override
    public long finalSeq(PublicKey mint) {
        return transactions.in(session -> session.one("SELECT coalesce(max(seq), 0) FROM batch WHERE mint = ? AND state = 'final'", row -> row.getLong(1), mint)
            .orElseThrow());
    }

    @Override
    public Latest latest(PublicKey mint) {
        // One statement, so that sequence and credits are of one moment.
        List<Map.Entry<Long, Credit>> rows = transactions.in(session -> session.list("""
            SELECT payee, kind, cumulative, (SELECT max(seq) FROM batch WHERE mint = payee.mint AND state = 'final') AS seq FROM payee WHERE mint = ?""",
            row -> Map.entry(row.getLong("seq"), new Credit(JdbcJobs.key(row, "payee"), CreditKind.ofCode(row.getInt("kind")), row.getLong("cumulative"))), mint));
        return new Latest(rows.isEmpty() ? 0 : rows.getFirst().getKey(), CreditLedger.of(rows.stream().map(Map.Entry::getValue).toList()));
    }

    @Override
    public BatchRow open(PublicKey mint, long seq, long base, int limit, long nowMs) {
        return transactions.in(session -> {
            session.update("INSERT INTO batch (mint, seq, base_seq, state, reason_code, reason, created_ms, changed_ms) VALUES (?, ?, ?, 'settling', 'none', '', ?, ?)",
                mint, seq, base, nowMs, nowMs);
            session.update("UPDATE job SET batch_seq = ? WHERE job IN (SELECT job FROM job WHERE " + WAITS + " ORDER BY changed_ms, job LIMIT ? FOR UPDATE)",
                seq, mint, limit);
            session.update("UPDATE unearned SET batch_seq = ? WHERE mint = ? AND batch_seq IS NULL", seq, mint);
            // An escrow must be settled to all that it was ever charged for in batches, this one included; never to jobs that are not in one yet.
            session.update("""
                INSERT INTO settlement (mint, seq, escrow, cumulative)
                SELECT ?, ?, e.escrow, e.base + sum(j.charge) FROM escrow e JOIN job j ON j.escrow = e.escrow
                WHERE j.batch_seq IS NOT NULL AND j.charge > 0 AND e.escrow IN (SELECT escrow FROM job WHERE mint = ? AND batch_seq = ? AND charge > 0)
                GROUP BY e.escrow, e.base""", mint, seq, mint, seq);
            return find(session, mint, seq).orElseThrow();
        });
    }

    @Override
    public List<Settlement> unsettled(PublicKey mint, long seq) {
        return transactions.in(session -> session.list("SELECT escrow, cumulative FROM settlement WHERE mint = ? AND seq = ? AND NOT done ORDER BY escrow",
            row -> new Settlement(JdbcJobs.key(row, "escrow"), row.getLong("cumulative")), mint, seq));
    }

    @Override
    public List<PublicKey> escrows(PublicKey mint, long seq) {
        return transactions.in(session -> session.list("SELECT escrow FROM settlement WHERE mint = ? AND seq = ? ORDER BY escrow",
            row -> JdbcJobs.key(row, "escrow"), mint, seq));
    }

    @Override
    public Optional<HeldVoucher> voucher(PublicKey escrow, long now) {
        return transactions.in(session -> session.one("SELECT cumulative, expires, signature FROM voucher WHERE escrow = ? AND (expires = 0 OR expires >= ?) "
            + "ORDER BY cumulative DESC, expires = 0 DESC, expires DESC LIMIT 1",
            row -> new HeldVoucher(new Voucher(escrow, row.getLong("cumulative"), row.getLong("expires")), Signature.of(row.getBytes("signature"))), escrow, now));
    }

    @Override
    public void settled(PublicKey mint, long seq, PublicKey escrow) {
        transactions.in(session -> {
            session.update("UPDATE escrow SET settled = greatest(settled, (SELECT cumulative FROM settlement WHERE mint = ? AND seq = ? AND escrow = ?)) WHERE escrow = ?",
                mint, seq, escrow, escrow);
            return session.update("UPDATE settlement SET done = true WHERE mint = ? AND seq = ? AND escrow = ?", mint, seq, escrow);
        });
    }

    /// A job of a batch with what it costs.
    private record Charged(Hash job, long charge) {
    }

    private static List<Charged> charged(Transactions.Session session, PublicKey mint, long seq, PublicKey escrow) throws SQLException {
        return session.list("SELECT job, charge FROM job WHERE mint = ? AND batch_seq = ? AND escrow = ? ORDER BY first_seen_ms, job FOR UPDATE",
            row -> new Charged(Hash.of(row.getBytes("job")), row.getLong("charge")), mint, seq, escrow);
    }

    @Override
    public List<Left> unsettleable(PublicKey mint, long seq, PublicKey escrow, long settled, Reason reason, long nowMs) {
        return transactions.in(session -> {
            long elsewhere = session.one("""
                SELECT e.base + coalesce((SELECT sum(charge) FROM job j WHERE j.escrow = e.escrow AND j.batch_seq IS NOT NULL AND j.batch_seq <> ?), 0)
                FROM escrow e WHERE e.escrow = ?""", row -> row.getLong(1), seq, escrow).orElseThrow();
            session.update("UPDATE escrow SET settled = greatest(settled, ?) WHERE escrow = ?", settled, escrow);
            long paid = elsewhere;
            var left = new ArrayList<Left>();
            for (Charged job : charged(session, mint, seq, escrow)) {
                if (Math.addExact(paid, job.charge()) <= settled) {
                    paid = Math.addExact(paid, job.charge());
                } else {
                    release(session, job.job(), reason, nowMs);
                    left.add(left(session, job.job()));
                }
            }
            if (paid > elsewhere) {
                session.update("UPDATE settlement SET cumulative = ?, done = true WHERE mint = ? AND seq = ? AND escrow = ?", paid, mint, seq, escrow);
            } else {
                session.update("DELETE FROM settlement WHERE mint = ? AND seq = ? AND escrow = ?", mint, seq, escrow);
            }
            return List.copyOf(left);
        });
    }

    @Override
    public List<Left> settledDirectly(PublicKey mint, long seq, PublicKey escrow, long settled, Set<Hash> jobs, long nowMs) {
        return transactions.in(session -> {
            var left = new ArrayList<Left>();
            for (Charged job : charged(session, mint, seq, escrow)) {
                if (jobs.contains(job.job())) {
                    release(session, job.job(), new Reason("settled_directly", "its node has settled it by itself; the record on chain pays it"), nowMs);
                    left.add(left(session, job.job()));
                }
            }
            if (left.isEmpty()) {
                return List.of();
            }
            session.update("UPDATE escrow SET settled = greatest(settled, ?) WHERE escrow = ?", settled, escrow);
            session.update("DELETE FROM settlement WHERE mint = ? AND seq = ? AND escrow = ? AND NOT EXISTS (SELECT 1 FROM job WHERE job.escrow = settlement.escrow "
                + "AND batch_seq = settlement.seq AND charge > 0)", mint, seq, escrow);
            session.update("UPDATE settlement SET cumulative = (SELECT e.base + sum(j.charge) FROM escrow e JOIN job j ON j.escrow = e.escrow WHERE e.escrow = settlement.escrow "
                + "AND j.batch_seq IS NOT NULL GROUP BY e.base) WHERE mint = ? AND seq = ? AND escrow = ? AND NOT done", mint, seq, escrow);
            session.update("UPDATE batch SET state = 'settling', document = NULL, signatures = NULL, changed_ms = ? WHERE mint = ? AND seq = ? "
                + "AND state IN ('proposed', 'signed')", nowMs, mint, seq);
            return List.copyOf(left);
        });
    }

    @Override
    public List<Left> setAside(PublicKey mint, long seq, PublicKey escrow, Reason reason, long nowMs) {
        return transactions.in(session -> {
            var left = new ArrayList<Left>();
            for (Charged job : charged(session, mint, seq, escrow)) {
                setAside(session, job.job(), reason, nowMs);
                left.add(left(session, job.job()));
            }
            session.update("DELETE FROM settlement WHERE mint = ? AND seq = ? AND escrow = ?", mint, seq, escrow);
            return List.copyOf(left);
        });
    }

    @Override
    public Optional<Left> setAside(PublicKey mint, long seq, Hash job, Reason reason, long nowMs) {
        return transactions.in(session -> {
            reopen(session, mint, seq, nowMs);
            if (laterUnearned(session, mint, seq, job, nowMs)) {
                return Optional.empty();
            }
            lockInBatch(session, mint, seq, job);
            setAside(session, job, reason, nowMs);
            return Optional.of(left(session, job));
        });
    }

    /// Leaves what was not earned for a later batch.
    ///
    /// @return whether it is such, not a job
    private static boolean laterUnearned(Transactions.Session session, PublicKey mint, long seq, Hash id, long nowMs) throws SQLException {
        return session.update("UPDATE unearned SET batch_seq = NULL, changed_ms = ? WHERE escrow = ? AND mint = ? AND batch_seq = ?", nowMs, id, mint, seq) == 1;
    }

    /// To the end of the queue, so that it does not keep the others waiting once more.
    private static void setAside(Transactions.Session session, Hash job, Reason reason, long nowMs) throws SQLException {
        session.update("UPDATE job SET batch_seq = NULL, reason_code = ?, reason = ?, changed_ms = ? WHERE job = ?", reason.code(), reason.message(), nowMs, job);
    }

    private static void lockInBatch(Transactions.Session session, PublicKey mint, long seq, Hash job) throws SQLException {
        if (session.one("SELECT 1 FROM job WHERE job = ? AND mint = ? AND batch_seq = ? FOR UPDATE", row -> 1, job, mint, seq).isEmpty()) {
            throw new IllegalStateException("job " + job + " is not in batch " + seq);
        }
    }

    private static void reopen(Transactions.Session session, PublicKey mint, long seq, long nowMs) throws SQLException {
        session.update("UPDATE batch SET state = 'settling', document = NULL, changed_ms = ? WHERE mint = ? AND seq = ? AND state = 'proposed'", nowMs, mint, seq);
    }

    private static void release(Transactions.Session session, Hash job, Reason reason, long nowMs) throws SQLException {
        session.update("UPDATE escrow SET used = used - (SELECT charge FROM job WHERE job = ?) WHERE escrow = (SELECT escrow FROM job WHERE job = ?)", job, job);
        session.update("UPDATE job SET state = 'released', charge = 0, batch_seq = NULL, reason_code = ?, reason = ?, changed_ms = ? WHERE job = ?",
            reason.code(), reason.message(), nowMs, job);
    }

    private static Left left(Transactions.Session session, Hash job) throws SQLException {
        return session.one("SELECT node, state, reason_code, reason FROM job WHERE job = ?", row -> new Left(job,
            Optional.ofNullable(row.getBytes("node")).map(PublicKey::createPubKey), JobState.ofWireName(row.getString("state")),
            new Reason(row.getString("reason_code"), row.getString("reason"))), job).orElseThrow();
    }

    @Override
    public Content content(PublicKey mint, long seq) {
        return transactions.in(session -> {
            var served = new ArrayList<BatchDocument.Served>();
            var failed = new ArrayList<BatchDocument.Failed>();
            Map<Hash, Evidence> evidence = new LinkedHashMap<>();
            for (JobCase job : JdbcJobs.ofBatch(session, mint, seq)) {
                PaymentRecord payment = job.record().map(GatewayRecord::payment).orElseThrow();
                if (job.refund() > 0) {
                    failed.add(new BatchDocument.Failed(job.id(), job.reason().code(), (PaymentRecord.Exact) payment));
                    continue;
                }
                RecordedReceipt recorded = job.receipt().orElseThrow();
                served.add(new BatchDocument.Served(recorded.receipt(), recorded.assignment(), payment, job.sample(), job.replay()));
                Hash quote = recorded.receipt().receipt().quoteHash();
                if (!quote.isZero() && !evidence.containsKey(quote)) {
                    JdbcJobs.evidence(session, quote).ifPresent(item -> evidence.put(quote, item));
                }
            }
            List<BatchDocument.Unearned> unearned = session.list("SELECT escrow, payer, amount FROM unearned WHERE mint = ? AND batch_seq = ? ORDER BY escrow",
                row -> new BatchDocument.Unearned(JdbcJobs.key(row, "escrow"), JdbcJobs.key(row, "payer"), row.getLong("amount")), mint, seq);
            return new Content(served, failed, unearned, List.copyOf(evidence.values()));
        });
    }

    @Override
    public void propose(PublicKey mint, long seq, BatchDocument document, long nowMs) {
        transactions.in(session -> session.update("UPDATE batch SET state = 'proposed', document = ?, reason_code = 'none', reason = '', changed_ms = ? "
            + "WHERE mint = ? AND seq = ? AND state = 'settling'", BatchJson.write(document).toString(), nowMs, mint, seq));
    }

    @Override
    public void reopen(PublicKey mint, long seq) {
        transactions.in(session -> session.update("UPDATE batch SET state = 'settling', document = NULL WHERE mint = ? AND seq = ? AND state = 'proposed'", mint, seq));
    }

    @Override
    public void abandon(PublicKey mint, long seq) {
        transactions.in(session -> {
            session.update("DELETE FROM settlement WHERE mint = ? AND seq = ?", mint, seq);
            return session.update("DELETE FROM batch WHERE mint = ? AND seq = ? AND state = 'settling'", mint, seq);
        });
    }

    @Override
    public Optional<Left> refused(PublicKey mint, long seq, Hash job, Reason reason, long nowMs) {
        return transactions.in(session -> {
            if (laterUnearned(session, mint, seq, job, nowMs)) {
                reopen(session, mint, seq, nowMs);
                return Optional.empty();
            }
            lockInBatch(session, mint, seq, job);
            JobCase refused = JdbcJobs.find(session, job).orElseThrow();
            switch (refused.record().map(GatewayRecord::payment).orElseThrow()) {
                case PaymentRecord.ByVoucher ignored -> release(session, job, reason, nowMs);
                case PaymentRecord.Exact exact -> {
                    boolean served = refused.state() == JobState.VERIFIED;
                    session.update("UPDATE job SET state = ?, charge = 0, refund = ?, batch_seq = NULL, reason_code = ?, reason = ?, changed_ms = ? WHERE job = ?",
                        served ? JobState.REFUNDING : refused.state(), served ? exact.amount() : 0L, reason.code(), reason.message(), nowMs, job);
                }
            }
            reopen(session, mint, seq, nowMs);
            return Optional.of(left(session, job));
        });
    }

    @Override
    public void signed(PublicKey mint, long seq, List<VerifierSignature> signatures, long nowMs) {
        transactions.in(session -> session.update("UPDATE batch SET state = 'signed', signatures = ?, reason_code = 'none', reason = '', changed_ms = ? "
            + "WHERE mint = ? AND seq = ? AND state = 'proposed'", SignaturesJson.write(signatures), nowMs, mint, seq));
    }

    @Override
    public void unsign(PublicKey mint, long seq) {
        transactions.in(session -> session.update("UPDATE batch SET state = 'proposed', signatures = NULL WHERE mint = ? AND seq = ? AND state = 'signed'", mint, seq));
    }

    @Override
    public void transaction(PublicKey mint, long seq, String signature) {
        transactions.in(session -> session.update("UPDATE batch SET transaction = ? WHERE mint = ? AND seq = ?", signature, mint, seq));
    }

    @Override
    public List<Left> posted(PublicKey mint, long seq, long finalSlot, long nowMs) {
        return transactions.in(session -> {
            boolean first = session.update("UPDATE batch SET state = 'posted', final_slot = ?, reason_code = 'none', reason = '', changed_ms = ? "
                + "WHERE mint = ? AND seq = ? AND state = 'signed'", finalSlot, nowMs, mint, seq) == 1;
            return first ? move(session, mint, seq, JobState.VERIFIED, JobState.BATCHED, new Reason("batched", "in batch " + seq + ", final from slot " + finalSlot),
                nowMs) : List.of();
        });
    }

    private static List<Left> move(Transactions.Session session, PublicKey mint, long seq, JobState from, JobState to, Reason reason, long nowMs) throws SQLException {
        return session.list("UPDATE job SET state = ?, reason_code = ?, reason = ?, changed_ms = ? WHERE mint = ? AND batch_seq = ? AND state = ? RETURNING job, node",
            row -> new Left(Hash.of(row.getBytes("job")), Optional.ofNullable(row.getBytes("node")).map(PublicKey::createPubKey), to, reason),
            to, reason.code(), reason.message(), nowMs, mint, seq, from);
    }

    @Override
    public List<Left> finished(PublicKey mint, long seq, List<CreditLine> lines, CreditLedger credits, long nowMs) {
        return transactions.in(session -> {
            boolean first = session.update("UPDATE batch SET state = 'final', reason_code = 'none', reason = '', changed_ms = ? "
                + "WHERE mint = ? AND seq = ? AND state = 'posted'", nowMs, mint, seq) == 1;
            if (!first) {
                return List.of();
            }
            for (CreditLine line : lines) {
                session.update("INSERT INTO credit_line (mint, seq, job, payee, kind, amount) VALUES (?, ?, ?, ?, ?, ?)", mint, seq, line.job(), line.payee(),
                    line.kind().code(), line.amount());
                session.update("INSERT INTO payee (mint, payee, kind, cumulative) VALUES (?, ?, ?, ?) ON CONFLICT (mint, payee, kind) "
                    + "DO UPDATE SET cumulative = payee.cumulative + excluded.cumulative", mint, line.payee(), line.kind().code(), line.amount());
            }
            // Written from the lines, checked against the document: both must say the same before anything counts.
            long sum = session.one("SELECT coalesce(sum(cumulative), 0) FROM payee WHERE mint = ?", row -> row.getLong(1), mint).orElseThrow();
            if (sum != credits.sum()) {
                throw new IllegalStateException("the lines of mint " + mint + " add up to " + sum + ", batch " + seq + " says " + credits.sum());
            }
            return move(session, mint, seq, JobState.BATCHED, JobState.FINAL, new Reason("final", "batch " + seq + " is final, the node can claim"), nowMs);
        });
    }

    @Override
    public List<Left> voided(PublicKey mint, long seq, long nowMs) {
        return transactions.in(session -> {
            boolean first = session.update("UPDATE batch SET state = 'void', reason_code = 'void', reason = 'voided in its window', changed_ms = ? "
                + "WHERE mint = ? AND seq = ? AND state = 'posted'", nowMs, mint, seq) == 1;
            if (!first) {
                return List.of();
            }
            List<Left> left = move(session, mint, seq, JobState.BATCHED, JobState.VERIFIED, new Reason("voided", "batch " + seq + " was voided, awaits the next"), nowMs);
            session.update("UPDATE job SET batch_seq = NULL WHERE mint = ? AND batch_seq = ?", mint, seq);
            session.update("UPDATE unearned SET batch_seq = NULL, changed_ms = ? WHERE mint = ? AND batch_seq = ?", nowMs, mint, seq);
            return left;
        });
    }

    @Override
    public void waits(PublicKey mint, long seq, Reason reason) {
        transactions.in(session -> session.update("UPDATE batch SET reason_code = ?, reason = ? WHERE mint = ? AND seq = ?", reason.code(), reason.message(), mint, seq));
    }
}
