package network.nyxos.cli.upkeep;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** A pool's upkeep. */
@Command(name = "batch", mixinStandardHelpOptions = true, description = {"Shows a pool's batches, and does for it what anybody may do.",
        "The relayer does all of this by itself; these commands are for when it does not."}, subcommands = {ShowBatch.class, FinalizeBatch.class, CollectSettled.class, SyncInflow.class, ChallengeBatch.class, CloseBatch.class})
public final class BatchCommand extends CommandGroup {
}
