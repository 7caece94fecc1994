package network.nyxos.escrow.borsh;

/// Bytes that are not the canonical Borsh form of the value that was asked for.
public final class BorshException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /// @param message what was expected and what was there
    public BorshException(String message) {
        super(message);
    }
}
