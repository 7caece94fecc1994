package network.nyxos.cli.direct;

import java.util.Optional;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.registry.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Gives a charge back. */
@Command(name = "return", mixinStandardHelpOptions = true, sortOptions = false, description = {"Gives the charge of a void record, or of one whose node can no longer be paid, back to its payer. Anybody may.",
        "It goes to the escrow, or to the payer's wallet where that is closed."})
final class ReturnDirect extends Sending {

    @Parameters(paramLabel = "RECORD", description = "Its address.")
    private String record;

    @Override
    protected void run(ChainSession chain) {
        DirectAt direct = DirectAt.require(chain, record);
        PublicKey nodeKey = direct.account().nodeKey();
        if (!direct.owesPayer() && !(direct.payable(chain.slot()) && unpayable(chain, nodeKey))) {
            throw new StackException("direct_state", "the record is " + direct.state() + ": a charge goes back when it was voided, or when its window is over and its node was slashed or closed its account");
        }
        Keypair fees = feePayer();
        boolean open = chain.owned(direct.account().escrow(), chain.programs().escrow()).isPresent();
        done(direct.mint().text(direct.account().charge()) + " back in " + (open ? "escrow " + direct.account().escrow() : "the wallet " + direct.account().payer()),
                chain.send("return " + direct.address(), direct.calls().giveBack(fees.publicKey(), direct.account(), open), fees));
    }

    private static boolean unpayable(ChainSession chain, PublicKey nodeKey) {
        Optional<Node> node = chain.owned(chain.programs().node(chain.market().registryConfig(), nodeKey), chain.programs().registry()).map(account -> Node.decode(account.data()));
        return node.isEmpty() || BondState.of(node.get().state()) == BondState.SLASHED;
    }
}
