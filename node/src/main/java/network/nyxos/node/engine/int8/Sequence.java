package network.nyxos.node.engine.int8;

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
         * @param logits one a token of the vocabulary, at {@code at}; valid during the call
         * @return the id of the token to run next, or {@link #DONE}
         */
        int next(float[] logits, int at);

        /** The decoder failed or was closed; no other call follows. */
        void failed(RuntimeException reason);
    }

    final KvCache cache;
    final Step step;
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
