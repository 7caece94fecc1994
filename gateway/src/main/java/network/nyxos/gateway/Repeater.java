package network.nyxos.gateway;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does something again and again on a virtual thread of its own: after a pause, or at once when woken. A turn that fails is logged and done again.
public final class Repeater implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Repeater.class);

    private final String name;
    private final Duration pause;
    private final Runnable turn;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    /// Starts.
    ///
    /// @param pause between two turns, unless woken
    public Repeater(String name, Duration pause, Runnable turn) {
        this.name = name;
        this.pause = pause;
        this.turn = turn;
        this.thread = Thread.ofVirtual().name(name).start(this::run);
    }

    /// Makes the next turn come at once.
    public void wake() {
        wake.release();
    }

    private void run() {
        while (!closed) {
            try {
                if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
                if (!closed) {
                    turn.run();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.warn("{} failed and is tried again: {}", name, e.getMessage());
                    LOG.debug("{} failed", name, e);
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
        try {
            if (!thread.join(Duration.ofSeconds(5))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
