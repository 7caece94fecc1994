package network.nyxos.cli.dispute;

import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.registry.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Ends a dispute against who was silent, or gives it up. */
@Command(name = "end", mixinStandardHelpOptions = true, sortOptions = false, description = {"Ends a dispute in which somebody has let the time for a move pass: against the node, which loses its bond, or the accuser, who loses its stake.",
        "Before that the accuser alone can end it, and loses the stake."})
final class EndDispute extends Sending {

    @Parameters(paramLabel = "DISPUTE", description = "Its address.")
    private String dispute;

    @Mixin
    private Consent consent;

    @Override
    protected void run(ChainSession chain) {
        DisputeAt at = DisputeAt.require(chain, dispute);
        boolean overdue = at.overdue(chain.slot());
        boolean givesUp = !overdue && wallet().publicKey().equals(at.account().accuser());
        if (!overdue && !givesUp) {
            throw new StackException("dispute_in_time", "the " + (at.state().phase().isNodes() ? "node" : "accuser") + " has until slot " + Long.toUnsignedString(at.account().deadlineSlot())
                    + " to move; before that only the accuser " + at.account().accuser() + " can end the dispute");
        }
        boolean nodeLoses = overdue && at.state().phase().isNodes();
        Node node = chain.owned(at.account().node(), chain.programs().registry()).map(found -> Node.decode(found.data()))
                .orElseThrow(() -> new StackException("node_missing", "the node's account " + at.account().node() + " is not there"));
        PublicKey winner = nodeLoses ? at.account().accuser() : node.payout();
        consent.ask(out(), List.of(nodeLoses ? "node " + node.nodeKey() + " was silent and loses its bond of " + at.registry().bond().text(node.bond())
                : "accuser " + at.account().accuser() + (givesUp ? " gives up" : " was silent") + " and loses the stake of " + at.registry().bond().text(at.account().stake())));
        done("dispute " + at.address() + " is over", chain.send("end " + at.address(), List.of(at.calls().end(wallet().publicKey(), winner, at.account().rentPayer())), feePayer(), wallet()));
    }
}
