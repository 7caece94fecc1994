package network.nyxos.relayer.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.payout.PayoutStore;
import software.sava.core.accounts.PublicKey;

/// Payouts in PostgreSQL.
public final class JdbcPayouts implements PayoutStore {
    private final Transactions transactions;

    /// @param transactions of the relayer's schema
    public JdbcPayouts(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public List<Credit> unclaimed(PublicKey mint) {
        return transactions.in(session -> session.list("SELECT payee, kind, cumulative FROM payee WHERE mint = ? AND claimed < cumulative ORDER BY payee, kind",
            row -> new Credit(JdbcJobs.key(row, "payee"), CreditKind.ofCode(row.getInt("kind")), row.getLong("cumulative")), mint));
    }

    @Override
    public List<BatchStore.Left> claimed(PublicKey mint, Credit credit, long claimed, long nowMs) {
        if (credit.kind() != CreditKind.NODE && credit.kind() != CreditKind.REFUND) {
            transactions.in(session -> note(session, mint, credit, claimed));
            return List.of();
        }
        boolean node = credit.kind() == CreditKind.NODE;
        JobState from = node ? JobState.FINAL : JobState.REFUNDING;
        JobState to = node ? JobState.CLAIMED : JobState.REFUNDED;
        var reason = node ? new Reason("claimed", "the node has its earnings") : new Reason("refunded", "the payer has its money back");
        return transactions.in(session -> {
            if (note(session, mint, credit, claimed) == 0) {
                return List.of();
            }
            // A payee's claims cover its lines in the order in which they were credited.
            List<Hash> covered = session.list("""
                SELECT job FROM (SELECT job, sum(amount) OVER (ORDER BY seq, job) AS upto FROM credit_line WHERE mint = ? AND payee = ? AND kind = ?) l
                WHERE upto <= ? AND EXISTS (SELECT 1 FROM job j WHERE j.job = l.job AND j.state = ?)""", row -> Hash.of(row.getBytes(1)),
                mint, credit.payee(), credit.kind().code(), claimed, from);
            var over = new ArrayList<BatchStore.Left>();
            for (Hash job : covered) {
                session.list("UPDATE job SET state = ?, reason_code = ?, reason = ?, changed_ms = ? WHERE job = ? AND state = ? RETURNING node",
                    row -> Optional.ofNullable(row.getBytes("node")).map(PublicKey::createPubKey), to, reason.code(), reason.message(), nowMs, job, from)
                    .forEach(served -> over.add(new BatchStore.Left(job, served, to, reason)));
            }
            return List.copyOf(over);
        });
    }

    private static int note(Transactions.Session session, PublicKey mint, Credit credit, long claimed) throws java.sql.SQLException {
        return session.update("UPDATE payee SET claimed = ? WHERE mint = ? AND payee = ? AND kind = ? AND claimed < ?", claimed, mint, credit.payee(),
            credit.kind().code(), claimed);
    }
}
