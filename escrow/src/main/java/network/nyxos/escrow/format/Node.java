package network.nyxos.escrow.format;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What may stand in a reply, one byte after the other. Every node needs at least one byte.
abstract sealed class Node {
    /// The most arrays and objects that are open at once.
    static final int MAX_DEPTH = 32;
    private static final int UNKNOWN = MAX_DEPTH + 1;

    /// The fewest arrays and objects that it opens in each other, itself included, to become whole.
    private int least = UNKNOWN;

    /// Takes a byte.
    ///
    /// @param frame where this node stands
    /// @param b     0 to 255
    /// @param to    told where the reply may stand then
    abstract void take(Frame frame, int b, Consumer<Frame> to);

    /// Whether it opens an array or object.
    boolean nests() {
        return false;
    }

    /// {@link #least}, as far as what is in it knows its own.
    abstract int leastNow();

    /// Learns {@link #least} from what is in it.
    ///
    /// @return whether that told anything new
    final boolean learn() {
        int now = Math.min(UNKNOWN, leastNow());
        boolean told = now < least;
        least = Math.min(least, now);
        return told;
    }

    final boolean fits(int depth) {
        return depth + least <= MAX_DEPTH;
    }

    /// A place for a value: one of some nodes.
    static final class Place {
        private final List<Object> parts = new ArrayList<>();
        private List<Node> nodes = List.of();

        /// A node may stand there.
        void add(Node node) {
            parts.add(node);
        }

        /// Whatever may stand there may stand here.
        void add(Place place) {
            parts.add(place);
        }

        /// Finds out what may stand here, once all places are filled.
        ///
        /// @throws FormatException when that is more than can be followed at once
        void resolve() {
            var found = new LinkedHashSet<Node>();
            collect(found, new LinkedHashSet<>());
            if (found.size() > Recogniser.MAX_PLACES) {
                throw FormatException.unsupported("", "at one place of the schema there are " + found.size() + " alternatives, and at most " + Recogniser.MAX_PLACES
                    + " are followed; values of a list are better said by 'enum'");
            }
            nodes = List.copyOf(found);
        }

        private void collect(Set<Node> found, Set<Place> visited) {
            if (visited.add(this)) {
                for (Object part : parts) {
                    switch (part) {
                        case Node node -> found.add(node);
                        case Place place -> place.collect(found, visited);
                        default -> throw new IllegalStateException("a place is made of nodes and places");
                    }
                }
            }
        }

        int least() {
            return nodes.stream().mapToInt(node -> node.least).min().orElse(UNKNOWN);
        }

        boolean fits(int depth) {
            return nodes.stream().anyMatch(node -> node.fits(depth));
        }

        /// Takes the first byte of a value.
        ///
        /// @param after where the reply stands when the value is whole
        void begin(Frame after, int b, Consumer<Frame> to) {
            for (Node node : nodes) {
                if (node.fits(after.depth)) {
                    node.take(Frame.of(node, after), b, to);
                }
            }
        }
    }

    /// A value without others in it.
    static final class Scalar extends Node {
        private final Automaton automaton;

        Scalar(Automaton automaton) {
            this.automaton = automaton;
        }

        @Override
        void take(Frame frame, int b, Consumer<Frame> to) {
            int next = automaton.next(frame.state, b);
            if (next == Automaton.NONE) {
                return;
            }
            if (automaton.goesOn(next)) {
                to.accept(frame.in(0, 0, next));
            }
            if (automaton.accepts(next)) {
                to.accept(frame.parent);
            }
        }

        @Override
        int leastNow() {
            return 0;
        }
    }

    /// An array.
    static final class Items extends Node {
        private static final int FIRST = 1;
        private static final int AFTER = 2;
        private static final int COMMA = 3;
        private static final int ITEM = 4;

        private final Place each;
        private final int min;
        private final int max;
        private final boolean bounded;

        /// @param max the most items; {@code Integer.MAX_VALUE}: any number
        Items(Place each, int min, int max) {
            this.each = each;
            this.min = min;
            this.max = max;
            this.bounded = max != Integer.MAX_VALUE;
        }

        @Override
        boolean nests() {
            return true;
        }

        @Override
        int leastNow() {
            return min == 0 ? 1 : 1 + each.least();
        }

        @Override
        void take(Frame frame, int b, Consumer<Frame> to) {
            switch (frame.phase) {
                case 0 -> {
                    if (b == '[') {
                        to.accept(frame.in(FIRST, 0, 0));
                    }
                }
                case FIRST -> {
                    if (b != ']') {
                        item(frame, b, to);
                    } else if (min == 0) {
                        to.accept(frame.parent);
                    }
                }
                case AFTER -> {
                    if (b == ',' && frame.at < max) {
                        to.accept(frame.in(COMMA, frame.at, 0));
                    } else if (b == ']' && frame.at >= min) {
                        to.accept(frame.parent);
                    }
                }
                case COMMA -> {
                    if (b == ' ') {
                        to.accept(frame.in(ITEM, frame.at, 0));
                    } else {
                        item(frame, b, to);
                    }
                }
                default -> item(frame, b, to);
            }
        }

        private void item(Frame frame, int b, Consumer<Frame> to) {
            if (max > 0) {
                // Where any number will do, it is not counted further than it matters.
                each.begin(frame.in(AFTER, bounded ? frame.at + 1 : Math.min(frame.at + 1, min), 0), b, to);
            }
        }
    }

    /// An object.
    abstract static sealed class Keyed extends Node {
        private static final int FIRST = 1;
        private static final int NAME = 2;
        private static final int COLON = 3;
        private static final int BLANK = 4;
        private static final int VALUE = 5;
        private static final int AFTER = 6;
        private static final int COMMA = 7;

        @Override
        final boolean nests() {
            return true;
        }

        /// What stands behind a name.
        ///
        /// @param at which member it is
        abstract Place value(int at);

        /// Which member may be the first to come behind one.
        abstract int behind(int at);

        /// Whether a member may come.
        abstract boolean continues(Frame frame);

        /// Whether none need come any more.
        abstract boolean closes(Frame frame);

        /// Takes a byte of a name, quotes included: what was read of it is the frame's state.
        ///
        /// @return where the reply stands then: {@link #within} or {@link #named}
        abstract Optional<Frame> name(Frame frame, int b);

        static Frame within(Frame frame, int state) {
            return frame.in(NAME, frame.at, state);
        }

        static Frame named(Frame frame, int member) {
            return frame.in(COLON, member, 0);
        }

        @Override
        final void take(Frame frame, int b, Consumer<Frame> to) {
            switch (frame.phase) {
                case 0 -> {
                    if (b == '{') {
                        to.accept(frame.in(FIRST, 0, 0));
                    }
                }
                case FIRST -> {
                    if (b != '}') {
                        name(frame, b).ifPresent(to);
                    } else if (closes(frame)) {
                        to.accept(frame.parent);
                    }
                }
                case COLON -> {
                    if (b == ':') {
                        to.accept(frame.in(BLANK, frame.at, 0));
                    }
                }
                case BLANK -> {
                    if (b == ' ') {
                        to.accept(frame.in(VALUE, frame.at, 0));
                    } else {
                        value(frame, b, to);
                    }
                }
                case VALUE -> value(frame, b, to);
                case AFTER -> {
                    if (b == ',' && continues(frame)) {
                        to.accept(frame.in(COMMA, frame.at, 0));
                    } else if (b == '}' && closes(frame)) {
                        to.accept(frame.parent);
                    }
                }
                case COMMA -> {
                    if (b == ' ') {
                        to.accept(frame.in(NAME, frame.at, 0));
                    } else {
                        name(frame, b).ifPresent(to);
                    }
                }
                default -> name(frame, b).ifPresent(to);
            }
        }

        private void value(Frame frame, int b, Consumer<Frame> to) {
            value(frame.at).begin(frame.in(AFTER, behind(frame.at), 0), b, to);
        }
    }

    /// An object of known members.
    static final class Members extends Keyed {
        private final Automaton.Trie names;
        private final List<Place> values;
        private final BitSet required;

        /// @param names    each with its quotes
        /// @param values   of each
        /// @param required which must be there
        Members(List<String> names, List<Place> values, BitSet required) {
            this.names = new Automaton.Trie(names);
            this.values = List.copyOf(values);
            this.required = required;
        }

        @Override
        int leastNow() {
            return 1 + required.stream().map(i -> values.get(i).least()).max().orElse(0);
        }

        @Override
        Place value(int at) {
            return values.get(at);
        }

        @Override
        int behind(int at) {
            return at + 1;
        }

        @Override
        boolean continues(Frame frame) {
            return possible(frame, 0);
        }

        @Override
        boolean closes(Frame frame) {
            return required.nextSetBit(frame.at) < 0;
        }

        @Override
        Optional<Frame> name(Frame frame, int b) {
            int next = names.next(frame.state, b);
            if (next == Automaton.NONE || !possible(frame, next)) {
                return Optional.empty();
            }
            // A name's last quote ends it and no other: none is the beginning of another.
            return Optional.of(names.accepts(next) ? named(frame, names.end(next)) : within(frame, next));
        }

        /// Whether a member can come of what was read of its name: none before the ones that were, none behind one that must be there, and not deeper than there is room.
        private boolean possible(Frame frame, int name) {
            int must = required.nextSetBit(frame.at);
            int last = must < 0 ? values.size() - 1 : must;
            return names.below(name).stream().anyMatch(i -> i >= frame.at && i <= last && values.get(i).fits(frame.depth));
        }
    }

    /// An object of members of any name.
    static final class Mapping extends Keyed {
        private final Place values;

        Mapping(Place values) {
            this.values = values;
        }

        @Override
        int leastNow() {
            return 1;
        }

        @Override
        Place value(int at) {
            return values;
        }

        @Override
        int behind(int at) {
            return 0;
        }

        @Override
        boolean continues(Frame frame) {
            return true;
        }

        @Override
        boolean closes(Frame frame) {
            return true;
        }

        @Override
        Optional<Frame> name(Frame frame, int b) {
            int next = Automaton.TEXT.next(frame.state, b);
            if (next == Automaton.NONE || !values.fits(frame.depth)) {
                return Optional.empty();
            }
            return Optional.of(Automaton.TEXT.accepts(next) ? named(frame, 0) : within(frame, next));
        }
    }

    /// A value between two texts.
    static final class Enclosed extends Node {
        private static final int CLOSING = 1;

        private final String open;
        private final Place value;
        private final String close;

        /// @param open  at least one byte of ASCII, like {@code close}
        Enclosed(String open, Place value, String close) {
            this.open = open;
            this.value = value;
            this.close = close;
        }

        @Override
        int leastNow() {
            return value.least();
        }

        @Override
        void take(Frame frame, int b, Consumer<Frame> to) {
            if (frame.phase == CLOSING) {
                if (b == close.charAt(frame.at)) {
                    to.accept(frame.at + 1 == close.length() ? frame.parent : frame.in(CLOSING, frame.at + 1, 0));
                }
            } else if (frame.at == open.length()) {
                value.begin(frame.in(CLOSING, 0, 0), b, to);
            } else if (b == open.charAt(frame.at)) {
                to.accept(frame.in(0, frame.at + 1, 0));
            }
        }
    }
}
