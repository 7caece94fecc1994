package network.nyxos.indexer.project;

/// State of a batch.
public enum BatchState implements AccountState {
    /// In its challenge window, or past it and not yet made final.
    POSTED(1),
    /// Its credits can be claimed.
    FINAL(2),
    /// Voided by the verifiers; its credits never count.
    VOID(3);

    private final int code;

    BatchState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
