package network.nyxos.escrow.token;

import java.nio.charset.StandardCharsets;
import java.util.List;
import network.nyxos.escrow.borsh.BorshWriter;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// Instructions of the system, memo and compute budget programs.
public final class BuiltIn {
    private BuiltIn() {
    }

    /// Makes a new account.
    ///
    /// @param payer    pays the lamports, signs
    /// @param account  the new account's key, signs
    /// @param lamports at least the rent exemption for the space
    /// @param space    bytes
    /// @param owner    the program that owns it
    public static Instruction createAccount(PublicKey payer, PublicKey account, long lamports, long space, PublicKey owner) {
        return Instruction.createInstruction(WellKnown.SYSTEM, List.of(AccountMeta.createWritableSigner(payer), AccountMeta.createWritableSigner(account)),
            new BorshWriter(52).u32(0).u64(lamports).u64(space).publicKey(owner).toByteArray());
    }

    /// Moves lamports between wallets.
    public static Instruction transferLamports(PublicKey from, PublicKey to, long lamports) {
        return Instruction.createInstruction(WellKnown.SYSTEM, List.of(AccountMeta.createWritableSigner(from), AccountMeta.createWrite(to)),
            new BorshWriter(12).u32(2).u64(lamports).toByteArray());
    }

    /// A memo without signers.
    public static Instruction memo(String text) {
        return Instruction.createInstruction(WellKnown.MEMO, List.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    /// Bounds the transaction's compute units.
    ///
    /// @param units 0 to 1 400 000
    public static Instruction computeUnitLimit(int units) {
        return Instruction.createInstruction(WellKnown.COMPUTE_BUDGET, List.of(), new BorshWriter(5).u8(2).u32(units).toByteArray());
    }

    /// Offers a priority fee.
    ///
    /// @param microLamports millionths of a lamport per compute unit
    public static Instruction computeUnitPrice(long microLamports) {
        return Instruction.createInstruction(WellKnown.COMPUTE_BUDGET, List.of(), new BorshWriter(9).u8(3).u64(microLamports).toByteArray());
    }
}
