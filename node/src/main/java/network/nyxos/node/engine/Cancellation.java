package network.nyxos.node.engine;

import java.util.ArrayList;
import java.util.List;

/** Lets another thread give up a running reply. Once cancelled it stays so. */
public final class Cancellation {
    private boolean cancelled;
    private final List<Runnable> actions = new ArrayList<>();

    /** Gives the reply up; a second call does nothing. */
    public void cancel() {
        List<Runnable> due;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }

    /** Whether it was given up. */
    public synchronized boolean cancelled() {
        return cancelled;
    }

    /** Runs {@code action} on cancellation, at once if that has happened already. */
    public void onCancel(Runnable action) {
        synchronized (this) {
            if (!cancelled) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }
}
