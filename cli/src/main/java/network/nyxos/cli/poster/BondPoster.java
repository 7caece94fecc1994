package network.nyxos.cli.poster;

import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Sending;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Poster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Bonds, or adds to the bond. */
@Command(name = "bond", mixinStandardHelpOptions = true, sortOptions = false, description = {"Adds to the bond of --wallet, the operator that posts; the first time it opens its account.",
        "More bond takes a request to leave back."})
final class BondPoster extends Sending {

    @Parameters(paramLabel = "AMOUNT", description = "What to add, of the market's bond mint, for example 5000.")
    private String amount;

    @Override
    protected void run(ChainSession chain) {
        Keypair operator = wallet();
        Stake stake = Stake.of(chain, operator.publicKey());
        long more = Decimals.parsePositive(amount, stake.bond());
        chain.require(operator.publicKey(), stake.bond(), "the bond", more);
        Keypair fees = feePayer();
        Signature signature = chain.send("bond of poster " + operator.publicKey(), List.of(stake.calls().bond(fees.publicKey(), operator.publicKey(), more)), fees, operator);
        Poster now = stake.now().require();
        done(stake.bond().text(more) + " added, the bond is " + stake.bond().text(now.bond()) + ", the market asks for " + stake.bond().text(stake.market().minPosterBond()), signature);
    }
}
