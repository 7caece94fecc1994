package network.nyxos.bench.economics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A market of many owners, each with a strategy; replays are done by anybody of them, drawn evenly. */
public final class Market {

    private Market() {
    }

    /**
     * What came of the owners of one strategy.
     *
     * @param owners  how many
     * @param mean    profit of an owner a round, base units
     * @param error   standard error of the mean
     * @param jobs    of all of them
     * @param cheated jobs that were cheated
     * @param replays jobs that were replayed
     * @param slashes bonds that were lost
     */
    public record Outcome(int owners, double mean, double error, long jobs, long cheated, long replays, long slashes) {
    }

    /**
     * Runs a market.
     *
     * @param owners by strategy
     * @param rounds jobs of an owner at most
     * @param seed   the same seed, the same market
     */
    public static Map<Strategy, Outcome> run(Map<Strategy, Integer> owners, Terms terms, long rounds, long seed) {
        int all = owners.values().stream().mapToInt(Integer::intValue).sum();
        var random = new SplittableRandom(seed);
        Map<Strategy, Outcome> outcomes = new EnumMap<>(Strategy.class);
        owners.forEach((strategy, count) -> {
            double cover = strategy.covers() ? (count - 1.0) / (all - 1.0) : 0;
            List<SplittableRandom> seeds = IntStream.range(0, count).mapToObj(_ -> random.split()).toList();
            outcomes.put(strategy, outcome(seeds.parallelStream().map(own -> new Life(strategy, terms, cover, own).live(rounds)).toList(), rounds));
        });
        return outcomes;
    }

    private static Outcome outcome(List<Life.Result> lives, long rounds) {
        double[] profits = lives.stream().mapToDouble(life -> (double) life.profit() / rounds).toArray();
        double mean = java.util.Arrays.stream(profits).average().orElseThrow();
        double variance = java.util.Arrays.stream(profits).map(profit -> (profit - mean) * (profit - mean)).sum() / Math.max(1, profits.length - 1);
        return new Outcome(lives.size(), mean, Math.sqrt(variance / lives.size()), lives.stream().mapToLong(Life.Result::jobs).sum(),
                lives.stream().mapToLong(Life.Result::cheated).sum(), lives.stream().mapToLong(Life.Result::replays).sum(), lives.stream().mapToLong(Life.Result::slashes).sum());
    }
}
