package network.nyxos.gateway;

import network.nyxos.escrow.job.Tier;

/// A gateway with one node, on a ground of their own, for a whole test class.
///
/// @param node registered for the tiers that it offers
public record OneNode(Ground ground, Gateway gateway, ScriptedNode node) implements AutoCloseable {
    /// Starts all of it.
    public static OneNode saying(String[] pieces, Tier... tiers) throws InterruptedException {
        return of(ScriptedNode.Script.saying(pieces), tiers);
    }

    /// Starts all of it.
    public static OneNode of(ScriptedNode.Script script, Tier... tiers) throws InterruptedException {
        var ground = new Ground();
        try {
            ScriptedNode.Keys keys = ground.register(tiers);
            Gateway gateway = ground.gateway();
            return new OneNode(ground, gateway, ScriptedNode.join(gateway, keys, script, tiers));
        } catch (RuntimeException | InterruptedException e) {
            ground.close();
            throw e;
        }
    }

    @Override
    public void close() {
        node.close();
        gateway.close();
        ground.close();
    }
}
