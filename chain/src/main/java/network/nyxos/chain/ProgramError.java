package network.nyxos.chain;

import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.nyxos.escrow.borsh.ProgramErrorCode;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.associated.AssociatedTokenError;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.escrow.program.registry.RegistryError;
import network.nyxos.escrow.program.token.TokenError;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.WireTransaction;
import software.sava.core.accounts.PublicKey;

/// A program's own error behind a failed transaction.
///
/// @param program the program whose error it is; where only the failed instruction is known and the number is none of its program's, that program
/// @param number  the error's number
/// @param code    the error, a constant of {@link EscrowError}, {@link RegistryError}, {@link TokenError} or {@link AssociatedTokenError}; empty when none of
///                these programs has such a number
public record ProgramError(PublicKey program, long number, Optional<ProgramErrorCode> code) {
    /// What every program that gave up says, the innermost first.
    private static final Pattern FAILED = Pattern.compile("Program (\\w{32,44}) failed: custom program error: 0x([0-9a-f]{1,8})");

    /// The error of a transaction that failed with one, as far as it can be told without logs: an error of a program that ours called has only a number.
    public static Optional<ProgramError> of(TransactionError error, WireTransaction transaction, Programs programs) {
        return of(error, transaction, programs, List.of());
    }

    /// The error of a transaction that failed with one.
    ///
    /// @param logs the transaction's; they tell which program it was that failed first
    public static Optional<ProgramError> of(TransactionError error, WireTransaction transaction, Programs programs, List<String> logs) {
        if (error.custom().isEmpty() || error.instruction().isEmpty() || error.instruction().getAsInt() >= transaction.programs().size()) {
            return Optional.empty();
        }
        long number = error.custom().getAsLong();
        PublicKey program = logs.stream().map(FAILED::matcher).filter(Matcher::matches).filter(line -> Long.parseLong(line.group(2), 16) == number).findFirst()
            .map(line -> PublicKey.fromBase58Encoded(line.group(1))).orElseGet(() -> transaction.programs().get(error.instruction().getAsInt()));
        return Optional.of(new ProgramError(program, number, codes(program, programs).apply(number)));
    }

    private static LongFunction<Optional<ProgramErrorCode>> codes(PublicKey program, Programs programs) {
        if (program.equals(programs.escrow())) {
            return number -> EscrowError.of(number).map(ProgramErrorCode.class::cast);
        }
        if (program.equals(programs.registry())) {
            return number -> RegistryError.of(number).map(ProgramErrorCode.class::cast);
        }
        if (program.equals(WellKnown.TOKEN) || program.equals(WellKnown.TOKEN_2022)) {
            return number -> TokenError.of(number).map(ProgramErrorCode.class::cast);
        }
        if (program.equals(WellKnown.ASSOCIATED_TOKEN)) {
            return number -> AssociatedTokenError.of(number).map(ProgramErrorCode.class::cast);
        }
        return _ -> Optional.empty();
    }

    /// The error's name in its program's IDL, or `Custom` for a number that is not known.
    public String name() {
        return code.map(ProgramErrorCode::idlName).orElse("Custom");
    }

    /// What it means.
    public String message() {
        return code.map(ProgramErrorCode::message).orElseGet(() -> "error " + number + " of " + program + " or a program that it called");
    }
}
