package network.nyxos.cli.governance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.escrow.Market;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Gives somebody else a role in a market, at once. Roles are set by one instruction, which leaves the others as they are read here. */
abstract class MarketRole extends Governing {

    private final String role;

    @Parameters(paramLabel = "ADDRESS", description = "Who has it next: a wallet, not a token account.")
    private String next;

    MarketRole(String role) {
        this.role = role;
    }

    /** Who has it now. */
    abstract PublicKey now(Market market);

    /** What will hold. */
    abstract List<String> holds(PublicKey now, PublicKey next);

    /** Why nobody cannot have it. */
    abstract String notNobody();

    @Override
    protected final Optional<Change> plan(ChainSession chain) {
        GovernedMarket market = GovernedMarket.of(chain);
        PublicKey now = now(market.state());
        PublicKey chosen = Attachment.key("ADDRESS", next);
        if (chosen.equals(PublicKey.NONE)) {
            throw new StackException(role + "_none", "nobody has the key of " + chosen + ": " + notNobody());
        }
        if (chosen.equals(now)) {
            tell(chosen + " is the " + role + " already");
            return Optional.empty();
        }
        PublicKey operator = role.equals(OperatorCommand.ROLE) ? chosen : market.state().operator();
        PublicKey treasury = role.equals(TreasuryCommand.ROLE) ? chosen : market.state().treasury();
        var holds = new ArrayList<>(holds(now, chosen));
        holds.add("the same instruction sets operator " + operator + ", treasury " + treasury + ", authority offered to " + market.nominee().map(PublicKey::toBase58).orElse("nobody"));
        return Optional.of(Change.by(market.authority(), "make " + chosen + " the " + role + " of market " + market.address(), holds,
                market.calls().update(market.authority(), operator, treasury, market.state().nominee())));
    }
}
