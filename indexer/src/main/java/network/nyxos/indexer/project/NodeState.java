package network.nyxos.indexer.project;

/// State of a node.
public enum NodeState implements AccountState {
    /// May be paid.
    ACTIVE(1),
    /// Waits for its bond.
    UNBONDING(2),
    /// Has its bond back.
    WITHDRAWN(3),
    /// Lost bond for provable misbehaviour.
    SLASHED(4),
    /// Its account is closed; its key can be registered again.
    CLOSED(0);

    private final int code;

    NodeState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
