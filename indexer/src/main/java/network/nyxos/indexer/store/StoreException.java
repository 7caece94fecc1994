package network.nyxos.indexer.store;

/// The mirror could not be read. Asking again is safe.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what could not be done
    /// @param cause what the database said
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
