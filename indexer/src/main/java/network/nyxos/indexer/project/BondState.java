package network.nyxos.indexer.project;

/// State of a bond, and so of the node or validator that it stands for.
public enum BondState implements AccountState {
    /// Stands for what is done.
    ACTIVE(1),
    /// Is asked back and waits for its time.
    UNBONDING(2),
    /// Is given back.
    WITHDRAWN(3),
    /// Lost of it for provable misbehaviour.
    SLASHED(4),
    /// Its account is closed; its key can be registered again.
    CLOSED(0);

    private final int code;

    BondState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
