package network.nyxos.cli.up;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole system on this machine, with two nodes in it that cheat. */
@Command(name = "demo", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Starts the whole system on this machine and shows what it is for: a job is routed and proven, a prompt sealed to a TEE, a node that swapped the model",
                "and one that changed a token are caught and lose their bonds on chain, their payers have the money back, the honest are paid.",
                "Keys, attestation root and mints are made here for development; nothing of it holds value anywhere else."})
public final class DemoCommand implements Callable<Integer> {

    /** Quick, so that a window is over while somebody watches. */
    private static final int SLOT_MILLIS = 100;
    /** Ten seconds, so that a node's silence in a dispute is over while somebody watches. */
    private static final int ANSWER_SLOTS = 100;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = ".nyxos-demo", description = "Keep all state here; a second run continues (default: ${DEFAULT-VALUE}).")
    private Path data;

    @Option(names = "--once", description = "Exit after the demonstration: 0 only if every step held.")
    private boolean once;

    @Option(names = "--model", paramLabel = "FILE", description = "Use this GGUF file instead of fetching SmolLM2-135M-Instruct.")
    private Optional<Path> model = Optional.empty();

    @Option(names = "--page-port", paramLabel = "N", defaultValue = "0", description = "The page that shows it (default: any free one).")
    private int pagePort;

    @Override
    public Integer call() throws InterruptedException {
        // The defaults of `up`, but for what follows.
        UpOptions options = CommandLine.populateCommand(new UpOptions());
        options.data = data;
        options.once = once;
        options.model = model;
        options.slotMillis = SLOT_MILLIS;
        options.answerSlots = ANSWER_SLOTS;
        options.rpcPort = 0;
        options.wsPort = 0;
        options.gatewayPort = 0;
        options.relayerPort = 0;
        options.indexerPort = pagePort;
        return StackRun.of(options, (stack, steps) -> new Demonstration(stack, steps, !once, model.map(file -> " --weights " + file).orElse("")).run());
    }
}
