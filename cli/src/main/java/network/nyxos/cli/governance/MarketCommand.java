package network.nyxos.cli.governance;

import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.upkeep.TableCommand;
import picocli.CommandLine.Command;

/** A market's governance. */
@Command(name = "market", mixinStandardHelpOptions = true, description = {"Shows a market's terms, and changes what its authority may change.",
        "People and the stop change at once, terms after everybody could have left (docs/decisions/015). Without the authority's key, what it has to sign is printed."},
        subcommands = {ShowMarket.class, PauseCommand.class, ResumeCommand.class, OperatorCommand.class, TreasuryCommand.class, AuthorityCommand.class, TermsCommand.class, TableCommand.class})
public final class MarketCommand extends Governance {

    @Override
    Governed governed(ChainSession chain) {
        return GovernedMarket.of(chain);
    }
}
