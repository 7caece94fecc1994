package network.nyxos.chain;

import java.util.List;

/// Accounts of a program as a node told them in one answer.
///
/// @param slot     the slot as of which the node answered, also when there is no account
/// @param accounts the accounts
public record ProgramState(long slot, List<Account> accounts) {
    /// Copies the list.
    public ProgramState {
        accounts = List.copyOf(accounts);
    }
}
