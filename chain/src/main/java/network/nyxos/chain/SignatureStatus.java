package network.nyxos.chain;

import java.util.Optional;

/// What a node knows of a transaction.
///
/// @param slot       where it was executed
/// @param commitment how sure that is
/// @param error      why it failed; empty when it succeeded
public record SignatureStatus(long slot, Commitment commitment, Optional<TransactionError> error) {
    /// Whether it is at least confirmed.
    public boolean isConfirmed() {
        return commitment != Commitment.PROCESSED;
    }
}
