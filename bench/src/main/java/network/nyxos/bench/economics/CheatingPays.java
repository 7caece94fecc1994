package network.nyxos.bench.economics;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Figure.Value;
import network.nyxos.escrow.standing.SampleRule;

/** The recommended numbers of docs/economics.md, and what owners of each strategy make of them. */
public final class CheatingPays {

    /** Of all owners, at most this share may be one ring, parts per million. */
    public static final int RING_PPM = 100_000;
    private static final SampleRule SAMPLING = SampleRule.DEFAULT;
    private static final Terms WITHOUT_BOND = new Terms(1_000, 3_000, 700, 200, 0, SAMPLING, 5, 20, 40);

    private CheatingPays() {
    }

    /** The recommended terms: the least bond against a ring, doubled. */
    public static Terms recommended() {
        return WITHOUT_BOND.withBond(2 * leastBond());
    }

    /** The least bond by the formula, when replays of a ring's jobs are waved through as often as its share allows. */
    public static long leastBond() {
        return Terms.leastBond(WITHOUT_BOND.temptation(), SAMPLING.floorPpm(), SampleRule.ALL - RING_PPM);
    }

    /** Half of the owners are honest, a tenth is the ring, the rest every other strategy in equal parts. */
    public static Map<Strategy, Integer> population(int owners) {
        Map<Strategy, Integer> population = new EnumMap<>(Strategy.class);
        for (Strategy strategy : Strategy.values()) {
            population.put(strategy, owners / 10);
        }
        population.put(Strategy.HONEST, owners / 2);
        return population;
    }

    /** Runs it. */
    public static List<Figure> measure(int owners, long rounds) {
        Map<Strategy, Market.Outcome> outcomes = Market.run(population(owners), recommended(), rounds, 1);
        double honest = outcomes.get(Strategy.HONEST).mean();
        List<Figure> figures = new ArrayList<>();
        outcomes.forEach((strategy, outcome) -> figures.add(new Figure("owner: " + strategy.title(), List.of(
                new Value("profit / honest", outcome.mean() / honest, "×"), new Value("cheated", 100.0 * outcome.cheated() / outcome.jobs(), "% of jobs"),
                new Value("replayed", 100.0 * outcome.replays() / outcome.jobs(), "% of jobs"), new Value("slashed", (double) outcome.slashes() / outcome.owners(), "times")),
                "simulated, seed 1, " + rounds + " rounds; numbers and derivation in docs/economics.md")));
        return List.copyOf(figures);
    }
}
