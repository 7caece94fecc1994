package network.nyxos.escrow.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Follows replies of one form. Wherever it is alive, some bytes make the reply whole. Not safe for use by many threads.
///
/// A reply may stand in several places of the grammar at once, where alternatives begin alike. Of these the first {@link #MAX_PLACES} are followed, in the order of
/// the alternatives: each is one that the form allows, so what comes of them is never wrong; a schema that needs more loses some of the replies that it allows.
public final class Recogniser {
    /// The most places that are followed at once.
    static final int MAX_PLACES = 256;
    // Beyond this many, states are forgotten and made anew when they are met.
    private static final int MAX_KNOWN = 2_048;

    /// What may follow. Two of the same recogniser that are equal are mostly the same object; nothing but speed depends on it.
    public static final class State {
        private final List<Frame> frames;
        private final boolean complete;
        private final State[] next = new State[256];

        private State(List<Frame> frames, boolean complete) {
            this.frames = frames;
            this.complete = complete;
        }

        /// Whether the reply may be continued or is complete.
        public boolean alive() {
            return !frames.isEmpty();
        }

        /// Whether the reply has its form as it stands.
        public boolean complete() {
            return complete;
        }
    }

    private static final State DEAD = new State(List.of(), false);

    private final Map<List<Frame>, State> known = new HashMap<>();
    private final Grammar grammar;
    private final State start;

    /// @param grammar of the form
    public Recogniser(Grammar grammar) {
        this.grammar = grammar;
        // The frames of the beginning are never looked at; what is there is what it leads to.
        this.start = new State(List.of(Frame.DONE), grammar.empty());
    }

    /// Before the first byte.
    public State start() {
        return start;
    }

    /// After one more byte.
    ///
    /// @param state of this recogniser, alive
    /// @param b     0 to 255
    public State next(State state, int b) {
        State known = state.next[b];
        if (known == null) {
            known = step(state, b);
            state.next[b] = known;
        }
        return known;
    }

    /// After some more text.
    public State next(State state, String text) {
        State now = state;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (!now.alive()) {
                return DEAD;
            }
            now = next(now, b & 0xff);
        }
        return now;
    }

    private State step(State state, int b) {
        var places = new LinkedHashSet<Frame>();
        if (state == start) {
            grammar.start().begin(Frame.DONE, b, places::add);
        } else {
            for (Frame frame : state.frames) {
                if (frame != Frame.DONE) {
                    frame.node.take(frame, b, places::add);
                }
            }
        }
        if (places.isEmpty()) {
            return DEAD;
        }
        List<Frame> frames = new ArrayList<>(places);
        List<Frame> followed = frames.size() > MAX_PLACES ? List.copyOf(frames.subList(0, MAX_PLACES)) : frames;
        if (known.size() >= MAX_KNOWN) {
            known.clear();
        }
        return known.computeIfAbsent(followed, key -> new State(key, key.contains(Frame.DONE)));
    }
}
