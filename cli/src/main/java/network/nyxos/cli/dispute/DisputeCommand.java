package network.nyxos.cli.dispute;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Disputes on chain. */
@Command(name = "dispute", mixinStandardHelpOptions = true, description = {"Disputes about receipts of the verified tier, which the registry's program decides (docs/disputes.md): accuses a node of a number that is wrong, shows, ends.",
        "A node that runs answers by itself."}, subcommands = {OpenDispute.class, ShowDispute.class, EndDispute.class})
public final class DisputeCommand extends CommandGroup {
}
