package network.nyxos.indexer.decode;

import java.util.List;
import software.sava.core.accounts.PublicKey;

/// An inner instruction of a transaction.
///
/// @param outerIndex index of the transaction's instruction that made it
/// @param innerIndex index among the inner instructions of that one
/// @param program the program called
/// @param accounts the accounts given
/// @param data its data
public record ProgramCall(int outerIndex, int innerIndex, PublicKey program, List<PublicKey> accounts, byte[] data) {
    /// Copies the list and the data.
    public ProgramCall {
        accounts = List.copyOf(accounts);
        data = data.clone();
    }

    /// A copy of the data.
    @Override
    public byte[] data() {
        return data.clone();
    }
}
