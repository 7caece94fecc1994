package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// What a payee has been paid out of a pool.
///
/// @param address address of the account
/// @param pool its pool
/// @param payee node key or wallet
/// @param kind 1 node, 2 royalty, 3 validator, 4 treasury, 5 refund
/// @param claimed over all time, base units
/// @param lastSeq batch of the last proof
public record ClaimRow(String address, String pool, String payee, int kind, BigInteger claimed, BigInteger lastSeq) implements Row {
    @Override
    public String table() {
        return "claim";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("pool", pool).with("payee", payee).with("kind", kind).with("claimed", claimed).with("last_seq", lastSeq).done();
    }
}
