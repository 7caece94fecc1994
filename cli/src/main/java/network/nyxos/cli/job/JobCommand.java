package network.nyxos.cli.job;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Amounts locked for long work. */
@Command(name = "job", mixinStandardHelpOptions = true, description = {"Locks an amount for one node's long work, such as fine-tuning, releases it part by part, and takes back what is left at the deadline.",
        "Everything goes to the chain directly. (`nyxos verify` is for jobs of the gateway.)"}, subcommands = {OpenJob.class, ReleaseJob.class, RefundJob.class, ShowJob.class})
public final class JobCommand extends CommandGroup {
}
