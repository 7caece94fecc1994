package network.nyxos.cli.agent;

import java.util.List;
import network.nyxos.cli.agent.EscrowCommand.Found;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PrepaidCalls;
import network.nyxos.escrow.program.escrow.Escrow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Closes a prepaid escrow that has nothing in it. */
@Command(name = "close", mixinStandardHelpOptions = true, sortOptions = false, description = {"Closes a prepaid escrow that was never paid for, or is used up; its rent goes back.",
        "--wallet is who opened it. Any other escrow its payer closes: `request-exit` and `exit`."})
final class ClosePrepaid extends Sending {

    @Parameters(paramLabel = "ESCROW", description = "Its address.")
    private String escrow;

    @Override
    protected void run(ChainSession chain) {
        Found found = Found.at(chain, escrow);
        Escrow its = found.escrow();
        Keypair owner = wallet();
        if (!found.prepaid() || found.exiting()) {
            throw new StackException("escrow_of_payer", "escrow " + found.address() + (found.exiting() ? " is on its way out" : " was opened by its payer") + ": `nyxos escrow exit` closes it");
        }
        if (!its.rentPayer().equals(owner.publicKey())) {
            throw new StackException("rent_payer_other", "the rent of escrow " + found.address() + " was paid by " + its.rentPayer() + ", the wallet is " + owner.publicKey());
        }
        long slot = chain.slot();
        long from = its.openSlot() + PrepaidCalls.STANDING_SLOTS;
        if (slot < from) {
            throw new StackException("close_too_early", "escrow " + found.address() + " can be closed from " + Slots.from(from, slot) + ": until then a payment may come");
        }
        Mint paid = chain.mint(its.mint());
        if (its.collected() != its.deposited() || chain.balance(found.address(), paid) > 0) {
            throw new StackException("escrow_not_empty", "escrow " + found.address() + " has money in it; its payer takes it out, or spends it");
        }
        Signature signature = chain.send("close prepaid escrow " + found.address(), List.of(chain.pool(paid).prepaid().close(owner.publicKey(), found.address())), feePayer(), owner);
        done("escrow closed, its rent went to " + owner.publicKey(), signature);
    }
}
