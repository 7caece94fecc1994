package network.nyxos.cli.attach;

import java.util.concurrent.CountDownLatch;

/**
 * The life of what runs until Ctrl-C. To be opened before all that is to be closed on the way out: the process ends with its hooks, and this one's waits until everything inside is closed.
 *
 * <pre>{@code
 * try (var foreground = Foreground.begin(); var service = start()) {
 *     foreground.await();
 * }
 * }</pre>
 */
public final class Foreground implements AutoCloseable {

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("stop").unstarted(this::end);

    private Foreground() {
    }

    /** Begins it. */
    public static Foreground begin() {
        var foreground = new Foreground();
        Runtime.getRuntime().addShutdownHook(foreground.hook);
        return foreground;
    }

    private void end() {
        stop.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for Ctrl-C, another signal that ends the process, or an interrupt of this thread. */
    public void await() {
        try {
            stop.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The shutdown is what ended it: the hook is running.
        }
    }
}
