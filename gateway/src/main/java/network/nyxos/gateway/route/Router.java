package network.nyxos.gateway.route;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Ranks the nodes that could take a job: the least expected time, weighed by how often the node keeps its word and how full it is. Prices need no weighing:
/// they are the gateway's, the same for every node of a tier. What the client prefers goes before. Nothing is random; where two nodes are equal the lower key goes first.
public final class Router {
    private static final double MILLIS = 1_000;
    private static final double LEAST_RATE = 0.01;

    private Router() {
    }

    /// The candidates, best first.
    ///
    /// @param wanted    what the client prefers
    /// @param maxOutput output tokens that the job may have
    /// @param nowMs     unix milliseconds
    public static List<Candidate> rank(List<Candidate> candidates, Preferences wanted, int maxOutput, long nowMs) {
        ToDoubleFunction<Candidate> rating = each -> cost(each, maxOutput, nowMs);
        ToDoubleFunction<Candidate> sorted = switch (wanted.sort()) {
            case RATING -> rating;
            case LATENCY -> each -> each.observed().firstTokenMs();
            case THROUGHPUT -> each -> -each.observed().tokensPerSec();
        };
        return candidates.stream().sorted(Comparator.comparingInt((Candidate each) -> wanted.rank(each.node())).thenComparingDouble(sorted).thenComparingDouble(rating)
            .thenComparing(Candidate::node)).toList();
    }

    /// Expected seconds of a job on a node with nothing else to do.
    public static double seconds(Observations seen, int maxOutput) {
        return seen.firstTokenMs() / MILLIS + maxOutput / Math.max(LEAST_RATE, seen.tokensPerSec());
    }

    /// Expected seconds, made worse by load and by failures; lower is better.
    static double cost(Candidate candidate, int maxOutput, long nowMs) {
        Observations seen = candidate.observed();
        double seconds = seconds(seen, maxOutput);
        double load = 1 + (double) candidate.inFlight() / candidate.capacity();
        double success = Math.max(LEAST_RATE, seen.successAt(nowMs));
        return seconds * load / (success * success);
    }
}
