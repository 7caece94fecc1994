package network.nyxos.chain;

import java.util.Arrays;
import java.util.Objects;
import software.sava.core.accounts.PublicKey;

/// An account as a node told it.
///
/// @param address    its address
/// @param owner      the program that owns it
/// @param lamports   its balance
/// @param data       its data
/// @param executable whether it is a program
/// @param slot       the slot as of which the node answered
public record Account(PublicKey address, PublicKey owner, long lamports, byte[] data, boolean executable, long slot) {
    /// Copies the data.
    public Account {
        data = data.clone();
    }

    /// A copy of the data.
    @Override
    public byte[] data() {
        return data.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Account that && address.equals(that.address) && owner.equals(that.owner) && lamports == that.lamports
            && Arrays.equals(data, that.data) && executable == that.executable && slot == that.slot;
    }

    @Override
    public int hashCode() {
        return Objects.hash(address, slot, Arrays.hashCode(data));
    }

    @Override
    public String toString() {
        return "Account[" + address + ", owner=" + owner + ", lamports=" + lamports + ", " + data.length + " bytes, slot=" + slot + "]";
    }
}
