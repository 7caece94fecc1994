package network.nyxos.chain;

import java.util.Optional;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.escrow.program.registry.RegistryError;
import network.nyxos.escrow.transaction.WireTransaction;
import software.sava.core.accounts.PublicKey;

/// A program's own error behind a failed transaction.
///
/// @param program the program of the failed instruction; the number may come from a program that it called
/// @param number  the error's number
/// @param name    its name in the program's IDL, or `Custom` for a number that is not the program's own
/// @param message what it means
public record ProgramError(PublicKey program, long number, String name, String message) {
    /// The error of a transaction that failed with one.
    public static Optional<ProgramError> of(TransactionError error, WireTransaction transaction, Programs programs) {
        if (error.custom().isEmpty() || error.instruction().isEmpty() || error.instruction().getAsInt() >= transaction.programs().size()) {
            return Optional.empty();
        }
        PublicKey program = transaction.programs().get(error.instruction().getAsInt());
        long number = error.custom().getAsLong();
        Optional<ProgramError> known = program.equals(programs.escrow())
            ? EscrowError.of(number).map(own -> new ProgramError(program, number, own.idlName(), own.message()))
            : program.equals(programs.registry()) ? RegistryError.of(number).map(own -> new ProgramError(program, number, own.idlName(), own.message()))
                : Optional.empty();
        return Optional.of(known.orElseGet(() -> new ProgramError(program, number, "Custom", "error " + number + " of a program called by " + program)));
    }
}
