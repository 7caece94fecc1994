package network.nyxos.cli.poster;

import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Poster;
import network.nyxos.escrow.token.Tokens;
import picocli.CommandLine.Command;

/** Takes the bond back. */
@Command(name = "withdraw", mixinStandardHelpOptions = true, sortOptions = false, description = "Pays the bond of --wallet out when its time is over, and closes its account; the rent goes to who paid it.")
final class WithdrawPoster extends Sending {

    @Override
    protected void run(ChainSession chain) {
        Keypair operator = wallet();
        Stake stake = Stake.of(chain, operator.publicKey());
        Poster poster = stake.require();
        if (!stake.isUnbonding()) {
            throw new StackException("unbond_not_requested", operator.publicKey() + " posts batches: `nyxos poster unbond` comes first");
        }
        if (stake.slot() < stake.withdrawableFrom()) {
            throw new StackException("withdraw_too_early", stake.bond().text(poster.bond()) + " can be withdrawn from " + Slots.from(stake.withdrawableFrom(), stake.slot()));
        }
        Keypair fees = feePayer();
        Signature signature = chain.send("withdraw the bond of poster " + operator.publicKey(), List.of(
                Tokens.createAssociated(fees.publicKey(), operator.publicKey(), stake.bond().address(), stake.bond().tokenProgram()),
                stake.calls().withdraw(operator.publicKey(), poster.rentPayer())), fees, operator);
        done(stake.bond().text(poster.bond()) + " paid to " + operator.publicKey() + ", its rent went to " + poster.rentPayer(), signature);
    }
}
