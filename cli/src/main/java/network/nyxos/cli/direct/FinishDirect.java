package network.nyxos.cli.direct;

import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has a node paid. */
@Command(name = "finish", mixinStandardHelpOptions = true, sortOptions = false, description = "Pays a node what it settled by itself, and the treasury its fee, when the window has passed. Anybody may.")
final class FinishDirect extends Sending {

    @Parameters(paramLabel = "RECORD", description = "Its address.")
    private String record;

    @Override
    protected void run(ChainSession chain) {
        DirectAt direct = DirectAt.require(chain, record);
        long slot = chain.slot();
        if (direct.voidable(slot)) {
            throw new StackException("direct_too_early", "the node is paid from " + Slots.from(direct.account().finalSlot(), slot) + "; until then the record can be voided");
        }
        if (!direct.payable(slot)) {
            throw new StackException("direct_state", "the record is " + direct.state() + ": nothing is to be paid to its node");
        }
        if (BondState.of(chain.node(direct.account().nodeKey()).state()) == BondState.SLASHED) {
            throw new StackException("node_slashed", "node " + direct.account().nodeKey() + " was slashed and is paid nothing; `nyxos direct return` gives the charge back");
        }
        Keypair fees = feePayer();
        done(direct.mint().text(direct.account().charge() - direct.account().fee()) + " paid to " + chain.node(direct.account().nodeKey()).payout(),
                chain.send("finish " + direct.address(), direct.finish(fees.publicKey()), fees));
    }
}
