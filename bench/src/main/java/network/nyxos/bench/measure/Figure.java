package network.nyxos.bench.measure;

import java.util.List;

/**
 * Something measured.
 *
 * @param name   what
 * @param values the numbers, at least one
 * @param method how it was taken, in one line
 */
public record Figure(String name, List<Value> values, String method) {

    /**
     * A number.
     *
     * @param label  which of the figure's numbers, for example {@code p50}; empty where there is one only
     * @param number as measured
     * @param unit   its unit, for example {@code ms}
     */
    public record Value(String label, double number, String unit) {

        /** A number without a label. */
        public static Value of(double number, String unit) {
            return new Value("", number, unit);
        }
    }

    public Figure {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("figure '" + name + "' has no number");
        }
    }

    /** A figure of one number. */
    public static Figure of(String name, double number, String unit, String method) {
        return new Figure(name, List.of(Value.of(number, unit)), method);
    }
}
