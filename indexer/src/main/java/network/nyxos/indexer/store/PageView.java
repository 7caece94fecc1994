package network.nyxos.indexer.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import network.nyxos.indexer.project.ConfigRow;
import network.nyxos.indexer.project.PoolRow;
import network.nyxos.indexer.project.Row;
import network.nyxos.indexer.project.View;

/// The rows as one database transaction sees and changes them: read once, written once, at its end.
final class PageView implements View {
    // Bounds what a rebuild of a long history holds in memory.
    private static final int MOST_CHANGED = 10_000;

    private record Changed(Row row, RowTable.Stamp stamp) {
    }

    private final Connection connection;
    private final Map<String, Row> rows = new HashMap<>();
    private final Map<String, Changed> changed = new LinkedHashMap<>();

    PageView(Connection connection) {
        this.connection = connection;
    }

    @Override
    public <R extends Row> Optional<R> find(Class<R> kind, String address) {
        Row known = rows.get(address);
        if (known != null) {
            return Optional.of(kind.cast(known));
        }
        Optional<R> read = select(kind, " where address = ?", address).stream().findFirst();
        read.ifPresent(row -> rows.put(address, row));
        return read;
    }

    @Override
    public Optional<PoolRow> pool(String market, String mint) {
        return all(PoolRow.class, pool -> pool.market().equals(market) && pool.mint().equals(mint), " where market = ? and mint = ?", market, mint).findFirst();
    }

    @Override
    public List<ConfigRow> configs() {
        return all(ConfigRow.class, _ -> true, "").toList();
    }

    /// What the database has and this transaction has not touched, and what this transaction has.
    private <R extends Row> Stream<R> all(Class<R> kind, Predicate<R> fits, String where, String... arguments) {
        Stream<R> here = rows.values().stream().filter(kind::isInstance).map(kind::cast).filter(fits);
        return Stream.concat(here, select(kind, where, arguments).stream().filter(row -> !rows.containsKey(row.address())));
    }

    private <R extends Row> List<R> select(Class<R> kind, String where, String... arguments) {
        try (PreparedStatement statement = connection.prepareStatement("select * from " + RowTable.tableOf(kind) + where)) {
            for (int at = 0; at < arguments.length; at++) {
                statement.setString(at + 1, arguments[at]);
            }
            var found = new ArrayList<R>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    found.add(RowTable.read(kind, result));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new StoreException("cannot read " + kind.getSimpleName(), e);
        }
    }

    void put(Row row, RowTable.Stamp stamp) {
        rows.put(row.address(), row);
        // The event that makes a row stays its event; a row that the database has already keeps the one it has there.
        changed.merge(row.address(), new Changed(row, stamp), (made, now) ->
            new Changed(now.row(), new RowTable.Stamp(made.stamp().eventId(), now.stamp().slot(), now.stamp().signature())));
        if (changed.size() > MOST_CHANGED) {
            flush();
        }
    }

    void flush() {
        try {
            for (Changed one : changed.values()) {
                RowTable.upsert(connection, one.row(), one.stamp());
            }
        } catch (SQLException e) {
            throw new StoreException("cannot write projected rows", e);
        }
        changed.clear();
        rows.clear();
    }
}
