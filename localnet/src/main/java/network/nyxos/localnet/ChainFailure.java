package network.nyxos.localnet;

/** The chain cannot run or cannot go on: the native library is missing, its disk is full, its virtual machine is broken. */
public final class ChainFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ChainFailure(String message) {
        super(message);
    }

    ChainFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
