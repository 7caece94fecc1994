package network.nyxos.gateway.openai;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.format.Format;

/// Takes the text of a reply that may call tools, piece by piece, and says what of it is text and what are calls. It trusts that the text has its form
/// ({@link Format.Calls}), which is checked before.
final class CallScanner {
    private static final String NAME = "\"name\":";
    private static final String ARGUMENTS = "\"arguments\":";

    /// What more of a reply is.
    sealed interface Part {
        /// Plain text.
        record Text(String text) implements Part {
        }

        /// A call begins.
        ///
        /// @param index counts from 0
        record Call(int index, String name) implements Part {
        }

        /// More of a call's arguments, which are JSON.
        record Arguments(int index, String json) implements Part {
        }
    }

    private enum Mode { UNDECIDED, TEXT, BEFORE_NAME, IN_NAME, BEFORE_ARGUMENTS, IN_ARGUMENTS }

    private Mode mode = Mode.UNDECIDED;
    private final StringBuilder held = new StringBuilder();
    private int calls;
    private int depth;
    private boolean quoted;
    private boolean escaped;

    /// How many calls there were so far.
    int calls() {
        return calls;
    }

    /// Takes more of the reply.
    List<Part> accept(String text) {
        var parts = new ArrayList<Part>();
        var arguments = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (mode != Mode.IN_ARGUMENTS) {
                held.append(c);
            }
            switch (mode) {
                case UNDECIDED -> {
                    if (!Format.CALLS_OPEN.startsWith(held.toString())) {
                        mode = Mode.TEXT;
                    } else if (held.length() == Format.CALLS_OPEN.length()) {
                        mode = Mode.BEFORE_NAME;
                        held.setLength(0);
                    }
                }
                case TEXT -> {
                    // It comes out whole, below.
                }
                case BEFORE_NAME -> {
                    if (c == '"' && follows(NAME)) {
                        mode = Mode.IN_NAME;
                        held.setLength(0);
                    }
                }
                case IN_NAME -> {
                    if (c == '"') {
                        parts.add(new Part.Call(calls++, held.substring(0, held.length() - 1)));
                        mode = Mode.BEFORE_ARGUMENTS;
                        held.setLength(0);
                    }
                }
                case BEFORE_ARGUMENTS -> {
                    if (c == '{' && follows(ARGUMENTS)) {
                        mode = Mode.IN_ARGUMENTS;
                        held.setLength(0);
                        depth = 1;
                        arguments.append(c);
                    }
                }
                case IN_ARGUMENTS -> {
                    arguments.append(c);
                    nest(c);
                    if (depth == 0) {
                        parts.add(new Part.Arguments(calls - 1, arguments.toString()));
                        arguments.setLength(0);
                        mode = Mode.BEFORE_NAME;
                    }
                }
            }
        }
        if (!arguments.isEmpty()) {
            parts.add(new Part.Arguments(calls - 1, arguments.toString()));
        }
        if (mode == Mode.TEXT) {
            parts.addAll(end());
        }
        return parts;
    }

    /// What is left when no more comes: what might have become the beginning of a call.
    List<Part> end() {
        boolean text = (mode == Mode.TEXT || mode == Mode.UNDECIDED) && !held.isEmpty();
        List<Part> parts = text ? List.of(new Part.Text(held.toString())) : List.of();
        held.setLength(0);
        return parts;
    }

    /// Whether what is held ends with a member's name and the first character of its value, with a blank between at most.
    private boolean follows(String member) {
        return held.substring(0, held.length() - 1).stripTrailing().endsWith(member);
    }

    private void nest(char c) {
        if (escaped) {
            escaped = false;
        } else if (quoted) {
            escaped = c == '\\';
            quoted = c != '"';
        } else {
            quoted = c == '"';
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        }
    }
}
