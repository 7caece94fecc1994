package network.nyxos.localnet;

/** Bytes are no transaction; the message says at which byte and why. */
public final class MalformedTransaction extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    MalformedTransaction(String message) {
        super(message);
    }
}
