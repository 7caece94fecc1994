package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// A credit that somebody has proven to stand in a batch. Its row outlives the account.
///
/// @param address address of the account
/// @param pool its pool
/// @param seq the batch
/// @param prover who proved it and gets the rent back
/// @param leafIndex its place in the batch's tree
/// @param payee whose credit
/// @param kind code of what it is for
/// @param cumulative base units
/// @param closed whether the account is closed
public record LeafRow(String address, String pool, BigInteger seq, String prover, long leafIndex, String payee, int kind, BigInteger cumulative, boolean closed)
    implements Row {
    @Override
    public String table() {
        return "leaf";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("pool", pool).with("seq", seq).with("prover", prover).with("leaf_index", leafIndex).with("payee", payee)
            .with("kind", kind).with("cumulative", cumulative).with("closed", closed).done();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    LeafRow gone() {
        return new LeafRow(address, pool, seq, prover, leafIndex, payee, kind, cumulative, true);
    }
}
