package network.nyxos.chain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What would happen to a transaction.
///
/// @param error        why it would fail; empty when it would succeed
/// @param logs         of the programs
/// @param computeUnits it would use, where the node says it
/// @param slot         the slot as of which the node answered
public record Simulation(Optional<TransactionError> error, List<String> logs, OptionalLong computeUnits, long slot) {
    /// Copies the list.
    public Simulation {
        logs = List.copyOf(logs);
    }
}
