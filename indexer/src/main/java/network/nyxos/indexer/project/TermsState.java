package network.nyxos.indexer.project;

/// What became of proposed terms. Their account is there only while they are proposed, and has no byte for it.
public enum TermsState implements AccountState {
    /// Waits for its slot, or for somebody to apply it.
    PROPOSED,
    /// Became the market's terms.
    APPLIED,
    /// Taken back.
    CANCELLED;

    @Override
    public int code() {
        return 0;
    }
}
