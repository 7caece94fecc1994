package network.nyxos.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Machine;

/**
 * What a run measured, and on what.
 *
 * @param at      when it began
 * @param machine as it was then
 * @param parts   in the order of the run
 */
record Report(Instant at, Machine machine, List<Part> parts) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NAME_WIDTH = 44;

    /**
     * A section's outcome.
     *
     * @param section  which
     * @param figures  empty where it could not be measured
     * @param problem  why it could not
     * @param seconds  it took
     */
    record Part(Section section, List<Figure> figures, Optional<String> problem, double seconds) {

        Part {
            figures = List.copyOf(figures);
        }
    }

    Report {
        parts = List.copyOf(parts);
    }

    /** Whether every section was measured. */
    boolean complete() {
        return parts.stream().allMatch(part -> part.problem().isEmpty());
    }

    /** For people. */
    String table() {
        var out = new StringBuilder();
        out.append("Nyxos benchmarks, ").append(at.truncatedTo(ChronoUnit.SECONDS)).append('\n');
        out.append(machine.cores()).append(" cores, ").append(machine.cpu()).append("; ").append(machine.os()).append("; ").append(machine.jdk()).append('\n');
        if (machine.load() >= 0) {
            out.append(String.format(Locale.ROOT, "load average %.2f at the start: %s%n", machine.load(), machine.load() > machine.cores() / 2.0
                    ? "the machine was busy with other work, so compare ratios rather than times" : "the machine was otherwise idle"));
        }
        parts.forEach(part -> append(out, part));
        return out.toString();
    }

    private static void append(StringBuilder out, Part part) {
        out.append('\n').append(part.section().title()).append(String.format(Locale.ROOT, " [%s, %.0f s]%n", part.section().key(), part.seconds()));
        part.problem().ifPresent(problem -> out.append("  not measured: ").append(problem).append('\n'));
        String told = "";
        for (Figure figure : part.figures()) {
            String values = figure.values().stream().map(Report::text).collect(Collectors.joining(", "));
            out.append(String.format(Locale.ROOT, "  %-" + NAME_WIDTH + "s %s%n", figure.name(), values));
            // One line of method for all figures that share it.
            if (!figure.method().equals(told)) {
                out.append("      ").append(figure.method()).append('\n');
                told = figure.method();
            }
        }
    }

    private static String text(Figure.Value value) {
        return (value.label().isEmpty() ? "" : value.label() + " ") + number(value.number()) + " " + value.unit();
    }

    /** Three significant digits where there is a fraction, whole numbers as they are. */
    private static String number(double value) {
        if (value == Math.rint(value) || value >= 1_000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    /** For programs. */
    String json() {
        ObjectNode root = JSON.createObjectNode().put("at", at.toString());
        root.putObject("machine").put("cores", machine.cores()).put("cpu", machine.cpu()).put("os", machine.os()).put("jdk", machine.jdk())
                .put("loadAverage", machine.load());
        ArrayNode sections = root.putArray("sections");
        for (Part part : parts) {
            ObjectNode section = sections.addObject().put("name", part.section().key()).put("title", part.section().title()).put("seconds", part.seconds());
            part.problem().ifPresentOrElse(problem -> section.put("problem", problem), () -> section.putNull("problem"));
            ArrayNode figures = section.putArray("figures");
            for (Figure figure : part.figures()) {
                ArrayNode values = figures.addObject().put("name", figure.name()).put("method", figure.method()).putArray("values");
                figure.values().forEach(value -> values.addObject().put("label", value.label()).put("number", value.number()).put("unit", value.unit()));
            }
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report cannot be written as JSON", e);
        }
    }
}
