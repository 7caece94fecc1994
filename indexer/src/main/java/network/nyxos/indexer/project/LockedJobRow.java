package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// An amount locked for one node's work.
///
/// @param address address of the account
/// @param pool its pool
/// @param payer whose money it is
/// @param nodeKey whom it is released to
/// @param rentPayer who gets the rent back
/// @param state its state
/// @param termsHash hash of what was agreed, hex
/// @param feeBps fee on what is released, hundredths of a percent
/// @param amount locked
/// @param released to node and treasury so far
/// @param refunded given back
/// @param openSlot slot that is part of its address
/// @param deadlineSlot the rest goes back from
public record LockedJobRow(String address, String pool, String payer, String nodeKey, String rentPayer, LockedJobState state, String termsHash, int feeBps,
    BigInteger amount, BigInteger released, BigInteger refunded, BigInteger openSlot, BigInteger deadlineSlot) implements Row {
    @Override
    public String table() {
        return "locked_job";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("pool", pool).with("payer", payer).with("node_key", nodeKey).with("rent_payer", rentPayer)
            .with("state", state.wireName()).with("terms_hash", termsHash).with("fee_bps", feeBps).with("amount", amount).with("released", released)
            .with("refunded", refunded).with("open_slot", openSlot).with("deadline_slot", deadlineSlot).done();
    }

    @Override
    public boolean isClosed() {
        return state == LockedJobState.CLOSED;
    }

    LockedJobRow withReleased(BigInteger sum) {
        return new LockedJobRow(address, pool, payer, nodeKey, rentPayer, state, termsHash, feeBps, amount, sum, refunded, openSlot, deadlineSlot);
    }

    LockedJobRow closedWith(BigInteger rest) {
        return new LockedJobRow(address, pool, payer, nodeKey, rentPayer, LockedJobState.CLOSED, termsHash, feeBps, amount, released, rest, openSlot,
            deadlineSlot);
    }
}
