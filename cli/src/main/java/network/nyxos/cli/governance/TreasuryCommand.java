package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Changes who gets a market's fee. */
@Command(name = "treasury", mixinStandardHelpOptions = true, sortOptions = false, description = "Changes the wallet that the fee is credited to, at once.")
final class TreasuryCommand extends Governing {

    @Parameters(paramLabel = "ADDRESS", description = "The next treasury: a wallet, not a token account.")
    private String next;

    @Override
    protected Optional<Change> plan(ChainSession chain) {
        GovernedMarket market = GovernedMarket.of(chain);
        PublicKey treasury = Attachment.key("ADDRESS", next);
        if (treasury.equals(PublicKey.NONE)) {
            throw new StackException("treasury_none", "nobody has the key of " + treasury + ": the fee would be lost");
        }
        if (treasury.equals(market.state().treasury())) {
            tell(treasury + " is the treasury already");
            return Optional.empty();
        }
        return Optional.of(Change.by(market.authority(), "make " + treasury + " the treasury of market " + market.address(), List.of(
                "from the slot in which it is confirmed fees are credited to " + treasury + "; what " + market.state().treasury() + " was credited before stays its own to claim",
                "operator " + market.state().operator() + " and the offer of the authority (" + market.nominee().map(PublicKey::toBase58).orElse("nobody") + ") are set in the same instruction"),
                market.calls().update(market.authority(), market.state().operator(), treasury, market.state().nominee())));
    }
}
