package network.nyxos.escrow.token;

import java.util.List;
import network.nyxos.escrow.borsh.BorshWriter;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// Instructions of the two token programs, which share these layouts, and of the associated token account program. `tokenProgram` is always
/// {@link WellKnown#TOKEN} or {@link WellKnown#TOKEN_2022}.
public final class Tokens {
    private static final int INITIALIZE_MINT_2 = 20;
    private static final int MINT_TO = 7;
    private static final int TRANSFER_CHECKED = 12;
    private static final int CREATE_IDEMPOTENT = 1;

    private Tokens() {
    }

    /// The associated token account of a wallet (or a program's address) for a mint.
    public static PublicKey associated(PublicKey owner, PublicKey mint, PublicKey tokenProgram) {
        return PublicKey.findProgramAddress(List.of(owner.toByteArray(), tokenProgram.toByteArray(), mint.toByteArray()), WellKnown.ASSOCIATED_TOKEN).publicKey();
    }

    /// Makes the associated token account where it is missing; does nothing where it is there.
    ///
    /// @param payer pays the rent, signs
    public static Instruction createAssociated(PublicKey payer, PublicKey owner, PublicKey mint, PublicKey tokenProgram) {
        return Instruction.createInstruction(WellKnown.ASSOCIATED_TOKEN, List.of(AccountMeta.createWritableSigner(payer),
            AccountMeta.createWrite(associated(owner, mint, tokenProgram)), AccountMeta.createRead(owner), AccountMeta.createRead(mint),
            AccountMeta.createRead(WellKnown.SYSTEM), AccountMeta.createRead(tokenProgram)), new byte[] {CREATE_IDEMPOTENT});
    }

    /// Moves tokens between token accounts of one mint.
    ///
    /// @param authority the source's owner, signs
    /// @param amount    base units, as its 64 bits
    /// @param decimals  the mint's, checked by the program
    public static Instruction transferChecked(PublicKey source, PublicKey mint, PublicKey destination, PublicKey authority, long amount, int decimals,
                                              PublicKey tokenProgram) {
        return Instruction.createInstruction(tokenProgram, List.of(AccountMeta.createWrite(source), AccountMeta.createRead(mint),
            AccountMeta.createWrite(destination), AccountMeta.createReadOnlySigner(authority)),
            new BorshWriter(10).u8(TRANSFER_CHECKED).u64(amount).u8(decimals).toByteArray());
    }

    /// Makes new tokens.
    ///
    /// @param authority the mint authority, signs
    /// @param amount    base units
    public static Instruction mintTo(PublicKey mint, PublicKey destination, PublicKey authority, long amount, PublicKey tokenProgram) {
        return Instruction.createInstruction(tokenProgram, List.of(AccountMeta.createWrite(mint), AccountMeta.createWrite(destination),
            AccountMeta.createReadOnlySigner(authority)), new BorshWriter(9).u8(MINT_TO).u64(amount).toByteArray());
    }

    /// Turns a new account of {@link TokenAccounts#MINT_SIZE} bytes, owned by the token program, into a mint without a freeze authority.
    public static Instruction initializeMint(PublicKey mint, int decimals, PublicKey mintAuthority, PublicKey tokenProgram) {
        return Instruction.createInstruction(tokenProgram, List.of(AccountMeta.createWrite(mint)),
            new BorshWriter(35).u8(INITIALIZE_MINT_2).u8(decimals).publicKey(mintAuthority).u8(0).toByteArray());
    }
}
