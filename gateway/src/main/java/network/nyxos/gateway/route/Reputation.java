package network.nyxos.gateway.route;

import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import software.sava.core.accounts.PublicKey;

/// What this gateway has seen of every node since it started. Thread-safe.
public final class Reputation {
    private final ConcurrentMap<PublicKey, Observations> nodes = new ConcurrentHashMap<>();
    private final InstantSource clock;

    /// @param clock what tells the time
    public Reputation(InstantSource clock) {
        this.clock = clock;
    }

    /// What was seen of a node.
    public Observations of(PublicKey node) {
        return nodes.getOrDefault(node, Observations.NONE);
    }

    /// A job was done.
    ///
    /// @param firstTokenMs milliseconds from the assignment to the first token
    /// @param tokens       output tokens
    /// @param streamMs     milliseconds from the first token to the end
    public void done(PublicKey node, long firstTokenMs, int tokens, long streamMs) {
        double rate = tokens > 1 && streamMs > 0 ? (tokens - 1) * 1_000.0 / streamMs : 0;
        nodes.compute(node, (_, seen) -> (seen == null ? Observations.NONE : seen).done(firstTokenMs, rate, clock.millis()));
    }

    /// A job failed through the node's fault.
    public void failed(PublicKey node) {
        nodes.compute(node, (_, seen) -> (seen == null ? Observations.NONE : seen).failed(clock.millis()));
    }
}
