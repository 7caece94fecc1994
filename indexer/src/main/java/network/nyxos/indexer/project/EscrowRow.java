package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// A payer's deposit. Its row outlives the account, which is closed when the payer has left.
///
/// @param address address of the account
/// @param market its market
/// @param pool its pool
/// @param payer whose money it is
/// @param mint of the money
/// @param sessionKey key that signs vouchers
/// @param rentPayer who gets the rent back
/// @param state its state
/// @param deposited put in so far
/// @param settled moved to the pool so far
/// @param returned given back on leaving
/// @param openSlot slot that is part of its address
/// @param exitSlot may leave from; 0 = not asked
/// @param sessionExpires unix seconds; 0 = never
/// @param sessionLimit most that may be settled; 0 = no limit
public record EscrowRow(String address, String market, String pool, String payer, String mint, String sessionKey, String rentPayer, EscrowState state,
    BigInteger deposited, BigInteger settled, BigInteger returned, BigInteger openSlot, BigInteger exitSlot, long sessionExpires,
    BigInteger sessionLimit) implements Row {
    @Override
    public String table() {
        return "escrow";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("market", market).with("pool", pool).with("payer", payer).with("mint", mint).with("session_key", sessionKey)
            .with("rent_payer", rentPayer).with("state", state.wireName()).with("deposited", deposited).with("settled", settled)
            .with("returned", returned).with("open_slot", openSlot).with("exit_slot", exitSlot).with("session_expires", sessionExpires)
            .with("session_limit", sessionLimit).done();
    }

    EscrowRow withDeposited(BigInteger sum) {
        return new EscrowRow(address, market, pool, payer, mint, sessionKey, rentPayer, state, sum, settled, returned, openSlot, exitSlot, sessionExpires,
            sessionLimit);
    }

    EscrowRow withSettled(BigInteger sum) {
        return new EscrowRow(address, market, pool, payer, mint, sessionKey, rentPayer, state, deposited, sum, returned, openSlot, exitSlot, sessionExpires,
            sessionLimit);
    }

    EscrowRow exitingFrom(BigInteger slot) {
        return new EscrowRow(address, market, pool, payer, mint, sessionKey, rentPayer, EscrowState.EXITING, deposited, settled, returned, openSlot, slot,
            sessionExpires, sessionLimit);
    }

    EscrowRow exitedWith(BigInteger amount) {
        return new EscrowRow(address, market, pool, payer, mint, sessionKey, rentPayer, EscrowState.EXITED, deposited, settled, amount, openSlot, exitSlot,
            sessionExpires, sessionLimit);
    }
}
