package network.nyxos.gateway.store;

import java.sql.PreparedStatement;
import java.sql.Timestamp;
import network.nyxos.chain.Database;
import network.nyxos.gateway.account.SignIn;

/// Sign-ins that were used: each lets a wallet in once, at one gateway of the schema.
public final class SignInStore {
    private final Database database;

    /// @param database the gateway's
    public SignInStore(Database database) {
        this.database = database;
    }

    /// Uses a sign-in.
    ///
    /// @return false when it was used before
    public boolean use(SignIn.Proof proof) {
        return database.inTransaction(connection -> {
            try (PreparedStatement forget = connection.prepareStatement("delete from sign_in where until < now() - interval '1 minute'");
                 PreparedStatement insert = connection.prepareStatement("insert into sign_in (nonce, until) values (?, ?) on conflict do nothing")) {
                forget.executeUpdate();
                insert.setBytes(1, proof.nonce());
                insert.setTimestamp(2, Timestamp.from(proof.until()));
                return insert.executeUpdate() == 1;
            }
        });
    }
}
