package network.nyxos.cli.governance;

import java.util.List;
import network.nyxos.escrow.program.escrow.Market;
import picocli.CommandLine.Command;
import software.sava.core.accounts.PublicKey;

/** Changes who gets a market's fee. */
@Command(name = TreasuryCommand.ROLE, mixinStandardHelpOptions = true, sortOptions = false, description = "Changes the wallet that the fee is credited to, at once.")
final class TreasuryCommand extends MarketRole {

    static final String ROLE = "treasury";

    TreasuryCommand() {
        super(ROLE);
    }

    @Override
    PublicKey now(Market market) {
        return market.treasury();
    }

    @Override
    List<String> holds(PublicKey now, PublicKey next) {
        return List.of("from the slot in which it is confirmed fees are credited to " + next + "; what " + now + " was credited before stays its own to claim");
    }

    @Override
    String notNobody() {
        return "the fee would be lost";
    }
}
