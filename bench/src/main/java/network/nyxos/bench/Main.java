package network.nyxos.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Machine;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code nyxos bench}. Figures go to standard output, progress to standard error. */
@Command(name = "nyxos bench", mixinStandardHelpOptions = true, version = "nyxos 0.1.0", description = "Measures this machine; about seven minutes on two cores.",
        exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:all was measured", "1:something could not be", "2:wrong usage"})
public final class Main implements Callable<Integer> {

    private static final int NOT_ALL_MEASURED = 1;

    @Option(names = "--json", description = "Print the figures as JSON.")
    private boolean json;

    @Option(names = "--only", split = ",", paramLabel = "NAME", description = "Measure only these: ${COMPLETION-CANDIDATES}.")
    private Set<Section> only = EnumSet.allOf(Section.class);

    private Main() {
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, as tests use it too. */
    static CommandLine commandLine() {
        return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() {
        // What services log goes where logback.xml says, Helidon's too, and not between the figures.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Instant at = Instant.now();
        Machine machine = Machine.here();
        List<Report.Part> parts = new ArrayList<>();
        for (Section section : EnumSet.copyOf(only)) {
            System.err.println("measuring: " + section.title() + " ...");
            parts.add(measure(section));
        }
        var report = new Report(at, machine, parts);
        System.out.println(json ? report.json() : report.table());
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
