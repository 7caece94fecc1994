package network.nyxos.cli.attach;

import java.util.Locale;

/** Where a bond of the registry stands; a node's and a validator's have the same states. */
public enum BondState {
    /** It is there, and whose it is works. */
    ACTIVE,
    /** It was asked back. */
    UNBONDING,
    /** It was paid back. */
    WITHDRAWN,
    /** The verifiers took of it. */
    SLASHED;

    /** The state of an account's byte, 1 to 4. */
    public static BondState of(int code) {
        return values()[code - 1];
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
