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
/// @param settled debited for work so far
/// @param collected of that, moved to the vault or held for a node that settled it by itself; what was settled and not collected at the end is the pool's to collect
/// @param returned given back on leaving
/// @param openSlot slot that is part of its address
/// @param exitSlot may leave from; 0 = not asked
/// @param sessionExpires unix seconds; 0 = never
/// @param sessionLimit most that may be settled; 0 = no limit
/// @param operator who may settle it
/// @param prepaid whether anybody could open it, without its payer's signature
public record EscrowRow(String address, String market, String pool, String payer, String mint, String sessionKey, String rentPayer, EscrowState state,
    BigInteger deposited, BigInteger settled, BigInteger collected, BigInteger returned, BigInteger openSlot, BigInteger exitSlot, long sessionExpires,
    BigInteger sessionLimit, String operator, boolean prepaid) implements Row {
    @Override
    public String table() {
        return "escrow";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("market", market).with("pool", pool).with("payer", payer).with("mint", mint).with("session_key", sessionKey)
            .with("rent_payer", rentPayer).with("state", state.wireName()).with("deposited", deposited).with("settled", settled).with("collected", collected)
            .with("returned", returned).with("open_slot", openSlot).with("exit_slot", exitSlot).with("session_expires", sessionExpires)
            .with("session_limit", sessionLimit).with("operator", operator).with("prepaid", prepaid).done();
    }

    @Override
    public boolean isClosed() {
        return state == EscrowState.EXITED;
    }

    EscrowRow withDeposited(BigInteger sum) {
        return with(state, sum, settled, collected, returned, exitSlot);
    }

    EscrowRow withSettled(BigInteger sum) {
        return with(state, deposited, sum, collected, returned, exitSlot);
    }

    EscrowRow collecting(BigInteger amount) {
        return with(state, deposited, settled, collected.add(amount), returned, exitSlot);
    }

    /// Settled by a node itself: nothing of it is left to collect.
    EscrowRow settledDirectly(BigInteger sum, BigInteger charge) {
        return with(state, deposited, sum, collected.add(charge), returned, exitSlot);
    }

    /// Given back what a node had settled by itself.
    EscrowRow givenBack(BigInteger charge) {
        return with(state, deposited, settled.subtract(charge), collected.subtract(charge), returned, exitSlot);
    }

    EscrowRow exitingFrom(BigInteger slot) {
        return with(EscrowState.EXITING, deposited, settled, collected, returned, slot);
    }

    EscrowRow exitedWith(BigInteger amount) {
        return with(EscrowState.EXITED, deposited, settled, collected, amount, exitSlot);
    }

    EscrowRow operatedBy(String who) {
        return new EscrowRow(address, market, pool, payer, mint, sessionKey, rentPayer, state, deposited, settled, collected, returned, openSlot, exitSlot,
            sessionExpires, sessionLimit, who, prepaid);
    }

    private EscrowRow with(EscrowState now, BigInteger in, BigInteger debited, BigInteger moved, BigInteger back, BigInteger exit) {
        return new EscrowRow(address, market, pool, payer, mint, sessionKey, rentPayer, now, in, debited, moved, back, openSlot, exit, sessionExpires,
            sessionLimit, operator, prepaid);
    }
}
