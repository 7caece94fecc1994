package network.nyxos.indexer.project;

import java.math.BigInteger;

/// An account that has a bond: a node or a validator. What happens to the bond happens to both alike.
public sealed interface BondedRow extends Row permits NodeRow, ValidatorRow {
    /// The registry configuration it belongs to.
    String config();

    /// Its state.
    BondState state();

    /// Base units.
    BigInteger bond();

    /// Slot from which the bond can be withdrawn; 0 = it was not asked back.
    BigInteger unbondSlot();

    /// Base units taken from the bond so far.
    BigInteger slashedTotal();

    /// With what became of its bond.
    BondedRow withBond(BondState next, BigInteger amount, BigInteger unbondFrom, BigInteger slashed);

    @Override
    default boolean isClosed() {
        return state() == BondState.CLOSED;
    }

    /// With another amount.
    default BondedRow holding(BigInteger amount) {
        return withBond(state(), amount, unbondSlot(), slashedTotal());
    }

    /// Asked back, to be had from a slot on.
    default BondedRow leaving(BigInteger from) {
        return withBond(BondState.UNBONDING, bond(), from, slashedTotal());
    }

    /// Given back. What a slash left can be withdrawn too; who was slashed stays so.
    default BondedRow givenBack(BigInteger left) {
        return withBond(state() == BondState.SLASHED ? state() : BondState.WITHDRAWN, left, unbondSlot(), slashedTotal());
    }

    /// Closed.
    default BondedRow closed() {
        return withBond(BondState.CLOSED, bond(), unbondSlot(), slashedTotal());
    }
}
