package network.nyxos.indexer.project;

/// State of a model.
public enum ModelState implements AccountState {
    /// Can be served.
    ACTIVE(1),
    /// Is served no more.
    RETIRED(2);

    private final int code;

    ModelState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
