package network.nyxos.indexer.store;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.indexer.project.AccountState;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.project.BatchState;
import network.nyxos.indexer.project.BondState;
import network.nyxos.indexer.project.ClaimRow;
import network.nyxos.indexer.project.ConfigRow;
import network.nyxos.indexer.project.DirectRow;
import network.nyxos.indexer.project.DirectState;
import network.nyxos.indexer.project.DisputeRow;
import network.nyxos.indexer.project.DisputeState;
import network.nyxos.indexer.project.EscrowRow;
import network.nyxos.indexer.project.EscrowState;
import network.nyxos.indexer.project.LeafRow;
import network.nyxos.indexer.project.LockedJobRow;
import network.nyxos.indexer.project.LockedJobState;
import network.nyxos.indexer.project.MarketRow;
import network.nyxos.indexer.project.ModelRow;
import network.nyxos.indexer.project.ModelState;
import network.nyxos.indexer.project.NodeRow;
import network.nyxos.indexer.project.PaymentRow;
import network.nyxos.indexer.project.PoolRow;
import network.nyxos.indexer.project.PosterRow;
import network.nyxos.indexer.project.PosterState;
import network.nyxos.indexer.project.ProposalRow;
import network.nyxos.indexer.project.ProposalState;
import network.nyxos.indexer.project.Row;
import network.nyxos.indexer.project.TermsRow;
import network.nyxos.indexer.project.TermsState;
import network.nyxos.indexer.project.ValidatorRow;

/// Projected rows to and from their tables. Writing goes by the row's own columns; reading names each.
final class RowTable {
    private RowTable() {
    }

    /// Which event wrote a row.
    record Stamp(long eventId, long slot, String signature) {
    }

    static String tableOf(Class<? extends Row> kind) {
        if (kind == ConfigRow.class) {
            return "registry_config";
        }
        if (kind == ProposalRow.class) {
            return "registry_proposal";
        }
        if (kind == LockedJobRow.class) {
            return "locked_job";
        }
        String name = kind.getSimpleName();
        return name.substring(0, name.length() - "Row".length()).toLowerCase(java.util.Locale.ROOT);
    }

    static void upsert(Connection connection, Row row, Stamp stamp) throws SQLException {
        var columns = row.columns();
        String names = String.join(", ", columns.keySet());
        String marks = columns.keySet().stream().map(_ -> "?").collect(Collectors.joining(", "));
        String updates = columns.keySet().stream().filter(name -> !name.equals("address")).map(name -> name + " = excluded." + name)
            .collect(Collectors.joining(", "));
        String sql = "insert into " + row.table() + " (" + names + ", event_id, slot, signature) values (" + marks + ", ?, ?, ?)"
            + " on conflict (address) do update set " + updates + ", slot = excluded.slot, signature = excluded.signature";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            for (Object value : columns.values()) {
                set(connection, statement, at++, value);
            }
            statement.setLong(at++, stamp.eventId());
            statement.setLong(at++, stamp.slot());
            statement.setString(at, stamp.signature());
            statement.executeUpdate();
        }
    }

    private static void set(Connection connection, PreparedStatement statement, int at, Object value) throws SQLException {
        switch (value) {
            case String text -> statement.setString(at, text);
            case Boolean truth -> statement.setBoolean(at, truth);
            case Integer number -> statement.setInt(at, number);
            case Long number -> statement.setLong(at, number);
            case BigInteger number -> statement.setBigDecimal(at, new java.math.BigDecimal(number));
            case List<?> list -> statement.setArray(at, connection.createArrayOf("text", list.toArray()));
            case Optional<?> optional when optional.isPresent() -> set(connection, statement, at, optional.get());
            case Optional<?> _ -> statement.setNull(at, Types.NULL);
            default -> throw new IllegalArgumentException("no column holds a " + value.getClass().getName());
        }
    }

    static <R extends Row> R read(Class<R> kind, ResultSet row) throws SQLException {
        Row read = switch (tableOf(kind)) {
            case "registry_config" -> new ConfigRow(row.getString("address"), row.getInt("id"), row.getString("creator"), row.getString("authority"),
                row.getString("bond_mint"), u64(row, "min_bond"), u64(row, "min_validator_bond"), u64(row, "unbonding_slots"),
                u64(row, "node_count"), u64(row, "validator_count"), row.getInt("threshold"), texts(row, "verifiers"), Optional.ofNullable(row.getString("pending_authority")), row.getBoolean("paused"),
                u64(row, "answer_slots"));
            case "registry_proposal" -> new ProposalRow(row.getString("address"), row.getString("target"), row.getString("rent_payer"),
                AccountState.ofWireName(ProposalState.class, row.getString("state")), u64(row, "effective_slot"), row.getInt("threshold"), texts(row, "verifiers"));
            case "node" -> new NodeRow(row.getString("address"), row.getString("config"), row.getString("node_key"), row.getString("operator"),
                row.getString("payout"), row.getString("receipt_key"), Optional.ofNullable(row.getString("sealing_key")), row.getInt("tiers"),
                AccountState.ofWireName(BondState.class, row.getString("state")), u64(row, "bond"), u64(row, "unbond_slot"), u64(row, "registered_slot"),
                row.getInt("attestation_kind"), u64(row, "attestation_expiry_slot"), row.getString("attestation_quote_hash"),
                row.getString("attestation_measurement"), u64(row, "slashed_total"), u64(row, "attestation_floor_slot"),
                Optional.ofNullable(row.getString("revoked_quote_hash")), row.getLong("open_disputes"));
            case "validator" -> new ValidatorRow(row.getString("address"), row.getString("config"), row.getString("validator_key"),
                row.getString("operator"), row.getString("payout"), AccountState.ofWireName(BondState.class, row.getString("state")), u64(row, "bond"),
                u64(row, "unbond_slot"), u64(row, "registered_slot"), u64(row, "slashed_total"), row.getString("rent_payer"));
            case "model" -> new ModelRow(row.getString("address"), row.getString("config"), row.getString("model_id"), row.getString("publisher"),
                row.getString("payee"), AccountState.ofWireName(ModelState.class, row.getString("state")), row.getInt("royalty_bps"),
                row.getInt("pending_royalty_bps"), u64(row, "pending_slot"), u64(row, "registered_slot"), texts(row, "measurements"));
            case "market" -> new MarketRow(row.getString("address"), row.getString("cluster"), row.getString("creator"), row.getInt("id"),
                row.getString("authority"), row.getString("operator"), row.getString("treasury"), row.getInt("fee_bps"), u64(row, "challenge_slots"),
                u64(row, "exit_slots"), u64(row, "direct_slots"), row.getString("bond_mint"), u64(row, "min_poster_bond"),
                row.getString("registry_program"), row.getString("registry_config"),
                row.getInt("threshold"), texts(row, "verifiers"), row.getInt("paused") == 1, Optional.ofNullable(row.getString("nominee")),
                texts(row, "gateways"));
            case "terms" -> new TermsRow(row.getString("address"), row.getString("market"), AccountState.ofWireName(TermsState.class, row.getString("state")),
                row.getInt("fee_bps"), u64(row, "challenge_slots"), u64(row, "exit_slots"), u64(row, "direct_slots"), u64(row, "min_poster_bond"),
                u64(row, "apply_slot"),
                row.getInt("threshold"), texts(row, "verifiers"), texts(row, "gateways"));
            case "pool" -> new PoolRow(row.getString("address"), row.getString("market"), row.getString("mint"), row.getString("token_program"),
                row.getString("vault"), row.getString("deposit_vault"), row.getInt("decimals"), u64(row, "deposited"), u64(row, "settled"),
                u64(row, "exited"), u64(row, "inflow"), u64(row, "credited"), u64(row, "claimed"), u64(row, "next_seq"), u64(row, "pending_seq"),
                u64(row, "final_seq"), u64(row, "last_post_slot"), u64(row, "uncollected"), u64(row, "direct"));
            case "escrow" -> new EscrowRow(row.getString("address"), row.getString("market"), row.getString("pool"), row.getString("payer"),
                row.getString("mint"), row.getString("session_key"), row.getString("rent_payer"), AccountState.ofWireName(EscrowState.class, row.getString("state")),
                u64(row, "deposited"), u64(row, "settled"), u64(row, "collected"), u64(row, "returned"), u64(row, "open_slot"), u64(row, "exit_slot"),
                row.getLong("session_expires"), u64(row, "session_limit"), row.getString("operator"), row.getBoolean("prepaid"));
            case "batch" -> new BatchRow(row.getString("address"), row.getString("pool"), u64(row, "seq"),
                AccountState.ofWireName(BatchState.class, row.getString("state")), row.getString("poster"), row.getString("receipts_root"), row.getLong("receipts_count"), row.getString("credit_root"),
                u64(row, "credit_sum"), row.getLong("payee_count"), u64(row, "posted_slot"), u64(row, "final_slot"),
                Optional.ofNullable(row.getObject("void_reason", Integer.class)), Optional.ofNullable(row.getObject("fault", Integer.class)),
                Optional.ofNullable(row.getString("challenger")), row.getBoolean("closed"));
            case "claim" -> new ClaimRow(row.getString("address"), row.getString("pool"), row.getString("payee"), row.getInt("kind"),
                u64(row, "claimed"), u64(row, "last_seq"));
            case "locked_job" -> new LockedJobRow(row.getString("address"), row.getString("pool"), row.getString("payer"), row.getString("node_key"),
                row.getString("rent_payer"), AccountState.ofWireName(LockedJobState.class, row.getString("state")), row.getString("terms_hash"),
                row.getInt("fee_bps"), u64(row, "amount"), u64(row, "released"), u64(row, "refunded"), u64(row, "open_slot"), u64(row, "deadline_slot"));
            case "payment" -> new PaymentRow(row.getString("address"), row.getString("pool"), row.getString("payer"), row.getString("rent_payer"),
                row.getString("reference"), u64(row, "amount"), u64(row, "paid_slot"), row.getBoolean("closed"));
            case "poster" -> new PosterRow(row.getString("address"), row.getString("market"), row.getString("operator"), row.getString("rent_payer"),
                AccountState.ofWireName(PosterState.class, row.getString("state")), u64(row, "bond"), u64(row, "unbond_slot"), u64(row, "locked_until"),
                u64(row, "slashed_total"));
            case "leaf" -> new LeafRow(row.getString("address"), row.getString("pool"), u64(row, "seq"), row.getString("prover"), row.getLong("leaf_index"),
                row.getString("payee"), row.getInt("kind"), u64(row, "cumulative"), row.getBoolean("closed"));
            case "direct" -> new DirectRow(row.getString("address"), row.getString("pool"), row.getString("escrow"), row.getString("job"), row.getString("node_key"),
                row.getString("payer"), row.getString("rent_payer"), row.getString("gateway"), AccountState.ofWireName(DirectState.class, row.getString("state")),
                row.getString("receipt_hash"), u64(row, "charge"), u64(row, "fee"), u64(row, "settled_slot"), u64(row, "final_slot"),
                Optional.ofNullable(row.getObject("void_reason", Integer.class)), row.getBoolean("closed"));
            case "dispute" -> new DisputeRow(row.getString("address"), row.getString("config"), row.getString("node"), row.getString("node_key"),
                row.getString("accuser"), row.getString("rent_payer"), row.getString("receipt_hash"), row.getString("model_id"), row.getLong("tokens_in"),
                row.getLong("tokens_out"), u64(row, "stake"), AccountState.ofWireName(DisputeState.class, row.getString("state")), u64(row, "opened_slot"),
                u64(row, "deadline_slot"), row.getInt("phase"), row.getInt("level"), row.getInt("vector"), row.getString("place_hash"),
                row.getLong("place_first"), row.getLong("place_count"), u64(row, "reward"), u64(row, "burned"), u64(row, "returned"));
            default -> throw new IllegalArgumentException("no table of " + kind);
        };
        return kind.cast(read);
    }

    private static BigInteger u64(ResultSet row, String column) throws SQLException {
        return row.getBigDecimal(column).toBigIntegerExact();
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }
}
