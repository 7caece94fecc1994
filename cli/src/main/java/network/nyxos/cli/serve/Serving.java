package network.nyxos.cli.serve;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import network.nyxos.cli.attach.ConfigFile;
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
        var stop = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        // The process ends with its hooks: this one lets the service finish what is under way.
        Thread hook = Thread.ofPlatform().name("stop").unstarted(() -> {
            stop.countDown();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try (Service service = start(config)) {
            say("Up until Ctrl-C.");
            stop.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
            release(hook);
        }
        return 0;
    }

    private static void release(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // It is the shutdown that ends the service: the hook is running.
        }
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
