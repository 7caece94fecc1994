package network.nyxos.cli.attest;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Evidence of TEEs. */
@Command(name = "attest", mixinStandardHelpOptions = true, description = "Judges and shows evidence of TEEs, anybody's, offline.",
        subcommands = {AttestVerifyCommand.class, AttestShowCommand.class, AttestCheckCommand.class})
public final class AttestCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command: verify, show or check");
    }
}
