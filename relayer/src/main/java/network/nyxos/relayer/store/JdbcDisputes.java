package network.nyxos.relayer.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.dispute.Dispute;
import network.nyxos.relayer.dispute.DisputeStore;
import network.nyxos.relayer.dispute.SlashCase;
import network.nyxos.relayer.dispute.SlashState;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.SignaturesJson;
import software.sava.core.accounts.PublicKey;

/// Disputes in PostgreSQL.
public final class JdbcDisputes implements DisputeStore {
    private static final String CASES = "SELECT s.*, d.job, d.created_ms FROM slash s JOIN dispute d USING (evidence) ";
    private static final String SEEN = " WHERE evidence = ? AND accused = ? AND state = ?";

    private final Transactions transactions;

    /// @param transactions of the relayer's schema
    public JdbcDisputes(Transactions transactions) {
        this.transactions = transactions;
    }

    /// Opens a dispute within the transaction that disputes its job.
    static void open(Transactions.Session session, Accusation papers, Reason reason, long nowMs) throws SQLException {
        Hash evidence = papers.hash();
        session.update("INSERT INTO dispute (evidence, job, papers, created_ms) VALUES (?, ?, ?, ?)", evidence, papers.job(), papers.encode(), nowMs);
        for (PublicKey accused : List.of(papers.node(), papers.replay().node())) {
            session.update("INSERT INTO slash (evidence, accused, state, reason_code, reason, changed_ms, check_ms) VALUES (?, ?, 'open', ?, ?, ?, ?)", evidence, accused,
                reason.code(), reason.message(), nowMs, nowMs);
        }
    }

    @Override
    public List<SlashCase> due(long nowMs, int limit) {
        return transactions.in(session -> session.list(CASES + "WHERE s.check_ms <= ? ORDER BY s.check_ms, s.accused LIMIT ?", JdbcDisputes::read, nowMs, limit));
    }

    @Override
    public Optional<Dispute> find(Hash evidence) {
        return transactions.in(session -> session.one("SELECT * FROM dispute WHERE evidence = ?", row -> read(session, row), evidence));
    }

    @Override
    public List<Dispute> page(Optional<Hash> after, int limit) {
        return transactions.in(session -> session.list("SELECT * FROM dispute WHERE evidence > ? ORDER BY evidence LIMIT ?", row -> read(session, row),
            after.map(Hash::bytes).orElse(new byte[0]), limit));
    }

    private static Dispute read(Transactions.Session session, ResultSet row) throws SQLException {
        Accusation papers = Accusation.decode(row.getBytes("papers"));
        return new Dispute(papers, session.list(CASES + "WHERE s.evidence = ? ORDER BY s.accused = ? DESC", JdbcDisputes::read, papers.hash(), papers.node()));
    }

    private static SlashCase read(ResultSet row) throws SQLException {
        Hash evidence = Hash.of(row.getBytes("evidence"));
        String signatures = row.getString("signatures");
        return new SlashCase(evidence, Hash.of(row.getBytes("job")), JdbcJobs.key(row, "accused"), SlashState.ofWireName(row.getString("state")),
            new Reason(row.getString("reason_code"), row.getString("reason")), row.getLong("created_ms"),
            row.getBoolean("program"), row.getBoolean("rewarded"),
            signatures == null ? Optional.empty() : Optional.of(slash(row, evidence)), signatures == null ? List.of() : SignaturesJson.read(signatures),
            Optional.ofNullable(row.getString("transaction")));
    }

    private static Slash slash(ResultSet row, Hash evidence) throws SQLException {
        Slash whole = Slash.burning(row.getLong("amount"), evidence);
        return row.getBytes("reward_token") == null ? whole : whole.rewarding(JdbcJobs.key(row, "reward_token"), row.getLong("reward"));
    }

    @Override
    public void postpone(SlashCase seen, Reason reason, long againMs, long nowMs) {
        transactions.in(session -> session.update("UPDATE slash SET reason_code = ?, reason = ?, check_ms = ?, changed_ms = ?" + SEEN, reason.code(), reason.message(),
            againMs, nowMs, seen.evidence(), seen.accused(), seen.state().wireName()));
    }

    @Override
    public void toVerifiers(Hash evidence, Reason reason, long nowMs) {
        transactions.in(session -> session.update("UPDATE slash SET program = false, reason_code = ?, reason = ?, check_ms = ?, changed_ms = ? WHERE evidence = ? AND state = ?",
            reason.code(), reason.message(), nowMs, nowMs, evidence, SlashState.OPEN.wireName()));
    }

    @Override
    public void unrewarded(SlashCase seen, long nowMs) {
        transactions.in(session -> session.update("UPDATE slash SET rewarded = false, check_ms = ?, changed_ms = ?" + SEEN, nowMs, nowMs, seen.evidence(),
            seen.accused(), seen.state().wireName()));
    }

    @Override
    public void signed(SlashCase seen, Slash slash, List<VerifierSignature> signatures, long nowMs) {
        transactions.in(session -> session.update("UPDATE slash SET state = 'signed', amount = ?, reward = ?, reward_token = ?, signatures = ?, check_ms = ?, "
            + "changed_ms = ?" + SEEN, slash.amount(), slash.reward().map(Slash.Share::amount), slash.reward().map(Slash.Share::token), SignaturesJson.write(signatures),
            nowMs, nowMs, seen.evidence(), seen.accused(), SlashState.OPEN.wireName()));
    }

    @Override
    public void reopen(SlashCase seen, Reason reason, long againMs, long nowMs) {
        transactions.in(session -> session.update("UPDATE slash SET state = 'open', amount = NULL, reward = NULL, reward_token = NULL, signatures = NULL, reason_code = ?, "
            + "reason = ?, check_ms = ?, changed_ms = ?" + SEEN, reason.code(), reason.message(), againMs, nowMs, seen.evidence(), seen.accused(),
            SlashState.SIGNED.wireName()));
    }

    @Override
    public Optional<BatchStore.Left> end(SlashCase seen, SlashState state, Reason reason, Optional<String> transaction, long nowMs) {
        return transactions.in(session -> {
            int ended = session.update("UPDATE slash SET state = ?, reason_code = ?, reason = ?, transaction = ?, check_ms = NULL, changed_ms = ?" + SEEN, state.wireName(),
                reason.code(), reason.message(), transaction, nowMs, seen.evidence(), seen.accused(), seen.state().wireName());
            Accusation papers = session.one("SELECT papers FROM dispute WHERE evidence = ?", row -> Accusation.decode(row.getBytes(1)), seen.evidence()).orElseThrow();
            boolean served = papers.node().equals(seen.accused());
            // The serving node's end is the job's; the replaying one's is told only where it turns the dispute around.
            if (ended == 0 || !served && state != SlashState.SLASHED) {
                return Optional.empty();
            }
            JobState next = served && state == SlashState.SLASHED ? JobState.SLASHED : JobState.DISPUTED;
            int changed = session.update("UPDATE job SET state = ?, reason_code = ?, reason = ?, changed_ms = ? WHERE job = ? AND state = ? AND reason_code <> ?", next,
                reason.code(), reason.message(), nowMs, seen.job(), JobState.DISPUTED, served && state != SlashState.SLASHED ? "replayer_slashed" : "");
            return changed == 0 ? Optional.empty() : Optional.of(new BatchStore.Left(seen.job(), Optional.of(papers.node()), next, reason));
        });
    }
}
