package network.nyxos.gateway.route;

import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import network.nyxos.gateway.offer.Work;
import software.sava.core.accounts.PublicKey;

/// What this gateway has seen of every node since it started, of chats, embeddings and services apart: how fast a node is at the one says nothing of the other. Thread-safe.
public final class Reputation {
    private record Seen(PublicKey node, Class<? extends Work> work) {
        static Seen of(PublicKey node, Work work) {
            return new Seen(node, work.getClass());
        }
    }

    private final ConcurrentMap<Seen, Observations> nodes = new ConcurrentHashMap<>();
    private final InstantSource clock;

    /// @param clock what tells the time
    public Reputation(InstantSource clock) {
        this.clock = clock;
    }

    /// What was seen of a node at such work.
    public Observations of(PublicKey node, Work work) {
        return nodes.getOrDefault(Seen.of(node, work), Observations.NONE);
    }

    /// A job was done.
    ///
    /// @param firstMs  milliseconds from the assignment to the first token, vector or word of a service
    /// @param parts    output tokens, or vectors; 1 of a service
    /// @param streamMs milliseconds from the first to the end
    public void done(PublicKey node, Work work, long firstMs, int parts, long streamMs) {
        double rate = parts > 1 && streamMs > 0 ? (parts - 1) * 1_000.0 / streamMs : 0;
        nodes.compute(Seen.of(node, work), (_, seen) -> (seen == null ? Observations.NONE : seen).done(firstMs, rate, clock.millis()));
    }

    /// A job failed through the node's fault.
    public void failed(PublicKey node, Work work) {
        nodes.compute(Seen.of(node, work), (_, seen) -> (seen == null ? Observations.NONE : seen).failed(clock.millis()));
    }
}
