package network.nyxos.cli.attest;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Evidence of TEEs. */
@Command(name = "attest", mixinStandardHelpOptions = true, description = "Judges and shows evidence of TEEs, anybody's, offline.",
        subcommands = {AttestVerifyCommand.class, AttestShowCommand.class, AttestCheckCommand.class})
public final class AttestCommand extends CommandGroup {
}
