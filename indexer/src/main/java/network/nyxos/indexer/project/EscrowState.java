package network.nyxos.indexer.project;

/// State of an escrow.
public enum EscrowState implements AccountState {
    /// Takes deposits, pays vouchers.
    OPEN(1),
    /// The payer has asked to leave.
    EXITING(2),
    /// The rest went back and the account is closed.
    EXITED(0);

    private final int code;

    EscrowState(int code) {
        this.code = code;
    }

    @Override
    public int code() {
        return code;
    }
}
