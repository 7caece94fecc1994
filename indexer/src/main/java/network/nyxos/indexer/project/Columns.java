package network.nyxos.indexer.project;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Collects the columns of a row in order.
final class Columns {
    private final SequencedMap<String, Object> values = new LinkedHashMap<>();

    private Columns() {
    }

    static Columns at(String address) {
        return new Columns().with("address", address);
    }

    Columns with(String name, Object value) {
        values.put(name, value);
        return this;
    }

    SequencedMap<String, Object> done() {
        return values;
    }
}
