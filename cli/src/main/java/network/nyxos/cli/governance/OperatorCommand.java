package network.nyxos.cli.governance;

import java.util.List;
import network.nyxos.escrow.program.escrow.Market;
import picocli.CommandLine.Command;
import software.sava.core.accounts.PublicKey;

/** Changes who operates a market. */
@Command(name = OperatorCommand.ROLE, mixinStandardHelpOptions = true, sortOptions = false, description = {"Changes who settles vouchers and posts batches, at once: a stolen key can be replaced.",
        "Escrows that are open keep the operator they were opened under until `nyxos escrow refresh-operator`, which anybody may send."})
final class OperatorCommand extends MarketRole {

    static final String ROLE = "operator";

    OperatorCommand() {
        super(ROLE);
    }

    @Override
    PublicKey now(Market market) {
        return market.operator();
    }

    @Override
    List<String> holds(PublicKey now, PublicKey next) {
        return List.of("from the slot in which it is confirmed only " + next + " posts batches, and it settles the escrows that are opened from then on",
                "escrows that are open go on being settled by " + now + " alone, until `nyxos escrow refresh-operator`", "a relayer with the old key stops at its next start (config_operator)");
    }

    @Override
    String notNobody() {
        return "a market that shall take no new money is paused, `nyxos market pause`";
    }
}
