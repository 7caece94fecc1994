package network.nyxos.cli.agent;

import java.util.List;
import network.nyxos.cli.agent.EscrowCommand.Found;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes a deposit of what was transferred to an escrow. */
@Command(name = "count", mixinStandardHelpOptions = true, sortOptions = false, description = {"Makes a deposit of what plain transfers brought to an escrow's address.",
        "Anybody may send it; --wallet pays the fee only."})
final class CountTransfers extends Sending {

    @Parameters(paramLabel = "ESCROW", description = "Its address.")
    private String escrow;

    @Override
    protected void run(ChainSession chain) {
        Found found = Found.at(chain, escrow);
        if (found.exiting()) {
            throw new StackException("escrow_exiting", "escrow " + found.address() + " is on its way out and takes no deposit: `nyxos escrow return` gives its payer back what was transferred");
        }
        Mint paid = chain.mint(found.escrow().mint());
        long amount = chain.balance(found.address(), paid);
        if (amount == 0) {
            out().println("nothing has been transferred to escrow " + found.address() + " that is not counted");
            return;
        }
        Signature signature = chain.send("count transfers to " + found.address(), List.of(chain.pool(paid).prepaid().count(found.address())), feePayer());
        done(paid.text(amount) + " transferred, and deposited now", signature);
    }
}
