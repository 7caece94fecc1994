package network.nyxos.relayer.store;

import java.util.List;
import java.util.Map;
import network.nyxos.escrow.standing.BatchWork;
import network.nyxos.escrow.standing.Standing;
import network.nyxos.relayer.gate.FinalWork;
import software.sava.core.accounts.PublicKey;

/// What final batches say that nodes did, in PostgreSQL: of a relayer's schema or a verifier's, which have these tables alike.
public final class JdbcFinalWork implements FinalWork {
    private final Transactions transactions;

    /// @param transactions of the schema
    public JdbcFinalWork(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public long known(PublicKey mint) {
        return transactions.in(session -> session.one("SELECT coalesce(max(seq), 0) FROM final_batch WHERE mint = ?", row -> row.getLong(1), mint).orElseThrow());
    }

    @Override
    public void keep(PublicKey mint, long seq, long postedSlot, long finalSlot, Map<PublicKey, Long> verified) {
        transactions.in(session -> {
            int first = session.update("INSERT INTO final_batch (mint, seq, posted_slot, final_slot) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", mint, seq, postedSlot, finalSlot);
            if (first == 1) {
                for (Map.Entry<PublicKey, Long> entry : verified.entrySet()) {
                    session.update("INSERT INTO final_work (mint, seq, node, verified) VALUES (?, ?, ?, ?)", mint, seq, entry.getKey(), entry.getValue());
                }
            }
            return first;
        });
    }

    @Override
    public List<BatchWork> of(PublicKey mint, PublicKey node, long since, long slot) {
        return transactions.in(session -> session.list("""
            SELECT max(b.posted_slot) AS posted_slot, max(b.final_slot) AS final_slot, sum(w.verified) AS verified
            FROM final_work w JOIN final_batch b USING (mint, seq)
            WHERE w.mint = ? AND w.node = ? AND b.posted_slot > ? AND b.final_slot <= ? GROUP BY (? - b.final_slot) / ?""",
            row -> new BatchWork(row.getLong("posted_slot"), row.getLong("final_slot"), row.getLong("verified")), mint, node, since, slot, slot, Standing.DAY_SLOTS));
    }
}
