package network.nyxos.escrow.format;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/// A JSON Schema, as far as replies are held to it. What only describes (`title`, `description`, `default`, …) is not part of it.
public sealed interface Schema {
    /// Any string.
    record Text() implements Schema {
    }

    /// Any number.
    record Decimal() implements Schema {
    }

    /// Any whole number.
    record Whole() implements Schema {
    }

    /// Any JSON value.
    record Anything() implements Schema {
    }

    /// One of these values.
    ///
    /// @param values each as JSON, at least one, none twice
    record Constants(List<String> values) implements Schema {
        public Constants {
            values = List.copyOf(values);
        }
    }

    /// An array.
    ///
    /// @param each what its items are
    /// @param min  the fewest items
    /// @param max  the most
    record Items(Schema each, int min, OptionalInt max) implements Schema {
    }

    /// An object with these members and no others.
    ///
    /// @param members in the order in which a reply has them
    record Members(List<Member> members) implements Schema {
        public Members {
            members = List.copyOf(members);
        }
    }

    /// A member of an object.
    record Member(String name, Schema schema, boolean required) {
    }

    /// An object with members of any name.
    record Mapping(Schema values) implements Schema {
    }

    /// A value of one of these.
    ///
    /// @param alternatives at least one
    record AnyOf(List<Schema> alternatives) implements Schema {
        public AnyOf {
            alternatives = List.copyOf(alternatives);
        }
    }

    /// What stands elsewhere.
    ///
    /// @param name of a definition; empty: the whole schema
    record Reference(Optional<String> name) implements Schema {
    }

    /// A whole schema.
    ///
    /// @param definitions what its references name
    record Root(Schema schema, SortedMap<String, Schema> definitions) {
        public Root {
            definitions = Collections.unmodifiableSortedMap(new TreeMap<>(definitions));
        }
    }
}
