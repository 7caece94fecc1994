package network.nyxos.cli.upkeep;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A pool's upkeep. */
@Command(name = "batch", mixinStandardHelpOptions = true, description = {"Shows a pool's batches, and does for it what anybody may do.",
        "The relayer does all of this by itself; these commands are for when it does not."}, subcommands = {ShowBatch.class, FinalizeBatch.class, CollectSettled.class, SyncInflow.class, CloseBatch.class})
public final class BatchCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
