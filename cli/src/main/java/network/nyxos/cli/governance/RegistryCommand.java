package network.nyxos.cli.governance;

import network.nyxos.cli.attach.ChainSession;
import picocli.CommandLine.Command;

/** A registry's governance. */
@Command(name = "registry", mixinStandardHelpOptions = true, description = {"Shows the market's registry, and changes what its authority may change.",
        "The stop changes at once, verifiers one and a half unbonding times later (docs/decisions/014). Without the authority's key, what it has to sign is printed."},
        subcommands = {ShowRegistry.class, PauseCommand.class, ResumeCommand.class, VerifiersCommand.class, AuthorityCommand.class})
public final class RegistryCommand extends Governance {

    @Override
    Governed governed(ChainSession chain) {
        return GovernedRegistry.of(chain);
    }
}
