package network.nyxos.escrow.borsh;

/// One of the errors that a program's IDL names. The generated enums implement it, so that an error of any program can be held, shown and switched over.
public interface ProgramErrorCode {
    /// The number that a failed transaction shows.
    long code();

    /// The name in the IDL.
    String idlName();

    /// What went wrong.
    String message();
}
