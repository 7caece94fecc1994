package network.nyxos.indexer.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.nyxos.chain.Database;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.program.Programs;
import network.nyxos.indexer.decode.EventId;
import network.nyxos.indexer.decode.EventJson;
import network.nyxos.indexer.decode.Program;
import network.nyxos.indexer.decode.ProgramEvent;
import network.nyxos.indexer.decode.RawEvent;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.project.ClaimRow;
import network.nyxos.indexer.project.ConfigRow;
import network.nyxos.indexer.project.DirectRow;
import network.nyxos.indexer.project.DisputeRow;
import network.nyxos.indexer.project.EscrowRow;
import network.nyxos.indexer.project.LockedJobRow;
import network.nyxos.indexer.project.LeafRow;
import network.nyxos.indexer.project.MarketRow;
import network.nyxos.indexer.project.ModelRow;
import network.nyxos.indexer.project.NodeRow;
import network.nyxos.indexer.project.PaymentRow;
import network.nyxos.indexer.project.PoolRow;
import network.nyxos.indexer.project.PosterRow;
import network.nyxos.indexer.project.Projection;
import network.nyxos.indexer.project.ProjectionException;
import network.nyxos.indexer.project.ProposalRow;
import network.nyxos.indexer.project.Row;
import network.nyxos.indexer.project.TermsRow;
import network.nyxos.indexer.project.ValidatorRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The mirror in PostgreSQL. Events, the state they make and the frontier they reach are written in one database transaction, so that a crash at any
/// moment leaves a database that says exactly how far it is.
public final class MirrorStore {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorStore.class);
    private static final Map<Program, List<Class<? extends Row>>> STATE = Map.of(
        Program.REGISTRY, List.of(ConfigRow.class, ProposalRow.class, NodeRow.class, ModelRow.class, ValidatorRow.class, DisputeRow.class),
        Program.ESCROW, List.of(MarketRow.class, TermsRow.class, PoolRow.class, EscrowRow.class, BatchRow.class, ClaimRow.class, LockedJobRow.class,
            PaymentRow.class, PosterRow.class, LeafRow.class, DirectRow.class));
    private static final String UNDECODABLE = "undecodable";
    private static final String UNPROJECTABLE = "does_not_fit";

    private final Database database;
    private final Projection projection;

    /// @param database a database that has this module's schema
    /// @param programs the programs that are mirrored
    public MirrorStore(Database database, Programs programs) {
        this.database = database;
        this.projection = new Projection(programs);
    }

    /// Claims the database for one cluster and its programs, or checks that it is theirs.
    ///
    /// @throws ForeignMirrorException when it mirrors something else
    public void claim(String genesisHash, Programs programs) {
        database.change(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                "insert into mirror (genesis_hash, registry_program, escrow_program) values (?, ?, ?) on conflict do nothing")) {
                insert.setString(1, genesisHash);
                insert.setString(2, programs.registry().toBase58());
                insert.setString(3, programs.escrow().toBase58());
                insert.executeUpdate();
            }
            try (PreparedStatement select = connection.prepareStatement("select genesis_hash, registry_program, escrow_program from mirror");
                 ResultSet row = select.executeQuery()) {
                row.next();
                if (!row.getString(1).equals(genesisHash) || !row.getString(2).equals(programs.registry().toBase58())
                    || !row.getString(3).equals(programs.escrow().toBase58())) {
                    throw new ForeignMirrorException("this database mirrors programs " + row.getString(2) + " and " + row.getString(3) + " of cluster "
                        + row.getString(1) + ", not " + programs.registry() + " and " + programs.escrow() + " of " + genesisHash
                        + "; give this indexer a database of its own");
                }
            }
        });
    }

    /// How far a program is mirrored; empty at the very start.
    public Optional<Frontier> frontier(Program program) {
        return database.inTransaction(connection -> frontier(connection, program, ""));
    }

    private static Optional<Frontier> frontier(Connection connection, Program program, String lock) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select signature, slot, ordinal from frontier where program = ?" + lock)) {
            select.setString(1, program.wireName());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(new Frontier(row.getString(1), row.getLong(2), row.getLong(3))) : Optional.empty();
            }
        }
    }

    /// Moves a program's frontier over the transactions that directly follow it, with everything they say.
    ///
    /// @param program whose transactions they are
    /// @param from the frontier that they follow
    /// @param to the frontier after them
    /// @param events the events in them, in the order of the chain
    /// @return the events that were new
    /// @throws ForeignMirrorException when the frontier is not where the caller left it: another indexer writes here
    /// @throws network.nyxos.chain.DatabaseException when the database failed; either all of it is written or nothing
    public List<StoredEvent> advance(Program program, Optional<Frontier> from, Frontier to, List<RawEvent> events) {
        return database.inTransaction(connection -> {
            if (!frontier(connection, program, " for update").equals(from)) {
                throw new ForeignMirrorException("the " + program.wireName() + " frontier was moved by another process; run one indexer on a database");
            }
            Set<EventId> known = known(connection, events);
            var view = new PageView(connection);
            var stored = new ArrayList<StoredEvent>();
            for (RawEvent raw : events) {
                if (known.add(raw.id())) {
                    take(connection, view, raw).ifPresent(stored::add);
                }
            }
            view.flush();
            move(connection, program, to);
            return stored;
        });
    }

    private static Set<EventId> known(Connection connection, List<RawEvent> events) throws SQLException {
        var known = new HashSet<EventId>();
        Object[] signatures = events.stream().map(event -> event.id().signature()).distinct().toArray();
        try (PreparedStatement select = connection.prepareStatement("select signature, outer_index, inner_index from event where signature = any (?)"
            + " union all select signature, outer_index, inner_index from decode_failure where signature = any (?)")) {
            select.setArray(1, connection.createArrayOf("text", signatures));
            select.setArray(2, connection.createArrayOf("text", signatures));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    known.add(new EventId(row.getString(1), row.getInt(2), row.getInt(3)));
                }
            }
        }
        return known;
    }

    /// Decodes, projects and stores one event. What cannot be decoded or does not fit is put aside and holds nothing up.
    private Optional<StoredEvent> take(Connection connection, PageView view, RawEvent raw) throws SQLException {
        try {
            ProgramEvent event = ProgramEvent.decode(raw.program(), raw.data());
            List<Row> rows = projection.apply(view, event, raw.slot());
            StoredEvent stored = insert(connection, raw, event);
            rows.forEach(row -> view.put(row, new RowTable.Stamp(stored.id(), raw.slot(), raw.id().signature())));
            return Optional.of(stored);
        } catch (BorshException | ProtocolException e) {
            putAside(connection, raw, UNDECODABLE, e);
        } catch (ProjectionException e) {
            putAside(connection, raw, UNPROJECTABLE, e);
        }
        return Optional.empty();
    }

    private static StoredEvent insert(Connection connection, RawEvent raw, ProgramEvent event) throws SQLException {
        ObjectNode body = EventJson.body(event);
        try (PreparedStatement insert = connection.prepareStatement("insert into event (signature, outer_index, inner_index, program, ordinal, slot, block_time,"
            + " data, type, body, accounts) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?) returning id")) {
            identify(insert, raw);
            insert.setString(9, event.name());
            insert.setString(10, body.toString());
            insert.setArray(11, connection.createArrayOf("text", EventJson.accounts(body).toArray()));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return new StoredEvent(row.getLong(1), raw, event.name(), body);
            }
        }
    }

    private static void identify(PreparedStatement statement, RawEvent raw) throws SQLException {
        statement.setString(1, raw.id().signature());
        statement.setInt(2, raw.id().outerIndex());
        statement.setInt(3, raw.id().innerIndex());
        statement.setString(4, raw.program().wireName());
        statement.setLong(5, raw.ordinal());
        statement.setLong(6, raw.slot());
        if (raw.blockTime().isPresent()) {
            statement.setTimestamp(7, Timestamp.from(raw.blockTime().get()));
        } else {
            statement.setNull(7, Types.TIMESTAMP_WITH_TIMEZONE);
        }
        statement.setBytes(8, raw.data());
    }

    private static void putAside(Connection connection, RawEvent raw, String code, RuntimeException why) throws SQLException {
        LOG.error("event {} of the {} program is put aside ({}): {}", raw.id(), raw.program().wireName(), code, why.getMessage());
        try (PreparedStatement insert = connection.prepareStatement("insert into decode_failure (signature, outer_index, inner_index, program, ordinal, slot,"
            + " block_time, data, code, message) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (signature, outer_index, inner_index) do update"
            + " set code = excluded.code, message = excluded.message, attempts = decode_failure.attempts + 1, failed_at = clock_timestamp()")) {
            identify(insert, raw);
            insert.setString(9, code);
            insert.setString(10, Objects.requireNonNullElse(why.getMessage(), why.getClass().getSimpleName()));
            insert.executeUpdate();
        }
    }

    private static void move(Connection connection, Program program, Frontier to) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("insert into frontier (program, signature, slot, ordinal) values (?, ?, ?, ?)"
            + " on conflict (program) do update set signature = excluded.signature, slot = excluded.slot, ordinal = excluded.ordinal")) {
            upsert.setString(1, program.wireName());
            upsert.setString(2, to.signature());
            upsert.setLong(3, to.slot());
            upsert.setLong(4, to.ordinal());
            upsert.executeUpdate();
        }
    }

    /// How many events are put aside.
    public long putAside() {
        return database.inTransaction(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select count(*) from decode_failure"); ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /// Tries everything that was put aside again, in its place in the chain's order, and makes the program's state anew from all events when that helps.
    ///
    /// @return how many events are no longer aside
    public int replay(Program program) {
        return database.inTransaction(connection -> {
            frontier(connection, program, " for update");
            List<RawEvent> aside = aside(connection, program);
            int decoded = 0;
            for (RawEvent raw : aside) {
                try {
                    ProgramEvent event = ProgramEvent.decode(program, raw.data());
                    insert(connection, raw, event);
                    forget(connection, "decode_failure", raw.id());
                    decoded++;
                } catch (BorshException e) {
                    putAside(connection, raw, UNDECODABLE, e);
                }
            }
            if (decoded == 0) {
                return 0;
            }
            int unfit = rebuild(connection, program);
            LOG.info("{} events of the {} program that were put aside were tried again, {} still do not fit", decoded, program.wireName(), unfit);
            return decoded - unfit;
        });
    }

    private static List<RawEvent> aside(Connection connection, Program program) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select * from decode_failure where program = ? order by ordinal, outer_index, inner_index")) {
            select.setString(1, program.wireName());
            var found = new ArrayList<RawEvent>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(raw(row));
                }
            }
            return found;
        }
    }

    private static RawEvent raw(ResultSet row) throws SQLException {
        Optional<Instant> blockTime = Optional.ofNullable(row.getTimestamp("block_time")).map(Timestamp::toInstant);
        return new RawEvent(new EventId(row.getString("signature"), row.getInt("outer_index"), row.getInt("inner_index")),
            Program.ofWireName(row.getString("program")), row.getLong("ordinal"), row.getLong("slot"), blockTime, row.getBytes("data"));
    }

    private static void forget(Connection connection, String table, EventId id) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from " + table + " where signature = ? and outer_index = ? and inner_index = ?")) {
            delete.setString(1, id.signature());
            delete.setInt(2, id.outerIndex());
            delete.setInt(3, id.innerIndex());
            delete.executeUpdate();
        }
    }

    /// Makes a program's state anew from its events.
    ///
    /// @return how many events did not fit and were put aside
    public int rebuild(Program program) {
        return database.inTransaction(connection -> {
            frontier(connection, program, " for update");
            return rebuild(connection, program);
        });
    }

    private int rebuild(Connection connection, Program program) throws SQLException {
        for (Class<? extends Row> kind : STATE.get(program)) {
            try (PreparedStatement delete = connection.prepareStatement("delete from " + RowTable.tableOf(kind))) {
                delete.executeUpdate();
            }
        }
        var view = new PageView(connection);
        int unfit = 0;
        try (PreparedStatement select = connection.prepareStatement("select * from event where program = ? order by ordinal, outer_index, inner_index")) {
            select.setFetchSize(1_000);
            select.setString(1, program.wireName());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    RawEvent raw = raw(row);
                    try {
                        var stamp = new RowTable.Stamp(row.getLong("id"), raw.slot(), raw.id().signature());
                        projection.apply(view, ProgramEvent.decode(program, raw.data()), raw.slot()).forEach(changed -> view.put(changed, stamp));
                    } catch (ProjectionException | ProtocolException e) {
                        putAside(connection, raw, UNPROJECTABLE, e);
                        forget(connection, "event", raw.id());
                        unfit++;
                    }
                }
            }
        }
        view.flush();
        return unfit;
    }

    /// All state of a program, by address: what the reconciler compares.
    public Map<String, Row> rows(Program program) {
        return database.inTransaction(connection -> {
            var rows = new TreeMap<String, Row>();
            for (Class<? extends Row> kind : STATE.get(program)) {
                try (PreparedStatement select = connection.prepareStatement("select * from " + RowTable.tableOf(kind))) {
                    select.setFetchSize(1_000);
                    try (ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            Row read = RowTable.read(kind, row);
                            rows.put(read.address(), read);
                        }
                    }
                }
            }
            return rows;
        });
    }
}
