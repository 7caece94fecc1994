package network.nyxos.cli.up;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Tells a person what happens, one plain line a step, and shows that it still waits where it waits.
 *
 * <p>Steps go to the given stream (standard error when standard output carries JSON). On a terminal a waiting step redraws
 * one line; elsewhere it prints a line every {@value #QUIET_SECONDS} seconds, so that a log stays readable.
 */
public final class Steps {

    private static final int QUIET_SECONDS = 15;

    private final PrintStream out;
    private final boolean terminal;
    private final long startedNanos = System.nanoTime();

    public Steps(PrintStream out, boolean terminal) {
        this.out = Objects.requireNonNull(out, "out");
        this.terminal = terminal;
    }

    /** A step that is done: {@code area} in a column of its own, then what happened. */
    public synchronized void done(String area, String what) {
        line("✔", area, what);
    }

    /** Something a person should know that is neither success nor failure, such as a development root in use. */
    public synchronized void note(String area, String what) {
        line("!", area, what);
    }

    /** A step that did not hold. */
    public synchronized void failed(String area, String what) {
        line("✘", area, what);
    }

    /** Prints the text as it is, with nothing before it. */
    public synchronized void text(String text) {
        clear();
        out.println(text);
    }

    /**
     * Runs {@code work}, showing {@code what} with the elapsed seconds until it returns.
     *
     * @return what {@code work} returned
     */
    public <T> T waiting(String area, String what, Supplier<T> work) {
        var ticker = Thread.ofVirtual().name("steps").start(() -> tick(area, what));
        try {
            return work.get();
        } finally {
            ticker.interrupt();
            synchronized (this) {
                clear();
            }
        }
    }

    private void tick(String area, String what) {
        long began = System.nanoTime();
        int quiet = 0;
        try {
            while (true) {
                Thread.sleep(Duration.ofSeconds(1));
                long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
                synchronized (this) {
                    if (terminal) {
                        out.printf("\r\u001b[K  … %-10s %s (%d s)", area, what, seconds);
                        out.flush();
                    } else if (++quiet % QUIET_SECONDS == 0) {
                        line("…", area, what + " (" + seconds + " s)");
                    }
                }
            }
        } catch (InterruptedException ended) {
            // The work has returned; there is nothing left to show.
        }
    }

    private void clear() {
        if (terminal) {
            out.print("\r\u001b[K");
        }
    }

    private void line(String mark, String area, String what) {
        clear();
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        out.printf("%6.1fs %s %-10s %s%n", seconds, mark, area, what);
        out.flush();
    }
}
