package network.nyxos.escrow.transaction;

import java.util.List;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.token.WellKnown;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// Instructions of the address lookup table program: a transaction of version 0 names what is in a table by one byte each.
///
/// Their data is bincode: the instruction's number as u32, then its fields, little-endian; a vector has its count before it as u64.
public final class LookupTables {
    /// The most that one transaction has room to put into a table that it makes.
    public static final int MOST_AT_ONCE = 20;

    private static final int CREATE = 0;
    private static final int EXTEND = 2;
    private static final int DEACTIVATE = 3;
    private static final int CLOSE = 4;

    private LookupTables() {
    }

    /// A table to be made.
    ///
    /// @param address      derived from its owner and a slot
    /// @param instructions make and fill it; to be put into one transaction in this order
    public record New(PublicKey address, List<Instruction> instructions) {
        /// Copies the list.
        public New {
            instructions = List.copyOf(instructions);
        }
    }

    /// A table with these addresses. It can be used from the next slot on. Signer: owner, who pays its rent.
    ///
    /// @param slot a recent one, that has a block
    /// @param keys 1 to {@link #MOST_AT_ONCE}
    public static New create(PublicKey owner, long slot, List<PublicKey> keys) {
        if (keys.isEmpty() || keys.size() > MOST_AT_ONCE) {
            throw new IllegalArgumentException("a table is made with 1 to " + MOST_AT_ONCE + " addresses, not " + keys.size());
        }
        byte[] seed = new BorshWriter(Long.BYTES).u64(slot).toByteArray();
        var derived = PublicKey.findProgramAddress(List.of(owner.toByteArray(), seed), WellKnown.ADDRESS_LOOKUP_TABLE);
        PublicKey table = derived.publicKey();
        List<AccountMeta> accounts = List.of(AccountMeta.createWrite(table), AccountMeta.createReadOnlySigner(owner), AccountMeta.createWritableSigner(owner),
            AccountMeta.createRead(WellKnown.SYSTEM));
        return new New(table, List.of(call(accounts, data(CREATE).u64(slot).u8(derived.nonce())),
            call(accounts, data(EXTEND).u64(keys.size()).array(keys, keys.size(), BorshWriter::publicKey))));
    }

    /// Takes a table out of use; some 513 slots later it can be closed. Signer: owner.
    public static Instruction deactivate(PublicKey table, PublicKey owner) {
        return call(List.of(AccountMeta.createWrite(table), AccountMeta.createReadOnlySigner(owner)), data(DEACTIVATE));
    }

    /// Closes a table; its rent goes to its owner. Signer: owner.
    public static Instruction close(PublicKey table, PublicKey owner) {
        return call(List.of(AccountMeta.createWrite(table), AccountMeta.createReadOnlySigner(owner), AccountMeta.createWrite(owner)), data(CLOSE));
    }

    private static BorshWriter data(int instruction) {
        return new BorshWriter(16).u32(instruction);
    }

    private static Instruction call(List<AccountMeta> accounts, BorshWriter data) {
        return Instruction.createInstruction(WellKnown.ADDRESS_LOOKUP_TABLE, accounts, data.toByteArray());
    }
}
