package network.nyxos.gateway.link;

import java.util.Optional;
import network.nyxos.escrow.wire.WireMessage.Challenge;
import network.nyxos.escrow.wire.WireMessage.Hello;
import network.nyxos.escrow.wire.WireMessage.Refused;

/// Whether a node that introduces itself is who it says and may serve.
public final class HelloRules {
    private HelloRules() {
    }

    /// Judges a hello.
    ///
    /// @return why it is refused, or empty
    public static Optional<Refused> judge(Challenge challenge, Hello hello, Registry registry) {
        if (!hello.verify(challenge)) {
            return refuse("hello_signature", "the node's key did not sign this hello for this challenge");
        }
        return judge(hello, registry);
    }

    /// Judges what a hello says against the registry, which may have changed since.
    public static Optional<Refused> judge(Hello hello, Registry registry) {
        Optional<RegisteredNode> found = registry.find(hello.node());
        if (found.isEmpty()) {
            return refuse("node_unregistered", "node " + hello.node() + " is not in the registry; register it, then connect again");
        }
        RegisteredNode node = found.get();
        if (!node.active()) {
            return refuse("node_inactive", "node " + hello.node() + " is unbonding, withdrawn or slashed");
        }
        if (node.bond() < registry.minimumBond()) {
            return refuse("node_bond", "the node's bond is " + node.bond() + ", the least is " + registry.minimumBond());
        }
        if (!node.tiers().containsAll(hello.tiers())) {
            return refuse("node_tier", "the node offers " + hello.tiers() + " and is registered for " + node.tiers());
        }
        if (!node.receiptKey().equals(hello.receiptKey())) {
            return refuse("node_receipt_key", "the registry has receipt key " + node.receiptKey() + " for this node");
        }
        if (!node.sealingKey().equals(hello.sealingKey())) {
            return refuse("node_sealing_key", "the registry has another sealing key for this node");
        }
        return Optional.empty();
    }

    private static Optional<Refused> refuse(String code, String message) {
        return Optional.of(new Refused(code, message));
    }
}
