package network.nyxos.cli.up;

import java.util.concurrent.CountDownLatch;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Starts a stack, does a job on it, and stays up until Ctrl-C, or ends with the job. */
final class StackRun {

    /** What is done on the stack. */
    @FunctionalInterface
    interface Job {
        /**
         * Does it.
         *
         * @return whether everything held
         * @throws StackException when a step did not hold
         */
        boolean run(LocalStack stack, Steps steps);
    }

    private StackRun() {
    }

    /** The exit code: 0 unless it ends with its job and something did not hold. */
    static int of(UpOptions options, Job job) throws InterruptedException {
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
            boolean held = job.run(stack, steps);
            if (options.once) {
                return held ? 0 : 1;
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
        steps.text(addresses(stack.contents(), options));
        steps.text("\nUp until Ctrl-C.");
        ended.await();
        return 0;
    }

    private static String addresses(StackFile.Contents contents, UpOptions options) {
        return String.join("\n", "",
                "  page and REST   " + contents.indexer(),
                "  gateway         " + contents.gateway() + "/v1",
                "  facilitator     " + contents.facilitator(),
                "  relayer         " + contents.relayer(),
                "  JSON-RPC        " + contents.rpc(),
                "  attach          " + options.data.resolve("stack.json").toAbsolutePath().normalize());
    }
}
