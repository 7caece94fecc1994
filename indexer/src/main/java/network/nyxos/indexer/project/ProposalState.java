package network.nyxos.indexer.project;

/// State of a proposed verifier set.
public enum ProposalState implements AccountState {
    /// Waits for its slot.
    PENDING(1),
    /// In force, or was; the account is closed.
    APPLIED(0),
    /// Taken back; the account is closed.
    CANCELLED(0);

    private final int code;

    ProposalState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
