package network.nyxos.cli.serve;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.attach.Foreground;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A service in the foreground. */
abstract class Serving implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", required = true, description = "The configuration.")
    private Path file;

    /** A service that is up. */
    interface Service extends AutoCloseable {

        @Override
        void close();
    }

    @Override
    public final Integer call() {
        var config = new ConfigFile(ConfigFile.read(file, Map.of()));
        // Before the first logger is made.
        config.file("log").ifPresent(log -> System.setProperty("nyxos.log", log.toString()));
        try (var foreground = Foreground.begin(); Service service = start(config)) {
            say("Up until Ctrl-C.");
            foreground.await();
        }
        return 0;
    }

    /** Starts it: reads all that it needs, {@linkplain ConfigFile#complete checks} that nothing is left, and says where it answers. */
    abstract Service start(ConfigFile config);

    /** Says something on standard output. */
    final void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    /** Says on every start what a production service would refuse. */
    final void sayDevelopment(boolean development) {
        if (development) {
            say("!! DEVELOPMENT: evidence without hardware behind it may count here. Never in production. !!");
        }
    }
}
