package network.nyxos.relayer;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the same thing again and again, on a thread of its own, with a pause in between that can be cut short. A failure is logged and the work goes on: what
/// cannot be reached now can be later.
final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final String name;
    private final Duration pause;
    private final Runnable work;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    private Worker(String name, Duration pause, Runnable work) {
        this.name = name;
        this.pause = pause;
        this.work = work;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    static Worker start(String name, Duration pause, Runnable work) {
        var worker = new Worker(name, pause, work);
        worker.thread.start();
        return worker;
    }

    void wake() {
        wake.release();
    }

    private void run() {
        while (!closed) {
            Duration next = pause;
            try {
                work.run();
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.warn("{}: {}; tried again", name, e.toString());
                    LOG.debug("{}", name, e);
                }
                next = pause.compareTo(AFTER_FAILURE) > 0 ? pause : AFTER_FAILURE;
            }
            try {
                if (wake.tryAcquire(next.toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            // An interrupt breaks a database connection that is in use, so what is under way may end first.
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
