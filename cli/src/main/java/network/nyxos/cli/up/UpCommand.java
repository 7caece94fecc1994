package network.nyxos.cli.up;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The whole system on this machine, and the main job done on it. */
@Command(name = "up", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Starts the whole system on this machine and does the main job on it: paid requests, verification, a batch, claims, a refund.",
                "Keys, attestation root and mints are made here for development; nothing of it holds value anywhere else."})
public final class UpCommand implements Callable<Integer> {

    @Mixin
    private UpOptions options;

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        // Before the first logger is made: the stack's log is a file of its data directory.
        System.setProperty("nyxos.log", options.data.resolve("nyxos.log").toString());
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        var steps = new Steps(options.json ? System.err : System.out, System.console() != null && System.console().isTerminal());
        LocalStack stack = LocalStack.start(options, steps);
        var ended = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().name("stop").unstarted(() -> {
            steps.text("\nStopping ...");
            stack.close();
            steps.text("Stopped. The next up on " + options.data + " goes on from here.");
            ended.countDown();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            ClosingTable table = new MainJob(stack).run();
            report(table, steps);
            if (options.once) {
                return table.balances() ? 0 : 1;
            }
        } catch (StackException e) {
            steps.failed("job", e.getMessage() + " [" + e.code() + "]");
            if (options.once) {
                return 1;
            }
        } finally {
            if (options.once) {
                Runtime.getRuntime().removeShutdownHook(hook);
                stack.close();
            }
        }
        steps.text(addresses(stack.contents()));
        steps.text("\nUp until Ctrl-C.");
        ended.await();
        return 0;
    }

    private void report(ClosingTable table, Steps steps) {
        if (options.json) {
            System.out.println(table.json().toPrettyString());
        } else {
            steps.text(table.text());
        }
    }

    private String addresses(StackFile.Contents contents) {
        return String.join("\n", "",
                "  page and REST   " + contents.indexer(),
                "  gateway         " + contents.gateway() + "/v1",
                "  facilitator     " + contents.facilitator(),
                "  relayer         " + contents.relayer(),
                "  JSON-RPC        " + contents.rpc(),
                "  attach          " + options.data.resolve("stack.json").toAbsolutePath().normalize());
    }
}
