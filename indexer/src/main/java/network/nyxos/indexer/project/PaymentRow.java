package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// An exact payment under a reference. Its row outlives the record on chain.
///
/// @param address address of the account
/// @param pool what it was paid into
/// @param payer who paid
/// @param rentPayer who gets the rent back
/// @param reference what it was for, hex
/// @param amount base units
/// @param paidSlot slot of the payment
/// @param closed whether the record is closed
public record PaymentRow(String address, String pool, String payer, String rentPayer, String reference, BigInteger amount, BigInteger paidSlot, boolean closed)
    implements Row {
    @Override
    public String table() {
        return "payment";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("pool", pool).with("payer", payer).with("rent_payer", rentPayer).with("reference", reference).with("amount", amount)
            .with("paid_slot", paidSlot).with("closed", closed).done();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    PaymentRow gone() {
        return new PaymentRow(address, pool, payer, rentPayer, reference, amount, paidSlot, true);
    }
}
