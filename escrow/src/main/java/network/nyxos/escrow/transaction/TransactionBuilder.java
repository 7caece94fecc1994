package network.nyxos.escrow.transaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.accounts.meta.LookupTableAccountMeta;
import software.sava.core.tx.Instruction;
import software.sava.core.tx.Transaction;

/// Collects instructions; {@link #compile} turns them into a transaction that can be signed.
public final class TransactionBuilder {
    private final PublicKey feePayer;
    private final List<AddressLookupTable> tables;
    private final List<Instruction> instructions = new ArrayList<>();

    private TransactionBuilder(PublicKey feePayer, List<AddressLookupTable> tables) {
        this.feePayer = feePayer;
        this.tables = tables;
    }

    /// A legacy transaction.
    public static TransactionBuilder legacy(PublicKey feePayer) {
        return new TransactionBuilder(feePayer, List.of());
    }

    /// A version 0 transaction that names accounts through lookup tables where they are in one.
    ///
    /// @param tables one or more
    public static TransactionBuilder v0(PublicKey feePayer, List<AddressLookupTable> tables) {
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("a version 0 transaction is for lookup tables; without one use a legacy transaction");
        }
        return new TransactionBuilder(feePayer, List.copyOf(tables));
    }

    /// Adds an instruction at the end.
    public TransactionBuilder add(Instruction instruction) {
        instructions.add(instruction);
        return this;
    }

    /// Adds instructions at the end, in order.
    public TransactionBuilder addAll(Collection<Instruction> more) {
        instructions.addAll(more);
        return this;
    }

    /// Lays the message out.
    ///
    /// @param blockhash a recent one
    /// @throws TransactionTooLargeException when the signed transaction would have more than 1 232 bytes
    public UnsignedTransaction compile(Hash blockhash) {
        Transaction transaction = transaction();
        if (transaction.exceedsSizeLimit()) {
            throw new TransactionTooLargeException(transaction.size());
        }
        transaction.setRecentBlockHash(blockhash.bytes());
        return new UnsignedTransaction(transaction.serialized());
    }

    /// Whether the signed transaction has 1 232 bytes at most.
    public boolean fits() {
        return !transaction().exceedsSizeLimit();
    }

    private Transaction transaction() {
        if (instructions.isEmpty()) {
            throw new IllegalStateException("a transaction needs an instruction");
        }
        AccountMeta payer = AccountMeta.createFeePayer(feePayer);
        return tables.isEmpty() ? Transaction.createTx(payer, instructions) : Transaction.createTx(payer, instructions, LookupTableAccountMeta.createMetas(tables));
    }
}
