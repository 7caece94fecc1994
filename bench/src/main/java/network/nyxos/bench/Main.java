package network.nyxos.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Machine;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** The command {@code nyxos bench}. Figures go to standard output, progress to standard error. */
public final class Main {

    private static final int NOT_ALL_MEASURED = 1;
    private static final int WRONG_USAGE = 2;
    private static final String KEYS = Stream.of(Section.values()).map(Section::key).collect(Collectors.joining(", "));
    private static final String USAGE = """
            Usage: nyxos bench [--json] [--only NAME[,NAME...]]
            Measures this machine; about three minutes on two cores.
              --json        print the figures as JSON
              --only NAMES  measure only these: %s
              --help        print this
            """.formatted(KEYS);

    /** What the command line asks for. */
    record Choice(boolean json, boolean help, Set<Section> sections) {

        /** @throws IllegalArgumentException saying what is wrong */
        static Choice of(String... args) {
            boolean json = false;
            boolean help = false;
            Set<Section> sections = EnumSet.allOf(Section.class);
            for (int i = 0; i < args.length; i++) {
                switch (args[i]) {
                    case "--json" -> json = true;
                    case "--help", "-h" -> help = true;
                    case "--only" -> {
                        if (++i == args.length) {
                            throw new IllegalArgumentException("--only needs names: " + KEYS);
                        }
                        sections = named(args[i]);
                    }
                    default -> throw new IllegalArgumentException("unknown argument '" + args[i] + "'");
                }
            }
            return new Choice(json, help, sections);
        }

        private static Set<Section> named(String names) {
            Set<Section> sections = EnumSet.noneOf(Section.class);
            for (String name : names.split(",")) {
                sections.add(Stream.of(Section.values()).filter(section -> section.key().equals(name.strip())).findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("there is no measurement '" + name + "', there are " + KEYS)));
            }
            return sections;
        }
    }

    private Main() {
    }

    /** Exits with 0 when all was measured, 1 when something could not be, 2 for wrong usage. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String... args) {
        Choice choice;
        try {
            choice = Choice.of(args);
        } catch (IllegalArgumentException e) {
            System.err.println("nyxos bench: " + e.getMessage());
            System.err.print(USAGE);
            return WRONG_USAGE;
        }
        if (choice.help()) {
            System.out.print(USAGE);
            return 0;
        }
        // What services log goes where logback.xml says, Helidon's too, and not between the figures.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Instant at = Instant.now();
        Machine machine = Machine.here();
        List<Report.Part> parts = new ArrayList<>();
        for (Section section : choice.sections()) {
            System.err.println("measuring: " + section.title() + " ...");
            parts.add(measure(section));
        }
        var report = new Report(at, machine, parts);
        System.out.println(choice.json() ? report.json() : report.table());
        return report.complete() ? 0 : NOT_ALL_MEASURED;
    }

    // One measurement that cannot be taken, for example for want of the model, does not cost a person the others.
    private static Report.Part measure(Section section) {
        long began = System.nanoTime();
        List<Figure> figures = List.of();
        Optional<String> problem = Optional.empty();
        try {
            figures = section.measure();
        } catch (RuntimeException e) {
            problem = Optional.of(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            if (System.getenv("NYXOS_TRACE") != null) {
                e.printStackTrace(System.err);
            }
        }
        return new Report.Part(section, figures, problem, (System.nanoTime() - began) / 1e9);
    }
}
