package network.nyxos.node.engine.int8;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of platform threads that share the items of one region at a time with the thread that calls {@link #run}.
 *
 * <p>Items are claimed, not assigned: a helper that the system has put to sleep holds nothing up. What an item computes must
 * not depend on who computes it. One caller at a time.
 */
final class Workers implements AutoCloseable {
    private static final int SPINS = 2_000;

    /** A piece of work. */
    interface Task {
        /** @param item which piece; @param worker who does it, 0 to {@link #threads()} − 1 */
        void run(int item, int worker);
    }

    private static final class Region {
        final Task task;
        final int items;
        final int grain;
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger done = new AtomicInteger();
        final AtomicReference<Throwable> failure = new AtomicReference<>();

        Region(Task task, int items, int grain) {
            this.task = task;
            this.items = items;
            this.grain = grain;
        }

        void work(int worker) {
            for (int from = next.getAndAdd(grain); from < items; from = next.getAndAdd(grain)) {
                int to = Math.min(items, from + grain);
                try {
                    for (int item = from; item < to; item++) {
                        task.run(item, worker);
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                } finally {
                    done.addAndGet(to - from);
                }
            }
        }
    }

    private final Thread[] helpers;
    private volatile Region current;
    private volatile boolean closed;

    /** @param threads how many work, the caller included; at least 1 */
    Workers(int threads, String name) {
        if (threads < 1 || threads > 256) {
            throw new IllegalArgumentException("threads must be between 1 and 256: " + threads);
        }
        helpers = new Thread[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            int worker = i + 1;
            helpers[i] = Thread.ofPlatform().daemon().name(name + "-" + worker).unstarted(() -> help(worker));
        }
        for (Thread helper : helpers) {
            helper.start();
        }
    }

    int threads() {
        return helpers.length + 1;
    }

    /** Runs items 0 to {@code items} − 1, {@code grain} at a time, and returns when all are done; a failure of one is thrown. */
    void run(int items, int grain, Task task) {
        Region region = new Region(task, items, grain);
        if (helpers.length > 0 && items > grain) {
            current = region;
            for (Thread helper : helpers) {
                LockSupport.unpark(helper);
            }
        }
        region.work(0);
        for (int spins = 0; region.done.get() < items; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        switch (region.failure.get()) {
            case null -> { }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void help(int worker) {
        Region last = null;
        int idle = 0;
        while (!closed) {
            Region region = current;
            if (region != last && region != null) {
                region.work(worker);
                last = region;
                idle = 0;
            } else if (idle++ < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread helper : helpers) {
            LockSupport.unpark(helper);
        }
    }
}
