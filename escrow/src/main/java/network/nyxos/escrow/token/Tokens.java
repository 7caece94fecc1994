package network.nyxos.escrow.token;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.program.associated.AssociatedTokenInstruction;
import network.nyxos.escrow.program.token.TokenInstruction;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// Instructions of the two token programs, which share these layouts, and of the associated token account program. `tokenProgram` is always
/// {@link WellKnown#TOKEN} or {@link WellKnown#TOKEN_2022}. Everything else that they can do is in {@link TokenInstruction} and {@link AssociatedTokenInstruction}.
public final class Tokens {
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
        return new AssociatedTokenInstruction.CreateIdempotent().instruction(WellKnown.ASSOCIATED_TOKEN,
            new AssociatedTokenInstruction.CreateIdempotent.Accounts(payer, associated(owner, mint, tokenProgram), owner, mint, tokenProgram));
    }

    /// Moves tokens between token accounts of one mint.
    ///
    /// @param authority the source's owner, signs
    /// @param amount    base units, as its 64 bits
    /// @param decimals  the mint's, checked by the program
    public static Instruction transferChecked(PublicKey source, PublicKey mint, PublicKey destination, PublicKey authority, long amount, int decimals,
                                              PublicKey tokenProgram) {
        return new TokenInstruction.TransferChecked(amount, decimals).instruction(tokenProgram,
            new TokenInstruction.TransferChecked.Accounts(source, mint, destination, authority));
    }

    /// Makes new tokens.
    ///
    /// @param authority the mint authority, signs
    /// @param amount    base units
    public static Instruction mintTo(PublicKey mint, PublicKey destination, PublicKey authority, long amount, PublicKey tokenProgram) {
        return new TokenInstruction.MintTo(amount).instruction(tokenProgram, new TokenInstruction.MintTo.Accounts(mint, destination, authority));
    }

    /// Turns a new account of {@link TokenAccounts#MINT_SIZE} bytes, owned by the token program, into a mint without a freeze authority.
    public static Instruction initializeMint(PublicKey mint, int decimals, PublicKey mintAuthority, PublicKey tokenProgram) {
        return new TokenInstruction.InitializeMint2(decimals, mintAuthority, Optional.empty()).instruction(tokenProgram,
            new TokenInstruction.InitializeMint2.Accounts(mint));
    }
}
