package network.nyxos.cli.provider;

import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Adds to a bond. */
@Command(name = "bond", mixinStandardHelpOptions = true, sortOptions = false, description = "Adds to a node's bond, from its operator's wallet.")
final class BondNode extends Operating {

    @Parameters(paramLabel = "AMOUNT", description = "What to add, for example 1.5.")
    private String amount;

    @Override
    void run(Standing node) {
        long more = Decimals.parsePositive(amount, node.registry().bond());
        node.require(BondState.ACTIVE, "only an active node takes more bond");
        if (node.registry().state().paused() != 0) {
            throw new StackException("registry_paused", "registry " + node.registry().config() + " is paused and takes no bond; nothing was sent");
        }
        node.chain().require(node.operator().publicKey(), node.registry().bond(), "the bond", more);
        var signature = node.send("add to the bond of", node.registry().calls().addBond(node.operator().publicKey(), node.key(), more));
        out().println(node.registry().bond().text(more) + " added, the bond is " + node.registry().bond().text(node.chain().node(node.key()).bond()) + ", transaction " + signature);
    }
}
