package network.nyxos.indexer.project;

/// An event that does not fit the state so far, as when the event that made its account could not be decoded. It is kept for replay.
public final class ProjectionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what does not fit
    public ProjectionException(String message) {
        super(message);
    }
}
