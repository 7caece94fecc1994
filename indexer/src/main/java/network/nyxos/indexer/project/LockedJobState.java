package network.nyxos.indexer.project;

/// State of an amount locked for a job.
public enum LockedJobState implements AccountState {
    /// Can be released, or refunded when its deadline has come.
    OPEN(1),
    /// The rest went back to the payer.
    CLOSED(0);

    private final int code;

    LockedJobState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
