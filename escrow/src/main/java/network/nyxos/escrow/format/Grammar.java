package network.nyxos.escrow.format;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What replies of a form are, byte by byte. Immutable and safe for use by many threads.
public final class Grammar {
    private final Node.Place start;
    private final boolean empty;

    private Grammar(Node.Place start, boolean empty) {
        this.start = start;
        this.empty = empty;
    }

    /// The grammar of a form.
    ///
    /// @throws FormatException when no reply can have it, since it nests deeper than 32, or when it has more alternatives at one place than are followed
    public static Grammar of(Format format) {
        var building = new Building();
        Node.Place start = building.place(format);
        building.finish();
        if (!start.fits(0)) {
            throw FormatException.wrong("", "no value of at most " + Node.MAX_DEPTH + " arrays and objects in each other can be like that");
        }
        return new Grammar(start, format instanceof Format.Calls calls && !calls.required());
    }

    /// Where every reply begins.
    Node.Place start() {
        return start;
    }

    /// Whether there may be no text at all.
    boolean empty() {
        return empty;
    }

    /// Places and nodes while they are made: a schema may refer to itself.
    private static final class Building {
        private final List<Node.Place> places = new ArrayList<>();
        private final List<Node> nodes = new ArrayList<>();
        private final Node.Place anything = anything();

        private Node.Place place() {
            var place = new Node.Place();
            places.add(place);
            return place;
        }

        private Node.Place place(Node node) {
            Node.Place place = place();
            place.add(made(node));
            return place;
        }

        private <T extends Node> T made(T node) {
            nodes.add(node);
            return node;
        }

        private Node.Place anything() {
            Node.Place place = place();
            for (Automaton scalar : List.of(Automaton.TEXT, Automaton.DECIMAL, new Automaton.Trie(List.of("true", "false", "null")))) {
                place.add(made(new Node.Scalar(scalar)));
            }
            place.add(made(new Node.Mapping(place)));
            place.add(made(new Node.Items(place, 0, Integer.MAX_VALUE)));
            return place;
        }

        Node.Place place(Format format) {
            return switch (format) {
                case Format.AnyObject _ -> place(new Node.Mapping(anything));
                case Format.Schematic(Schema.Root root) -> new Definitions(root).whole;
                case Format.Calls(boolean required, boolean parallel, List<Format.Tool> tools) -> {
                    Node.Place call = place();
                    for (Format.Tool tool : tools) {
                        Node.Place name = place(new Node.Scalar(new Automaton.Trie(List.of(JsonText.quoted(tool.name())))));
                        BitSet both = new BitSet();
                        both.set(0, 2);
                        call.add(made(new Node.Members(List.of("\"name\"", "\"arguments\""), List.of(name, new Definitions(tool.parameters()).whole), both)));
                    }
                    Node.Place list = place(new Node.Items(call, 1, parallel ? Format.MAX_CALLS : 1));
                    Node.Place reply = place(new Node.Enclosed(Format.CALLS_OPEN, list, Format.CALLS_CLOSE));
                    if (!required) {
                        reply.add(made(new Node.Scalar(Automaton.PLAIN)));
                    }
                    yield reply;
                }
            };
        }

        void finish() {
            places.forEach(Node.Place::resolve);
            boolean told = true;
            while (told) {
                told = false;
                for (Node node : nodes) {
                    told |= node.learn();
                }
            }
        }

        /// One schema with what it refers to. Equal schemas are one node: of two alternatives that are the same, one is enough.
        private final class Definitions {
            private final Node.Place whole = place();
            private final Map<String, Node.Place> named = new HashMap<>();
            private final Map<Schema, Node.Place> known = new HashMap<>();

            Definitions(Schema.Root root) {
                root.definitions().keySet().forEach(name -> named.put(name, place()));
                root.definitions().forEach((name, schema) -> named.get(name).add(of(schema)));
                whole.add(of(root.schema()));
            }

            private Node.Place of(Schema schema) {
                Optional<Node.Place> before = Optional.ofNullable(known.get(schema));
                if (before.isPresent()) {
                    return before.get();
                }
                Node.Place made = make(schema);
                known.put(schema, made);
                return made;
            }

            private Node.Place make(Schema schema) {
                return switch (schema) {
                    case Schema.Text _ -> place(new Node.Scalar(Automaton.TEXT));
                    case Schema.Decimal _ -> place(new Node.Scalar(Automaton.DECIMAL));
                    case Schema.Whole _ -> place(new Node.Scalar(Automaton.WHOLE));
                    case Schema.Anything _ -> anything;
                    case Schema.Constants(List<String> values) -> place(new Node.Scalar(new Automaton.Trie(values)));
                    case Schema.Items items -> place(new Node.Items(of(items.each()), items.min(), items.max().orElse(Integer.MAX_VALUE)));
                    case Schema.Mapping(Schema values) -> place(new Node.Mapping(of(values)));
                    case Schema.Reference(Optional<String> name) -> name.map(named::get).orElse(whole);
                    case Schema.AnyOf(List<Schema> alternatives) -> {
                        Node.Place place = place();
                        alternatives.forEach(each -> place.add(of(each)));
                        yield place;
                    }
                    case Schema.Members(List<Schema.Member> members) -> {
                        var required = new BitSet();
                        for (int i = 0; i < members.size(); i++) {
                            required.set(i, members.get(i).required());
                        }
                        yield place(new Node.Members(members.stream().map(member -> JsonText.quoted(member.name())).toList(), members.stream().map(member -> of(member.schema())).toList(),
                            required));
                    }
                };
            }
        }
    }
}
