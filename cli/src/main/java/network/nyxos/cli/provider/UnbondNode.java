package network.nyxos.cli.provider;

import java.util.List;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Slots;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts leaving. */
@Command(name = "unbond", mixinStandardHelpOptions = true, sortOptions = false, description = "Asks for a node's bond back: it gets no more jobs, and `withdraw` pays the bond out after the unbonding time.")
final class UnbondNode extends Operating {

    @Mixin
    private Consent consent;

    @Override
    void run(Standing node) {
        if (node.state() == BondState.UNBONDING) {
            out().println("asked for already; " + node.bond() + " can be withdrawn from " + Slots.from(node.account().unbondSlot(), node.slot()));
            return;
        }
        node.require(BondState.ACTIVE, "only an active node can ask for its bond");
        consent.ask(out(), List.of("from the slot in which it is confirmed node " + node.key() + " gets no more jobs, and does not come back: its key can be registered anew after withdraw and close",
                node.bond() + " can be withdrawn " + Slots.text(node.registry().state().unbondingSlots()) + " later; until then the verifiers can take it"));
        var signature = node.send("unbond", node.registry().calls().requestUnbond(node.operator().publicKey(), node.key()));
        out().println("unbonding, " + node.bond() + " can be withdrawn from " + Slots.from(node.chain().node(node.key()).unbondSlot(), node.chain().slot()) + ", transaction " + signature);
    }
}
