package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Changes who operates a market. */
@Command(name = "operator", mixinStandardHelpOptions = true, sortOptions = false, description = {"Changes who settles vouchers and posts batches, at once: a stolen key can be replaced.",
        "Escrows that are open keep the operator they were opened under until `nyxos escrow refresh-operator`, which anybody may send."})
final class OperatorCommand extends Governing {

    @Parameters(paramLabel = "ADDRESS", description = "The next operator.")
    private String next;

    @Override
    protected Optional<Change> plan(ChainSession chain) {
        GovernedMarket market = GovernedMarket.of(chain);
        PublicKey operator = Attachment.key("ADDRESS", next);
        if (operator.equals(PublicKey.NONE)) {
            throw new StackException("operator_none", "nobody has the key of " + operator + "; a market without an operator is paused instead: `nyxos market pause`");
        }
        if (operator.equals(market.state().operator())) {
            tell(operator + " is the operator already");
            return Optional.empty();
        }
        return Optional.of(Change.by(market.authority(), "make " + operator + " the operator of market " + market.address(), List.of(
                "from the slot in which it is confirmed only " + operator + " posts batches, and it settles the escrows that are opened from then on",
                "escrows that are open go on being settled by " + market.state().operator() + " alone, until `nyxos escrow refresh-operator`",
                "a relayer with the old key stops at its next start (config_operator)",
                "treasury " + market.state().treasury() + " and the offer of the authority (" + market.nominee().map(PublicKey::toBase58).orElse("nobody") + ") are set in the same instruction"),
                market.calls().update(market.authority(), operator, market.state().treasury(), market.state().nominee())));
    }
}
