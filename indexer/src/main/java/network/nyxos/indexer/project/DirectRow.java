package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.Optional;
import java.util.SequencedMap;

/// A job that its node settled by itself while nothing was posted. Its row outlives the account.
///
/// @param address address of the account
/// @param pool its pool
/// @param escrow the payer's, which was debited
/// @param job the job's id, hex
/// @param nodeKey whom it is paid to
/// @param payer whose money it was
/// @param rentPayer who gets the rent back
/// @param gateway who assigned the job
/// @param state its state
/// @param receiptHash of the node's receipt, hex
/// @param charge debited
/// @param fee of that, the treasury's
/// @param settledSlot when it was settled
/// @param finalSlot can be voided until, and is paid from
/// @param voidReason what the verifiers gave as a reason; empty when they said nothing
/// @param closed whether its account is no more
public record DirectRow(String address, String pool, String escrow, String job, String nodeKey, String payer, String rentPayer, String gateway, DirectState state,
    String receiptHash, BigInteger charge, BigInteger fee, BigInteger settledSlot, BigInteger finalSlot, Optional<Integer> voidReason, boolean closed)
    implements Row {
    @Override
    public String table() {
        return "direct";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("pool", pool).with("escrow", escrow).with("job", job).with("node_key", nodeKey).with("payer", payer)
            .with("rent_payer", rentPayer).with("gateway", gateway).with("state", state.wireName()).with("receipt_hash", receiptHash).with("charge", charge)
            .with("fee", fee).with("settled_slot", settledSlot).with("final_slot", finalSlot).with("void_reason", voidReason).with("closed", closed).done();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    DirectRow with(DirectState next, Optional<Integer> reason) {
        return new DirectRow(address, pool, escrow, job, nodeKey, payer, rentPayer, gateway, next, receiptHash, charge, fee, settledSlot, finalSlot, reason, closed);
    }

    DirectRow gone() {
        return new DirectRow(address, pool, escrow, job, nodeKey, payer, rentPayer, gateway, state, receiptHash, charge, fee, settledSlot, finalSlot, voidReason, true);
    }
}
