package network.nyxos.gateway.store;

import java.net.URI;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import network.nyxos.chain.Database;

/// Which gateways are alive. One that does not renew its lease is taken for dead, and its jobs are failed by the others or by its successor.
public final class InstanceStore {
    private final Database database;
    private final UUID instance;
    private final Duration lease;
    private volatile Optional<URI> address = Optional.empty();

    /// @param lease how long a renewal holds
    public InstanceStore(Database database, UUID instance, Duration lease) {
        this.database = database;
        this.instance = instance;
        this.lease = lease;
    }

    /// Says where the other gateways of the schema reach this one, from the next renewal on.
    public void reachedAt(URI here) {
        address = Optional.of(here);
    }

    /// Where another gateway is reached, as long as its lease lasts.
    public Optional<URI> addressOf(UUID other) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select address from instance where id = ? and lease_until > now() and address <> ''")) {
                select.setObject(1, other);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(URI.create(row.getString(1))) : Optional.empty();
                }
            }
        });
    }

    /// Begins or renews the lease.
    public void renew() {
        database.change(connection -> {
            try (PreparedStatement upsert = connection.prepareStatement("""
                insert into instance (id, lease_until, address) values (?, now() + ? * interval '1 millisecond', ?)
                on conflict (id) do update set lease_until = excluded.lease_until, address = excluded.address""");
                 PreparedStatement forget = connection.prepareStatement("delete from instance where lease_until < now() - interval '1 day'")) {
                upsert.setObject(1, instance);
                upsert.setLong(2, lease.toMillis());
                upsert.setString(3, address.map(URI::toString).orElse(""));
                upsert.executeUpdate();
                forget.executeUpdate();
            }
        });
    }

    /// Ends the lease.
    public void end() {
        database.change(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("delete from instance where id = ?")) {
                delete.setObject(1, instance);
                delete.executeUpdate();
            }
        });
    }
}
