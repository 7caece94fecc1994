package network.nyxos.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.payment.PaymentIdentifier;

/// The names that payers gave their purchases. A name belongs to one payer and stands for one job; it may be given anew when nothing was taken for that job, or
/// what was taken goes back.
public final class IdentifierStore {
    private final Database database;

    /// @param database the gateway's
    public IdentifierStore(Database database) {
        this.database = database;
    }

    /// A name and what it stands for.
    ///
    /// @param payer       whose name it is: the wallet of a transfer, or the escrow of a voucher
    /// @param identifier  the name, and the payment that it came with
    /// @param fingerprint what is bought, see {@link PaymentIdentifier#fingerprint}
    /// @param job         the job
    public record Binding(String payer, PaymentIdentifier identifier, Hash fingerprint, Hash job) {
    }

    /// What stands for a payment that was sent before, to the last member.
    ///
    /// @return of jobs whose money was not given back
    public Optional<Binding> sentWith(PaymentIdentifier identifier) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT + " where payment_identifier.id = ? and payload = ?")) {
                select.setBytes(1, identifier.id().bytes());
                select.setBytes(2, identifier.payload().bytes());
                return first(select);
            }
        });
    }

    /// What a payer's name stands for.
    ///
    /// @return of a job whose money was not given back
    public Optional<Binding> find(String payer, PaymentIdentifier identifier) {
        return database.read(connection -> find(connection, payer, identifier.id()));
    }

    /// States of a job whose money went back, or is going to.
    private static final String GIVEN_BACK = "('REFUSED', 'RELEASED', 'REFUNDING')";
    private static final String SELECT = """
        select payment_identifier.* from payment_identifier join job on job.id = payment_identifier.job and job.state not in """ + GIVEN_BACK;

    private static Optional<Binding> find(Connection connection, String payer, Hash id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT + " where payment_identifier.payer = ? and payment_identifier.id = ?")) {
            select.setString(1, payer);
            select.setBytes(2, id.bytes());
            return first(select);
        }
    }

    private static Optional<Binding> first(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(new Binding(row.getString("payer"), new PaymentIdentifier(Hash.of(row.getBytes("id")), Hash.of(row.getBytes("payload"))),
                Hash.of(row.getBytes("fingerprint")), Hash.of(row.getBytes("job")))) : Optional.empty();
        }
    }

    /// Gives a name to a job that the same transaction has stored.
    ///
    /// @throws TakenException when it stands for another job; the transaction must not be committed then
    static void bind(Connection connection, Binding binding) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("""
            insert into payment_identifier (payer, id, payload, fingerprint, job) values (?, ?, ?, ?, ?)
            on conflict (payer, id) do update set payload = excluded.payload, fingerprint = excluded.fingerprint, job = excluded.job
            where exists (select 1 from job where job.id = payment_identifier.job and job.state in """ + GIVEN_BACK + ")")) {
            upsert.setString(1, binding.payer);
            upsert.setBytes(2, binding.identifier.id().bytes());
            upsert.setBytes(3, binding.identifier.payload().bytes());
            upsert.setBytes(4, binding.fingerprint.bytes());
            upsert.setBytes(5, binding.job.bytes());
            if (upsert.executeUpdate() == 1) {
                return;
            }
        }
        throw new TakenException();
    }

    /// The name stands for another job.
    static final class TakenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TakenException() {
            super("the name of this purchase stands for another job", null, false, false);
        }
    }
}
