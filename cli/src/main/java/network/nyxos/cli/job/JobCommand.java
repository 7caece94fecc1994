package network.nyxos.cli.job;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Amounts locked for long work. */
@Command(name = "job", mixinStandardHelpOptions = true, description = {"Locks an amount for one node's long work, such as fine-tuning, releases it part by part, and takes back what is left at the deadline.",
        "Everything goes to the chain directly. (`nyxos verify` is for jobs of the gateway.)"}, subcommands = {OpenJob.class, ReleaseJob.class, RefundJob.class, ShowJob.class})
public final class JobCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
