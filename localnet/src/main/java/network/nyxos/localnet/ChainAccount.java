package network.nyxos.localnet;

import java.util.Arrays;
import java.util.Objects;
import software.sava.core.accounts.PublicKey;

/**
 * An account as the chain holds it.
 *
 * @param lamports   balance in lamports, an unsigned 64-bit number
 * @param owner      the program that may change it
 * @param executable whether it is a program
 * @param rentEpoch  unsigned 64-bit; without meaning since rent is no longer collected
 * @param data       its bytes; not copied, so neither side may change them
 */
public record ChainAccount(long lamports, PublicKey owner, boolean executable, long rentEpoch, byte[] data) {

    /** What validators write where rent is never due: the largest unsigned 64-bit number. */
    public static final long RENT_EXEMPT_EPOCH = -1L;

    public ChainAccount {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(data, "data");
    }

    /** Two accounts are equal when all they hold is, their bytes compared one by one. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ChainAccount that
                && lamports == that.lamports && executable == that.executable && rentEpoch == that.rentEpoch
                && owner.equals(that.owner) && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hash(lamports, owner, executable, rentEpoch) + Arrays.hashCode(data);
    }

    /** A data account that is no program. */
    public static ChainAccount of(long lamports, PublicKey owner, byte[] data) {
        return new ChainAccount(lamports, owner, false, RENT_EXEMPT_EPOCH, data);
    }
}
