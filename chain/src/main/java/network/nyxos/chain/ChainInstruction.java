package network.nyxos.chain;

import java.util.Arrays;
import java.util.List;
import software.sava.core.accounts.PublicKey;

/// An executed instruction with its accounts resolved.
///
/// @param program  the program called
/// @param accounts in order
/// @param data     as given to the program
public record ChainInstruction(PublicKey program, List<PublicKey> accounts, byte[] data) {
    /// Copies.
    public ChainInstruction {
        accounts = List.copyOf(accounts);
        data = data.clone();
    }

    @Override
    public byte[] data() {
        return data.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChainInstruction that && program.equals(that.program) && accounts.equals(that.accounts) && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data) + accounts.hashCode();
    }
}
