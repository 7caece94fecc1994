package network.nyxos.indexer.project;

/// State of a job that its node settled by itself.
public enum DirectState implements AccountState {
    /// Held, and can be voided until its window has passed.
    OPEN(1),
    /// The node has it.
    PAID(2),
    /// Voided, and still held.
    VOID(3),
    /// The payer has it back.
    RETURNED(4);

    private final int code;

    DirectState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
