package network.nyxos.indexer.content;

/// A batch document that is not what the chain's batch commits to.
public final class ContentRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /// @param code stable code, shown to whoever asks for the batch
    /// @param message what does not agree
    public ContentRefusedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /// The stable code.
    public String code() {
        return code;
    }
}
