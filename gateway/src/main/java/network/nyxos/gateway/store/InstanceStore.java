package network.nyxos.gateway.store;

import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.UUID;
import network.nyxos.chain.Database;

/// Which gateways are alive. One that does not renew its lease is taken for dead, and its jobs are failed by the others or by its successor.
public final class InstanceStore {
    private final Database database;
    private final UUID instance;
    private final Duration lease;

    /// @param lease how long a renewal holds
    public InstanceStore(Database database, UUID instance, Duration lease) {
        this.database = database;
        this.instance = instance;
        this.lease = lease;
    }

    /// Begins or renews the lease.
    public void renew() {
        database.change(connection -> {
            try (PreparedStatement upsert = connection.prepareStatement("""
                insert into instance (id, lease_until) values (?, now() + ? * interval '1 millisecond')
                on conflict (id) do update set lease_until = excluded.lease_until""");
                 PreparedStatement forget = connection.prepareStatement("delete from instance where lease_until < now() - interval '1 day'")) {
                upsert.setObject(1, instance);
                upsert.setLong(2, lease.toMillis());
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
