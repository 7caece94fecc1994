package network.nyxos.collateral;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import network.nyxos.chain.Database;

/// Collateral in PostgreSQL.
final class CollateralStore {
    private final Database database;

    CollateralStore(Database database) {
        this.database = database;
    }

    /// What is kept of a platform.
    ///
    /// @param refreshAt when it is due to be fetched anew
    record Kept(String document, Instant expires, Instant refreshAt) {
    }

    /// Looks it up, and notes that it was asked for.
    Optional<Kept> use(Platform platform, Instant now) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("update collateral set used_at = greatest(used_at, ?) where platform = ? returning document, expires, refresh_at")) {
                statement.setObject(1, at(now));
                statement.setString(2, platform.name());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(new Kept(row.getString(1), instant(row, 2), instant(row, 3))) : Optional.<Kept>empty();
                }
            }
        });
    }

    /// Keeps what was fetched, unless what is there is newer: a service that gives older collateral than before would hide a recovery.
    ///
    /// @return whether it is kept
    boolean keep(Platform platform, Fetched fetched, Instant refreshAt, Instant now) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                insert into collateral (platform, document, evaluation, issued, expires, refresh_at, used_at) values (?, ?, ?, ?, ?, ?, ?)
                on conflict (platform) do update set document = excluded.document, evaluation = excluded.evaluation, issued = excluded.issued, expires = excluded.expires,
                    refresh_at = excluded.refresh_at
                where (excluded.evaluation, excluded.issued) >= (collateral.evaluation, collateral.issued)""")) {
                statement.setString(1, platform.name());
                statement.setString(2, fetched.document());
                statement.setInt(3, fetched.evaluation());
                statement.setObject(4, at(fetched.issued()));
                statement.setObject(5, at(fetched.expires()));
                statement.setObject(6, at(refreshAt));
                statement.setObject(7, at(now));
                return statement.executeUpdate() == 1;
            }
        });
    }

    /// Takes one platform that is due, so that nobody else takes it for a while.
    ///
    /// @param usedSince only what was asked for since
    /// @param until     when it is due again if this does not end well
    Optional<Platform> takeDue(Instant now, Instant usedSince, Instant until) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                update collateral set refresh_at = ? where platform =
                    (select platform from collateral where refresh_at <= ? and used_at >= ? order by refresh_at limit 1 for update skip locked)
                returning platform""")) {
                statement.setObject(1, at(until));
                statement.setObject(2, at(now));
                statement.setObject(3, at(usedSince));
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Platform.named(row.getString(1)) : Optional.<Platform>empty();
                }
            }
        });
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Instant instant(ResultSet row, int column) throws java.sql.SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
