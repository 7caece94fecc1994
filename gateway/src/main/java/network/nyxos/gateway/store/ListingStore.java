package network.nyxos.gateway.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Database;
import network.nyxos.gateway.discovery.Listing;
import network.nyxos.gateway.payment.Json;

/// Resources that made themselves known, in the order in which they were first paid for: nobody comes up by paying himself again and again.
public final class ListingStore {
    /// The most resources of one receiver.
    public static final int MOST_OF_ONE = 100;
    private static final Duration FORGOTTEN = Duration.ofDays(30);

    private final Database database;

    /// @param database the gateway's
    public ListingStore(Database database) {
        this.database = database;
    }

    /// What is looked for. Empty: whatever.
    ///
    /// @param type    `http` or `mcp`
    /// @param payTo   who is paid
    /// @param scheme  how
    /// @param network where
    public record Query(Optional<String> type, Optional<String> payTo, Optional<String> scheme, Optional<String> network) {
        /// Whether a listing is meant.
        public boolean matches(Listing listing) {
            return type.filter(value -> !value.equals(listing.type())).isEmpty() && payTo.filter(value -> !value.equals(listing.payTo())).isEmpty()
                && scheme.filter(value -> !value.equals(listing.scheme())).isEmpty() && network.filter(value -> !value.equals(listing.network())).isEmpty();
        }
    }

    /// A page.
    ///
    /// @param items as they are shown
    /// @param total how many there are in all
    public record Page(List<ObjectNode> items, int total) {
    }

    /// Lists a resource, or takes note that it was paid for again.
    ///
    /// @return false when its receiver has {@value #MOST_OF_ONE} others
    public boolean list(Listing listing) {
        return database.inTransaction(connection -> {
            try (PreparedStatement lock = connection.prepareStatement("select pg_advisory_xact_lock(hashtext(?))")) {
                lock.setString(1, "listing " + listing.payTo());
                lock.execute();
            }
            return renewed(connection, listing) || others(connection, listing) < MOST_OF_ONE && added(connection, listing);
        });
    }

    private static boolean renewed(Connection connection, Listing listing) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
            "update listing set type = ?, scheme = ?, network = ?, item = ?, last_seen = now() where resource = ? and name = ? and pay_to = ?")) {
            write(update, listing);
            return update.executeUpdate() == 1;
        }
    }

    private static int others(Connection connection, Listing listing) throws SQLException {
        try (PreparedStatement count = connection.prepareStatement("select count(*) from listing where pay_to = ?")) {
            count.setString(1, listing.payTo());
            return number(count);
        }
    }

    private static boolean added(Connection connection, Listing listing) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into listing (type, scheme, network, item, resource, name, pay_to) values (?, ?, ?, ?, ?, ?, ?)")) {
            write(insert, listing);
            return insert.executeUpdate() == 1;
        }
    }

    private static void write(PreparedStatement statement, Listing listing) throws SQLException {
        statement.setString(1, listing.type());
        statement.setString(2, listing.scheme());
        statement.setString(3, listing.network());
        statement.setString(4, Json.text(listing.item()));
        statement.setString(5, listing.resource());
        statement.setString(6, listing.name());
        statement.setString(7, listing.payTo());
    }

    private static int number(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    /// A page of what is listed and was paid for in the last thirty days.
    ///
    /// @param limit  0 or more
    /// @param offset 0 or more
    public Page page(Query query, int limit, int offset) {
        String where = " from listing where last_seen > now() - ? * interval '1 second' and (? = '' or type = ?) and (? = '' or pay_to = ?) and (? = '' or scheme = ?) and (? = '' or network = ?)";
        return database.read(connection -> {
            try (PreparedStatement count = connection.prepareStatement("select count(*)" + where);
                 PreparedStatement select = connection.prepareStatement("select item, last_seen" + where + " order by first_seen, resource, name, pay_to limit ? offset ?")) {
                ask(count, query);
                ask(select, query);
                select.setInt(10, limit);
                select.setInt(11, offset);
                var items = new ArrayList<ObjectNode>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        items.add(item(rows.getString(1), rows.getTimestamp(2)));
                    }
                }
                return new Page(List.copyOf(items), number(count));
            }
        });
    }

    private static ObjectNode item(String json, Timestamp seen) {
        ObjectNode item = Json.object(json.getBytes(StandardCharsets.UTF_8)).deepCopy();
        return item.put("lastUpdated", seen.toInstant().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    private static void ask(PreparedStatement statement, Query query) throws SQLException {
        statement.setLong(1, FORGOTTEN.toSeconds());
        int at = 2;
        for (Optional<String> each : List.of(query.type, query.payTo, query.scheme, query.network)) {
            statement.setString(at++, each.orElse(""));
            statement.setString(at++, each.orElse(""));
        }
    }
}
