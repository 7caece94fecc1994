package network.nyxos.indexer.store;

/// The database mirrors something else: another cluster, other programs, or another indexer is writing to it.
public final class ForeignMirrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what does not fit, and what to do
    public ForeignMirrorException(String message) {
        super(message);
    }
}
