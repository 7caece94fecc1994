package network.nyxos.indexer.project;

/// State of who posts batches.
public enum PosterState implements AccountState {
    /// May post.
    BONDED(1),
    /// Posts no more; its bond waits.
    UNBONDING(2),
    /// Has what was left of its bond; the account is closed.
    WITHDRAWN(0);

    private final int code;

    PosterState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
