package network.nyxos.bench.stack;

import java.util.Deque;

/** Ends parts, the last started first. */
final class Closing {

    private Closing() {
    }

    /**
     * Closes all of them, also when one does not close.
     *
     * @throws IllegalStateException for the first that did not, the others suppressed
     */
    static void all(Deque<AutoCloseable> open) {
        IllegalStateException failed = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failed == null) {
                    failed = new IllegalStateException("a part of the measured stack did not stop: " + e.getMessage(), e);
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
