package network.nyxos.cli.governance;

import network.nyxos.cli.attach.ChainSession;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command above those that govern a market or a registry. */
abstract class Governance implements Runnable {

    @Spec
    private CommandSpec spec;

    /** What its commands govern, as the chain has it. */
    abstract Governed governed(ChainSession chain);

    @Override
    public final void run() {
        throw new ParameterException(spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
