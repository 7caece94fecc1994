package network.nyxos.indexer.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.indexer.content.BatchContent;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.project.PoolRow;
import software.sava.core.accounts.PublicKey;

/// Contents of batches: which are wanted, which are known. Only what was checked against the chain becomes jobs and credits.
public final class ContentStore {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Optional<String> market;

    /// @param database a database that has this module's schema
    /// @param market only this market's batches; the first market of all when empty
    public ContentStore(Database database, Optional<String> market) {
        this.database = database;
        this.market = market;
    }

    /// A batch whose content is wanted.
    public record Wanted(BatchRow batch, PoolRow pool) {
    }

    /// Batches whose content is not known, oldest first. One that failed is wanted again after 1, 2, 4 … at most 300 seconds.
    public List<Wanted> wanted(int limit) {
        return database.inTransaction(connection -> {
            var batches = new ArrayList<BatchRow>();
            try (PreparedStatement select = connection.prepareStatement("select b.* from batch b join pool p on p.address = b.pool"
                + " left join batch_content c on c.batch = b.address"
                + " where p.market = coalesce(?, (select address from market order by event_id limit 1)) and (c.batch is null or c.state <> 'verified'"
                + " and c.fetched_at < clock_timestamp() - least(300, power(2, least(c.attempts, 20) - 1)) * interval '1 second')"
                + " order by b.event_id limit ?")) {
                select.setString(1, market.orElse(null));
                select.setInt(2, limit);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        batches.add(RowTable.read(BatchRow.class, row));
                    }
                }
            }
            var pools = new PageView(connection);
            return batches.stream().map(batch -> new Wanted(batch, pools.find(PoolRow.class, batch.pool()).orElseThrow())).toList();
        });
    }

    /// All receipt keys that a node has had, by events.
    public Set<PublicKey> receiptKeys(PublicKey nodeKey) {
        return database.inTransaction(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select distinct e.body ->> 'receiptKey' from node n"
                + " join event e on e.accounts @> array[n.address] and e.type in ('NodeRegistered', 'NodeUpdated') where n.node_key = ?")) {
                select.setString(1, nodeKey.toBase58());
                var keys = new HashSet<PublicKey>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        keys.add(PublicKey.fromBase58Encoded(row.getString(1)));
                    }
                }
                return keys;
            }
        });
    }

    /// Notes that a batch's content is not known, and why. Content that was verified stays.
    ///
    /// @param state `refused` or `unavailable`
    public void failed(String batch, String state, String code, String message) {
        database.change(connection -> {
            note(connection, batch, state, Optional.of(code), Optional.of(message));
        });
    }

    private static void note(Connection connection, String batch, String state, Optional<String> code, Optional<String> message) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("insert into batch_content (batch, state, code, message, attempts) values (?, ?, ?, ?, 1)"
            + " on conflict (batch) do update set state = excluded.state, code = excluded.code, message = excluded.message,"
            + " attempts = batch_content.attempts + 1, fetched_at = clock_timestamp() where batch_content.state <> 'verified'")) {
            upsert.setString(1, batch);
            upsert.setString(2, state);
            upsert.setString(3, code.orElse(null));
            upsert.setString(4, message.orElse(null));
            upsert.executeUpdate();
        }
    }

    /// Stores content that has been checked. Doing so again changes nothing.
    public void verified(String batch, BatchContent content) {
        database.change(connection -> {
            note(connection, batch, "verified", Optional.empty(), Optional.empty());
            try (PreparedStatement insert = connection.prepareStatement("insert into job (job, batch, leaf, node, model, engine, tier, tokens_in, tokens_out, mint,"
                + " charge, finish, prompt_commitment, output_hash, quote_hash, receipt_hash, receipt, receipt_signature, payment, started_at, ended_at)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?) on conflict do nothing")) {
                for (int leaf = 0; leaf < content.jobs().size(); leaf++) {
                    bind(insert, batch, leaf, content.jobs().get(leaf));
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            try (PreparedStatement insert = connection.prepareStatement(
                "insert into credit (batch, leaf, payee, kind, cumulative) values (?, ?, ?, ?, ?) on conflict do nothing")) {
                for (int leaf = 0; leaf < content.credits().size(); leaf++) {
                    Credit credit = content.credits().get(leaf);
                    insert.setString(1, batch);
                    insert.setInt(2, leaf);
                    insert.setString(3, credit.payee().toBase58());
                    insert.setInt(4, credit.kind().code());
                    insert.setBigDecimal(5, u64(credit.cumulative()));
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        });
    }

    private static void bind(PreparedStatement insert, String batch, int leaf, BatchContent.Job job) throws SQLException {
        Receipt receipt = job.receipt().receipt();
        insert.setString(1, receipt.jobId().hex());
        insert.setString(2, batch);
        insert.setInt(3, leaf);
        insert.setString(4, receipt.node().toBase58());
        insert.setString(5, receipt.modelId().hex());
        insert.setString(6, receipt.engine());
        insert.setString(7, receipt.tier().wireName());
        insert.setLong(8, receipt.tokensIn());
        insert.setLong(9, receipt.tokensOut());
        insert.setString(10, receipt.mint().toBase58());
        insert.setBigDecimal(11, u64(receipt.charge()));
        insert.setString(12, receipt.finish().wireName());
        insert.setString(13, receipt.promptCommitment().hex());
        insert.setString(14, receipt.outputHash().hex());
        insert.setString(15, Optional.of(receipt.quoteHash()).filter(hash -> !hash.isZero()).map(Hash::hex).orElse(null));
        insert.setString(16, receipt.hash().hex());
        insert.setBytes(17, receipt.encode());
        insert.setBytes(18, job.receipt().signature().bytes());
        insert.setString(19, job.payment().map(ContentStore::json).map(ObjectNode::toString).orElse(null));
        insert.setTimestamp(20, Timestamp.from(Instant.ofEpochMilli(receipt.startMs())));
        insert.setTimestamp(21, Timestamp.from(Instant.ofEpochMilli(receipt.endMs())));
    }

    private static ObjectNode json(BatchContent.ReportedPayment payment) {
        ObjectNode json = JSON.createObjectNode().put("kind", payment.kind());
        payment.payer().ifPresent(text -> json.put("payer", text));
        payment.amount().ifPresent(text -> json.put("amount", text));
        payment.transaction().ifPresent(text -> json.put("transaction", text));
        payment.escrow().ifPresent(text -> json.put("escrow", text));
        return json;
    }

    private static BigDecimal u64(long bits) {
        return new BigDecimal(new BigInteger(Long.toUnsignedString(bits)));
    }
}
