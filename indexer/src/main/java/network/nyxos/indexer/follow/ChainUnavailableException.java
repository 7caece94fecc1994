package network.nyxos.indexer.follow;

/// The cluster did not answer, or not with something that can be read. Asking again is safe.
public final class ChainUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was asked and what came back
    public ChainUnavailableException(String message) {
        super(message);
    }

    /// @param message what was asked
    /// @param cause what went wrong
    public ChainUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
