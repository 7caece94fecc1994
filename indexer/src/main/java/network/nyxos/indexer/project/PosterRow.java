package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// Who posts a market's batches, and the bond that answers for them. Its row outlives the account; a later one of the same operator begins anew.
///
/// @param address address of the account
/// @param market its market
/// @param operator who posts
/// @param rentPayer who gets the rent back
/// @param state its state
/// @param bond base units of the market's bond mint
/// @param unbondSlot withdrawable from; 0 when it never asked
/// @param lockedUntil when the last window of its batches ends
/// @param slashedTotal base units taken from it by challenges
public record PosterRow(String address, String market, String operator, String rentPayer, PosterState state, BigInteger bond, BigInteger unbondSlot,
    BigInteger lockedUntil, BigInteger slashedTotal) implements Row {
    @Override
    public String table() {
        return "poster";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("market", market).with("operator", operator).with("rent_payer", rentPayer).with("state", state.wireName())
            .with("bond", bond).with("unbond_slot", unbondSlot).with("locked_until", lockedUntil).with("slashed_total", slashedTotal).done();
    }

    @Override
    public boolean isClosed() {
        return state == PosterState.WITHDRAWN;
    }

    PosterRow bonded(BigInteger now) {
        return new PosterRow(address, market, operator, rentPayer, PosterState.BONDED, now, BigInteger.ZERO, lockedUntil, slashedTotal);
    }

    PosterRow leavingAt(BigInteger slot) {
        return new PosterRow(address, market, operator, rentPayer, PosterState.UNBONDING, bond, slot, lockedUntil, slashedTotal);
    }

    PosterRow withdrawn() {
        return new PosterRow(address, market, operator, rentPayer, PosterState.WITHDRAWN, BigInteger.ZERO, unbondSlot, lockedUntil, slashedTotal);
    }

    PosterRow answeringUntil(BigInteger slot) {
        return new PosterRow(address, market, operator, rentPayer, state, bond, unbondSlot, lockedUntil.max(slot), slashedTotal);
    }

    PosterRow slashedBy(BigInteger amount) {
        return new PosterRow(address, market, operator, rentPayer, state, BigInteger.ZERO, unbondSlot, lockedUntil, slashedTotal.add(amount));
    }
}
