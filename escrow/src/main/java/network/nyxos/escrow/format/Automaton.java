package network.nyxos.escrow.format;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finitely many states that bytes lead through; it begins in state 0.
interface Automaton {
    /// No state: the byte may not stand there.
    int NONE = -1;

    /// @param b 0 to 255
    int next(int state, int b);

    /// Whether what was read so far is whole.
    boolean accepts(int state);

    /// Whether anything may follow.
    boolean goesOn(int state);

    /// The strings of a set; a state is what has been read of them.
    final class Trie implements Automaton {
        private final Map<Integer, Integer> edges = new HashMap<>();
        private final List<List<Integer>> below = new ArrayList<>();
        private final List<Integer> ends = new ArrayList<>();

        /// @param texts none twice, in ASCII and UTF-8
        Trie(List<String> texts) {
            grow();
            for (int i = 0; i < texts.size(); i++) {
                int state = 0;
                below.get(0).add(i);
                for (byte b : texts.get(i).getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
                    state = edges.computeIfAbsent(state << 8 | b & 0xff, _ -> grow());
                    below.get(state).add(i);
                }
                ends.set(state, i);
            }
        }

        private int grow() {
            below.add(new ArrayList<>(1));
            ends.add(NONE);
            return below.size() - 1;
        }

        @Override
        public int next(int state, int b) {
            return edges.getOrDefault(state << 8 | b, NONE);
        }

        @Override
        public boolean accepts(int state) {
            return ends.get(state) != NONE;
        }

        @Override
        public boolean goesOn(int state) {
            return below.get(state).size() > (accepts(state) ? 1 : 0);
        }

        /// Which string ends there, or {@link #NONE}.
        int end(int state) {
            return ends.get(state);
        }

        /// Which strings can still come of it, in their order.
        List<Integer> below(int state) {
            return below.get(state);
        }
    }

    /// A table of states.
    final class Table implements Automaton {
        private final int[][] next;
        private final BitSet accepting;

        private Table(List<int[]> rows, BitSet accepting) {
            this.next = rows.toArray(int[][]::new);
            this.accepting = accepting;
        }

        @Override
        public int next(int state, int b) {
            return next[state][b];
        }

        @Override
        public boolean accepts(int state) {
            return accepting.get(state);
        }

        @Override
        public boolean goesOn(int state) {
            for (int to : next[state]) {
                if (to != NONE) {
                    return true;
                }
            }
            return false;
        }
    }

    /// A string with its quotes: UTF-8 up to U+3FFFF, no control characters, escapes; surrogates come in pairs, and only as escapes.
    Table TEXT = new Tables().text();
    /// A whole number of at most 15 digits.
    Table WHOLE = new Tables().number(false);
    /// A number: at most 15 digits before the point and behind it, and 2 of an exponent.
    Table DECIMAL = new Tables().number(true);
    /// Text that does not begin with {@link Format#CALLS_OPEN}.
    Table PLAIN = new Tables().plain(Format.CALLS_OPEN);

    /// Makes them.
    final class Tables {
        private static final String HEX = "0123456789abcdefABCDEF";
        private static final int DIGITS = 15;
        private static final int EXPONENT_DIGITS = 2;

        private final List<int[]> rows = new ArrayList<>();
        private final BitSet accepting = new BitSet();

        private int state() {
            int[] row = new int[256];
            java.util.Arrays.fill(row, NONE);
            rows.add(row);
            return rows.size() - 1;
        }

        private int accepting() {
            int state = state();
            accepting.set(state);
            return state;
        }

        private void edges(int from, int first, int last, int to) {
            java.util.Arrays.fill(rows.get(from), first, last + 1, to);
        }

        private void edges(int from, String bytes, int to) {
            bytes.chars().forEach(b -> rows.get(from)[b] = to);
        }

        /// Characters of several bytes, from some states back to one: the encodings of UTF-8 (RFC 3629) up to U+3FFFF, so no overlong ones and no surrogates.
        private void characters(List<Integer> from, int back) {
            int last = state();
            int two = state();
            int afterE0 = state();
            int afterEd = state();
            int afterF0 = state();
            edges(last, 0x80, 0xBF, back);
            edges(two, 0x80, 0xBF, last);
            edges(afterE0, 0xA0, 0xBF, last);
            edges(afterEd, 0x80, 0x9F, last);
            edges(afterF0, 0x90, 0xBF, two);
            for (int state : from) {
                edges(state, 0xC2, 0xDF, last);
                edges(state, 0xE1, 0xEF, two);
                edges(state, 0xE0, 0xE0, afterE0);
                edges(state, 0xED, 0xED, afterEd);
                edges(state, 0xF0, 0xF0, afterF0);
            }
        }

        Table text() {
            int start = state();
            int body = state();
            int end = accepting();
            edges(start, "\"", body);
            edges(body, 0x20, 0x7F, body);
            edges(body, "\"", end);
            characters(List.of(body), body);
            int escape = state();
            edges(body, "\\", escape);
            edges(escape, "\"\\/bfnrt", body);
            int four = state();
            int three = state();
            int two = state();
            int one = state();
            edges(escape, "u", four);
            edges(four, HEX, three);
            edges(three, HEX, two);
            edges(two, HEX, one);
            edges(one, HEX, body);
            // D8 to DB begin a pair, whose other half must follow as another escape; DC to DF are such halves and begin nothing.
            int surrogate = state();
            int highTwo = state();
            int highOne = state();
            int pair = state();
            int pairEscape = state();
            int low = state();
            int lowKind = state();
            edges(four, "dD", surrogate);
            edges(surrogate, "01234567", two);
            edges(surrogate, "89abAB", highTwo);
            edges(highTwo, HEX, highOne);
            edges(highOne, HEX, pair);
            edges(pair, "\\", pairEscape);
            edges(pairEscape, "u", low);
            edges(low, "dD", lowKind);
            edges(lowKind, "cdefCDEF", two);
            return new Table(rows, accepting);
        }

        Table number(boolean decimal) {
            int start = state();
            int sign = state();
            int zero = accepting();
            edges(start, "-", sign);
            edges(start, "0", zero);
            edges(sign, "0", zero);
            var whole = new ArrayList<>(List.of(zero));
            int digits = accepting();
            edges(start, '1', '9', digits);
            edges(sign, '1', '9', digits);
            whole.add(digits);
            whole.addAll(digits(digits, DIGITS - 1));
            if (decimal) {
                int point = state();
                whole.forEach(state -> edges(state, ".", point));
                List<Integer> fraction = digits(point, DIGITS);
                int exponent = state();
                whole.forEach(state -> edges(state, "eE", exponent));
                fraction.forEach(state -> edges(state, "eE", exponent));
                int exponentSign = state();
                edges(exponent, "+-", exponentSign);
                List<Integer> last = digits(exponent, EXPONENT_DIGITS);
                edges(exponentSign, '0', '9', last.getFirst());
            }
            return new Table(rows, accepting);
        }

        private List<Integer> digits(int from, int count) {
            var states = new ArrayList<Integer>();
            int state = from;
            for (int i = 0; i < count; i++) {
                int next = accepting();
                edges(state, '0', '9', next);
                states.add(next);
                state = next;
            }
            return states;
        }

        Table plain(String marker) {
            var states = new ArrayList<Integer>();
            for (int i = 0; i < marker.length(); i++) {
                states.add(accepting());
            }
            int body = accepting();
            states.add(body);
            characters(states, body);
            for (int i = 0; i < states.size(); i++) {
                int state = states.get(i);
                edges(state, "\t\n\r", body);
                edges(state, 0x20, 0x7F, body);
                if (state != body) {
                    rows.get(state)[marker.charAt(i)] = i + 1 < marker.length() ? states.get(i + 1) : NONE;
                }
            }
            return new Table(rows, accepting);
        }
    }
}
