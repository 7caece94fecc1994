package network.nyxos.gateway.route;

import java.util.List;
import java.util.Set;
import software.sava.core.accounts.PublicKey;

/// Which nodes a client wants its job to go to: `provider` in the body of a request.
///
/// @param only      no node but these; empty: any
/// @param ignore    none of these
/// @param order     these first, in this order
/// @param sort      how the others are ranked
/// @param fallbacks whether nodes outside of `order` may do the job or, where there is no order, whether a second node may when the first one fails
public record Preferences(Set<PublicKey> only, Set<PublicKey> ignore, List<PublicKey> order, Sort sort, boolean fallbacks) {
    /// Whatever the gateway thinks best.
    public static final Preferences NONE = new Preferences(Set.of(), Set.of(), List.of(), Sort.RATING, true);

    /// By what nodes are ranked.
    public enum Sort {
        /// The expected time of the whole job, weighed by load and by failures.
        RATING("rating"),
        /// The time to the first token.
        LATENCY("latency"),
        /// Output tokens per second.
        THROUGHPUT("throughput");

        // As requests and the header `Nyxos-Routing` write it.
        private final String wireName;

        Sort(String wireName) {
            this.wireName = wireName;
        }
    }

    /// Copies the lists.
    public Preferences {
        only = Set.copyOf(only);
        ignore = Set.copyOf(ignore);
        order = List.copyOf(order);
    }

    /// Whether a node may do the job.
    public boolean allows(PublicKey node) {
        return (only.isEmpty() || only.contains(node)) && !ignore.contains(node) && (fallbacks || order.isEmpty() || order.contains(node));
    }

    /// Whether a job that failed on one node may go to another.
    public boolean mayFailOver() {
        return fallbacks || !order.isEmpty();
    }

    /// A node's place in the client's own order, those outside of it last.
    int rank(PublicKey node) {
        int at = order.indexOf(node);
        return at < 0 ? Integer.MAX_VALUE : at;
    }

    /// What decided for a node.
    String decidedBy(PublicKey node) {
        return order.contains(node) ? "order" : sort.wireName;
    }
}
