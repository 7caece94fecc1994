package network.nyxos.cli.up;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waiting for what others do. */
public final class Waits {

    private static final Duration PAUSE = Duration.ofMillis(150);

    private Waits() {
    }

    /**
     * Asks until there is an answer.
     *
     * @param what for the message when the time is up
     * @throws StackException {@code not_in_time}
     */
    public static <T> T until(String what, Duration patience, Supplier<Optional<T>> question) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<T> answer = question.get();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() > deadline) {
                throw new StackException("not_in_time", "waited " + patience.toSeconds() + " s for " + what);
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StackException("interrupted", "the run was interrupted");
            }
        }
    }
}
