package network.nyxos.bench.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How often something can be done in a second by one thread. Contenders take turns, so that whatever else the machine does
 * meanwhile strikes all of them alike, and the median of the rounds counts.
 */
public final class Rate {

    /**
     * How long to measure.
     *
     * @param rounds rounds that count, at least 1; one more goes before them to warm up
     * @param round  length of a contender's turn
     */
    public record Plan(int rounds, Duration round) {

        public Plan {
            if (rounds < 1 || !round.isPositive()) {
                throw new IllegalArgumentException("a plan needs at least one round, longer than nothing");
            }
        }

        /** In words, for a figure's method. */
        @Override
        public String toString() {
            return "median of " + rounds + " rounds of " + round.toMillis() + " ms, contenders in turn, one thread";
        }
    }

    /** Something to be done; it says how many units it has done, at least 1. */
    @FunctionalInterface
    public interface Work {
        /** Does some. */
        long run();
    }

    private Rate() {
    }

    /** Units per second of each contender, in their order. */
    public static List<Double> perSecond(Plan plan, List<Work> contenders) {
        List<List<Double>> rates = contenders.stream().map(ignored -> (List<Double>) new ArrayList<Double>()).toList();
        for (int round = 0; round <= plan.rounds(); round++) {
            for (int i = 0; i < contenders.size(); i++) {
                double rate = turn(plan.round(), contenders.get(i));
                if (round > 0) {
                    rates.get(i).add(rate);
                }
            }
        }
        return rates.stream().map(Rate::median).toList();
    }

    private static double turn(Duration length, Work work) {
        long began = System.nanoTime();
        long done = 0;
        long elapsed;
        do {
            done += work.run();
            elapsed = System.nanoTime() - began;
        } while (elapsed < length.toNanos());
        return done * 1e9 / elapsed;
    }

    /** The middle one; of an even number the mean of the middle two. */
    public static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
