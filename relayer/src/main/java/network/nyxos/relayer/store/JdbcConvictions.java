package network.nyxos.relayer.store;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.verifier.Convictions;

/// A verifier's convictions in PostgreSQL.
public final class JdbcConvictions implements Convictions {
    private final Transactions transactions;

    /// @param transactions of the verifier's schema
    public JdbcConvictions(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public void keep(Conviction conviction, long nowMs) {
        transactions.in(session -> session.update("INSERT INTO conviction (evidence, accused, papers, signed_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            conviction.papers().hash(), conviction.accused(), conviction.papers().encode(), nowMs));
    }

    @Override
    public List<Conviction> on(Hash evidence) {
        return transactions.in(session -> session.list("SELECT papers, accused FROM conviction WHERE evidence = ? ORDER BY accused",
            row -> new Conviction(Accusation.decode(row.getBytes("papers")), JdbcJobs.key(row, "accused")), evidence));
    }
}
