package network.nyxos.cli.provider;

import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.token.Tokens;
import picocli.CommandLine.Command;

/** Takes a bond back. */
@Command(name = "withdraw", mixinStandardHelpOptions = true, sortOptions = false, description = "Pays a node's bond, or what a slash left of it, out to its operator when the unbonding time is over.")
final class WithdrawNode extends Operating {

    @Override
    void run(Standing node) {
        if (node.state() == BondState.WITHDRAWN || node.state() == BondState.SLASHED && node.account().bond() == 0) {
            out().println("nothing to withdraw: the node is " + node.state() + ", its bond is 0");
            return;
        }
        if (node.state() == BondState.ACTIVE) {
            throw new StackException("unbond_not_requested", "node " + node.key() + " is active: `nyxos node unbond` comes first");
        }
        if (node.slot() < node.account().unbondSlot()) {
            throw new StackException("withdraw_too_early", node.bond() + " can be withdrawn from " + Slots.from(node.account().unbondSlot(), node.slot()));
        }
        Mint bond = node.registry().bond();
        var operator = node.operator().publicKey();
        var signature = node.send("withdraw the bond of", Tokens.createAssociated(operator, operator, bond.address(), bond.tokenProgram()),
                node.registry().calls().withdrawBond(operator, node.key()));
        out().println(node.bond() + " paid to " + operator + ", transaction " + signature);
    }
}
