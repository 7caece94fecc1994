package network.nyxos.escrow.transaction;

/// The instructions do not fit into one transaction.
public final class TransactionTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int size;

    TransactionTooLargeException(int size) {
        super("the transaction would have " + size + " bytes, the most is " + WireTransaction.MAX_LENGTH);
        this.size = size;
    }

    /// Bytes that it would have had.
    public int size() {
        return size;
    }
}
