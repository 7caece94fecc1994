package network.nyxos.chain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.WireTransaction;

/// A transaction that the chain has executed.
///
/// @param slot              where
/// @param blockTime         unix seconds, where the node knows it
/// @param transaction       what was sent, with looked-up accounts resolved
/// @param error             why it failed; empty when it succeeded
/// @param fee               lamports
/// @param computeUnits      used, where the node says it
/// @param instructions      the transaction's own, in order
/// @param inner             for each of those, the instructions that were called from it, in order of execution
/// @param preTokenBalances  before
/// @param postTokenBalances after
/// @param logs              as far as the node kept them; may be cut
public record ConfirmedTransaction(long slot, OptionalLong blockTime, WireTransaction transaction, Optional<TransactionError> error, long fee,
                                   OptionalLong computeUnits, List<ChainInstruction> instructions, List<List<ChainInstruction>> inner,
                                   List<TokenBalance> preTokenBalances, List<TokenBalance> postTokenBalances, List<String> logs) {
    /// Copies the lists.
    public ConfirmedTransaction {
        instructions = List.copyOf(instructions);
        inner = List.copyOf(inner);
        preTokenBalances = List.copyOf(preTokenBalances);
        postTokenBalances = List.copyOf(postTokenBalances);
        logs = List.copyOf(logs);
    }

    /// The transaction's id.
    public Signature signature() {
        return transaction.signatures().getFirst();
    }
}
