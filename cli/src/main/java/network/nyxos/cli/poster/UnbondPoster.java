package network.nyxos.cli.poster;

import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Poster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Asks for the bond back. */
@Command(name = "unbond", mixinStandardHelpOptions = true, sortOptions = false, description = "Asks for the bond of --wallet back: it posts no more batches, and `withdraw` pays it out when nothing it posted can be challenged.")
final class UnbondPoster extends Sending {

    @Mixin
    private Consent consent;

    @Override
    protected void run(ChainSession chain) {
        Keypair operator = wallet();
        Stake stake = Stake.of(chain, operator.publicKey());
        Poster poster = stake.require();
        if (stake.isUnbonding()) {
            out().println("asked for already; " + stake.bond().text(poster.bond()) + " can be withdrawn from " + Slots.from(stake.withdrawableFrom(), stake.slot()));
            return;
        }
        Market market = stake.market();
        consent.ask(out(), List.of("from the slot in which it is confirmed " + operator.publicKey() + " posts no batch" + (operator.publicKey().equals(market.operator())
                ? ", and as the market's operator nobody else does: nodes are not paid until `nyxos poster bond` or another operator" : ""),
                stake.bond().text(poster.bond()) + " can be withdrawn " + Slots.text(Math.addExact(market.exitSlots(), market.challengeSlots())) + " later, and not before slot " + poster.lockedUntil()
                        + "; until then a challenge takes it"));
        Signature signature = chain.send("unbond poster " + operator.publicKey(), List.of(stake.calls().requestUnbond(operator.publicKey())), feePayer(), operator);
        Stake now = stake.now();
        done("unbonding, " + now.bond().text(now.require().bond()) + " can be withdrawn from " + Slots.from(now.withdrawableFrom(), now.slot()), signature);
    }
}
