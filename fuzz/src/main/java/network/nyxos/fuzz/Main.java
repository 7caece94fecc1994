package network.nyxos.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The command `nyxos fuzz`.
@Command(name = "nyxos fuzz", mixinStandardHelpOptions = true, version = "nyxos 0.1.0",
    description = "Feeds everything that reads bytes of strangers with bytes that a coverage-guided fuzzer makes up, for a bounded time each.",
    exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:nothing was found", "1:something was, or a decoder could not be run", "2:wrong usage"})
public final class Main implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--seconds", paramLabel = "N", description = "How long each decoder is fed (default: ${DEFAULT-VALUE}).", defaultValue = "20")
    private int seconds;

    @Option(names = "--corpus", paramLabel = "DIR", description = "Where inputs that reached new code are kept from run to run (default: fuzz in Nyxos's cache).")
    private Optional<Path> corpus = Optional.empty();

    @Option(names = "--seeds", paramLabel = "DIR", description = "Files to begin with, whatever they are; they are read where they lie.")
    private Optional<Path> seeds = Optional.empty();

    @Option(names = "--list", description = "Name the decoders and end.")
    private boolean list;

    @Parameters(paramLabel = "DECODER", arity = "0..*", description = "Only these (default: all).")
    private List<String> only = List.of();

    private Main() {
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /// The command line, as tests use it too.
    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((e, line, parsed) -> {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            line.getErr().println(e.getMessage() + " [fuzz_failed]");
            return 1;
        });
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandLine line = spec.commandLine();
        if (list) {
            Arrays.stream(Decoder.values()).map(Decoder::title).forEach(line.getOut()::println);
            return 0;
        }
        if (seconds < 1 || seconds > 86_400) {
            throw new CommandLine.ParameterException(line, "--seconds must be 1 to 86400, is " + seconds);
        }
        seeds.filter(folder -> !Files.isDirectory(folder)).ifPresent(missing -> {
            throw new CommandLine.ParameterException(line, "--seeds: there is no folder " + missing);
        });
        List<Decoder> wanted = only.isEmpty() ? List.of(Decoder.values()) : only.stream().map(title -> decoder(line, title)).toList();
        Path kept = corpus.orElseGet(Main::cache);
        line.getErr().println(wanted.size() + " decoders, " + seconds + " s each; inputs are kept in " + kept);
        boolean clean = true;
        for (Decoder decoder : wanted) {
            Campaign.Result result = new Campaign(decoder, kept.resolve(decoder.title()), seeds, Duration.ofSeconds(seconds)).run();
            line.getOut().println(result.text());
            line.getOut().flush();
            clean &= result.clean();
        }
        return clean ? 0 : 1;
    }

    private static Decoder decoder(CommandLine line, String title) {
        try {
            return Decoder.of(title);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(line, e.getMessage() + "; nyxos fuzz --list names them");
        }
    }

    private static Path cache() {
        return Optional.ofNullable(System.getenv("NYXOS_CACHE")).map(Path::of).orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "nyxos")).resolve("fuzz");
    }
}
