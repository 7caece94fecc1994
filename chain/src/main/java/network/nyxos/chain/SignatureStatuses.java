package network.nyxos.chain;

import java.util.List;
import java.util.Optional;

/// Answer to {@link SolanaRpc#signatureStatuses}.
///
/// @param slot     the slot as of which the node answered
/// @param statuses in the order of the question; empty for a transaction that the node does not know
public record SignatureStatuses(long slot, List<Optional<SignatureStatus>> statuses) {
    /// Copies the list.
    public SignatureStatuses {
        statuses = List.copyOf(statuses);
    }
}
