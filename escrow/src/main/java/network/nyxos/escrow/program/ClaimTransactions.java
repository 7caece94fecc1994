package network.nyxos.escrow.program;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditNode;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;
import software.sava.core.tx.Instruction;

/// Pays a credit out in as few transactions as the length of its proof allows: each doubling of a pool's payees adds 40 bytes to a claim, and a transaction
/// has 1 232.
///
/// @param pool  the pool
/// @param table a lookup table that has {@link PoolCalls#claimAccounts}; asked for only where a claim needs one
public record ClaimTransactions(PoolCalls pool, Supplier<Optional<AddressLookupTable>> table) {

    /// The transactions, to be confirmed one after the other: most often one that makes the wallet's token account where it is missing and claims; else that
    /// account's by itself, and the claim's. Each may be sent again.
    ///
    /// @param feePayer pays fees and rent, and signs alone
    /// @param wallet   whom it is paid to, as {@link PoolCalls#claim} has it
    /// @param seq      the final batch whose tree the proof is of
    /// @param index    the credit's place
    /// @param proof    its audit path
    /// @throws ProtocolException `claim_needs_table`, `claim_too_long` (beyond 20 steps for a node's claim, 21 for a wallet's)
    public List<TransactionBuilder> of(PublicKey feePayer, PublicKey wallet, long seq, Credit credit, long index, List<CreditNode> proof) {
        Instruction account = Tokens.createAssociated(feePayer, wallet, pool.mint(), pool.tokenProgram());
        Instruction claim = pool.claim(feePayer, wallet, seq, credit, index, proof);
        TransactionBuilder whole = TransactionBuilder.legacy(feePayer).add(account).add(claim);
        if (whole.fits()) {
            return List.of(whole);
        }
        Optional<AddressLookupTable> found = table.get();
        Optional<TransactionBuilder> short0 = found.map(known -> TransactionBuilder.v0(feePayer, List.of(known)).add(account).add(claim)).filter(TransactionBuilder::fits);
        if (short0.isPresent()) {
            return List.of(short0.get());
        }
        TransactionBuilder alone = found.map(known -> TransactionBuilder.v0(feePayer, List.of(known))).orElseGet(() -> TransactionBuilder.legacy(feePayer)).add(claim);
        if (!alone.fits()) {
            if (found.isPresent()) {
                throw new ProtocolException("claim_too_long", "the proof has " + proof.size() + " steps, more than fit into a transaction even with a lookup table");
            }
            throw new ProtocolException("claim_needs_table", "the proof has " + proof.size() + " steps, and a claim with so many fits into a transaction only with a lookup table "
                + "of the pool's accounts; none was found: make one with './nyxos market table make'");
        }
        return List.of(TransactionBuilder.legacy(feePayer).add(account), alone);
    }
}
