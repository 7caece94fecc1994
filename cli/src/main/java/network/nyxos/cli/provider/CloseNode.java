package network.nyxos.cli.provider;

import java.util.List;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Closes a node's account. */
@Command(name = "close", mixinStandardHelpOptions = true, sortOptions = false, description = "Closes the account of a node that has its bond back; its rent goes to who paid it, and its key can be registered anew.")
final class CloseNode extends Operating {

    @Mixin
    private Consent consent;

    @Override
    void run(Standing node) {
        node.require(BondState.WITHDRAWN, node.state() == BondState.SLASHED ? "it stays as a record, for ever" : "`nyxos node unbond` and `nyxos node withdraw` come first");
        long from = Math.max(node.account().attestationFloorSlot(), node.account().attestationExpirySlot());
        if (node.slot() < from) {
            throw new StackException("close_too_early", "an attestation of node " + node.key() + " has not expired: it can be closed from " + Slots.from(from, node.slot()));
        }
        consent.ask(out(), List.of("from the slot in which it is confirmed node " + node.key() + " is not registered, and nothing can be claimed for it",
                "claim what it earned first (`nyxos claim`): what is left goes to whoever registers the key next"));
        var signature = node.send("close", node.registry().calls().closeNode(node.operator().publicKey(), node.key(), node.account().rentPayer()));
        out().println("closed, its rent went to " + node.account().rentPayer() + ", transaction " + signature);
    }
}
