package network.nyxos.relayer.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.verifier.SignedBatches;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/// What a verifier signed, in PostgreSQL.
public final class JdbcSignedBatches implements SignedBatches {
    private static final String KEY = "pool = ? AND seq = ? AND credit_root = ? AND receipts_root = ?";
    private final Transactions transactions;

    /// @param transactions of the verifier's schema
    public JdbcSignedBatches(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Optional<Known> find(BatchDocument.Header header) {
        return transactions.in(session -> session.one("SELECT counts FROM signed_batch WHERE " + KEY, row -> new Known(header, counts(row)), header.pool(),
            header.seq(), header.credits().hash(), header.receiptsRoot()));
    }

    private static Optional<Boolean> counts(ResultSet row) throws SQLException {
        boolean counts = row.getBoolean("counts");
        return row.wasNull() ? Optional.empty() : Optional.of(counts);
    }

    @Override
    public Optional<BatchDocument> document(Known known) {
        BatchDocument.Header header = known.header();
        return transactions.in(session -> session.one("SELECT document FROM signed_batch WHERE " + KEY, row -> row.getString(1), header.pool(), header.seq(),
            header.credits().hash(), header.receiptsRoot())).map(json -> BatchJson.read(Fields.parse(json)));
    }

    @Override
    public List<Known> holding(PublicKey pool, Hash job) {
        return transactions.in(session -> session.list("SELECT b.document, b.counts FROM signed_job j JOIN signed_batch b USING (pool, seq, credit_root, receipts_root) "
            + "WHERE j.job = ? AND j.pool = ?", row -> new Known(BatchJson.read(Fields.parse(row.getString("document"))).header(), counts(row)), job, pool));
    }

    @Override
    public long charged(PublicKey escrow) {
        return transactions.in(session -> session.one("SELECT coalesce(sum(j.charge), 0) FROM signed_job j JOIN signed_batch b USING (pool, seq, credit_root, receipts_root) "
            + "WHERE j.escrow = ? AND b.counts", row -> row.getLong(1), escrow).orElseThrow());
    }

    @Override
    public void keep(BatchDocument document, long nowMs) {
        BatchDocument.Header header = document.header();
        String json = BatchJson.write(document).toString();
        transactions.in(session -> {
            int first = session.update("INSERT INTO signed_batch (pool, seq, credit_root, receipts_root, document, signed_ms) VALUES (?, ?, ?, ?, ?, ?) "
                + "ON CONFLICT DO NOTHING", header.pool(), header.seq(), header.credits().hash(), header.receiptsRoot(), json, nowMs);
            if (first == 0) {
                return first;
            }
            for (BatchDocument.Served job : document.served()) {
                Optional<PublicKey> escrow = job.payment() instanceof PaymentRecord.ByVoucher by ? Optional.of(by.voucher().escrow()) : Optional.empty();
                keep(session, header, job.job(), escrow, job.receipt().receipt().charge());
            }
            for (BatchDocument.Failed job : document.failed()) {
                keep(session, header, job.job(), Optional.empty(), 0);
            }
            for (BatchDocument.Unearned left : document.unearned()) {
                keep(session, header, left.id(), Optional.of(left.escrow()), left.amount());
            }
            return first;
        });
    }

    private static void keep(Transactions.Session session, BatchDocument.Header header, Hash job, Optional<PublicKey> escrow, long charge) throws SQLException {
        session.update("INSERT INTO signed_job (job, pool, seq, credit_root, receipts_root, escrow, charge) VALUES (?, ?, ?, ?, ?, ?, ?)", job, header.pool(),
            header.seq(), header.credits().hash(), header.receiptsRoot(), escrow, charge);
    }

    @Override
    public void decide(Known known, boolean counts) {
        BatchDocument.Header header = known.header();
        transactions.in(session -> session.update("UPDATE signed_batch SET counts = ? WHERE " + KEY + " AND counts IS NULL", counts, header.pool(), header.seq(),
            header.credits().hash(), header.receiptsRoot()));
    }
}
