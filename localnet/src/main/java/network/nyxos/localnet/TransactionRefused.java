package network.nyxos.localnet;

/** A transaction was not taken into a block: nothing was executed, nothing charged, nothing recorded. */
public final class TransactionRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient TransactionFailure failure;

    TransactionRefused(TransactionFailure failure) {
        super(failure.message() + " " + failure.json());
        this.failure = failure;
    }

    /** Why. */
    public TransactionFailure failure() {
        return failure;
    }
}
