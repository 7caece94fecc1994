package network.nyxos.node.engine.int8;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.node.engine.Trace;

/**
 * One reply in the making: token ids waiting to be run, and who wants the logits after the last of them.
 *
 * <p>Belongs to the decoder's thread once submitted.
 */
public final class Sequence {
    /** What is done with the logits. Called on the decoder's thread: must be quick and must not block. */
    public interface Step {
        /** Nothing more is wanted. */
        int DONE = -1;

        /**
         * @param logits one a token of the vocabulary, at {@code at}, in units of 2⁻¹⁶; valid during the call
         * @return the id of the token to run next, or {@link #DONE}
         */
        int next(int[] logits, int at);

        /** The decoder failed or was closed; no other call follows. */
        void failed(RuntimeException reason);
    }

    final KvCache cache;
    final Step step;
    private final List<Trace.Step> trace = new ArrayList<>();
    private int[] waiting;
    private int taken;
    private int position;
    private volatile boolean cancelled;

    Sequence(KvCache cache, int[] prompt, Step step) {
        this.cache = cache;
        this.waiting = prompt.clone();
        this.step = step;
    }

    /** Stops running it, from any thread; {@link Step} is not called again once the decoder has noticed. */
    public void cancel() {
        cancelled = true;
    }

    /** What was computed of the first {@code steps} tokens; they must have been run. From any thread. */
    public Trace trace(int steps) {
        synchronized (trace) {
            return new Trace(trace.subList(0, steps));
        }
    }

    /** What the trace commits to of a key head and its value head of a token that was run and whose logits were given to {@link Step}. */
    public byte[] kept(int layer, int position, int keyHead) {
        return cache.written(layer, position, keyHead);
    }

    void traced(Trace.Step step) {
        synchronized (trace) {
            trace.add(step);
        }
    }

    boolean cancelled() {
        return cancelled;
    }

    int waiting() {
        return waiting.length - taken;
    }

    int position() {
        return position;
    }

    int take() {
        position++;
        return waiting[taken++];
    }

    void feed(int id) {
        waiting = new int[] {id};
        taken = 0;
    }
}
