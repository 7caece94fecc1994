package network.nyxos.bench.economics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import network.nyxos.bench.measure.Figure;
import network.nyxos.escrow.standing.SampleRule;
import org.junit.jupiter.api.Test;

/** Honesty is what pays, at the numbers that docs/economics.md recommends and by the formula that it derives. */
class EconomicsTest {

    private static final long ROUNDS = 8_000;
    /** Differences are believed from here on, in standard errors. */
    private static final double SURE = 4;

    private static Map<Strategy, Market.Outcome> market(Terms terms, long seed) {
        return Market.run(CheatingPays.population(2_000), terms, ROUNDS, seed);
    }

    /** By how many standard errors a strategy earns more than honesty; below zero: less. */
    private static double advantage(Map<Strategy, Market.Outcome> outcomes, Strategy strategy) {
        Market.Outcome honest = outcomes.get(Strategy.HONEST);
        Market.Outcome other = outcomes.get(strategy);
        return (other.mean() - honest.mean()) / Math.hypot(honest.error(), other.error());
    }

    @Test
    void no_strategy_earns_more_than_honesty_at_the_recommended_numbers() {
        for (long seed = 1; seed <= 3; seed++) {
            Map<Strategy, Market.Outcome> outcomes = market(CheatingPays.recommended(), seed);
            assertThat(outcomes.get(Strategy.HONEST).slashes()).isZero();
            for (Strategy strategy : Strategy.values()) {
                if (strategy != Strategy.HONEST) {
                    assertThat(advantage(outcomes, strategy)).as(strategy.title()).isLessThan(-SURE);
                    assertThat(outcomes.get(strategy).slashes()).as(strategy.title()).isPositive();
                }
            }
        }
    }

    /** The test can fail: with a bond well below the formula's, patience pays. */
    @Test
    void a_bond_below_the_formula_makes_patient_cheating_pay() {
        Map<Strategy, Market.Outcome> outcomes = market(CheatingPays.recommended().withBond(CheatingPays.leastBond() / 3), 1);
        assertThat(advantage(outcomes, Strategy.PATIENT)).isGreaterThan(SURE);
        assertThat(advantage(outcomes, Strategy.RING)).isGreaterThan(SURE);
    }

    /** An unbonding time that ends before the verdicts lets whoever runs keep bond and loot. */
    @Test
    void an_unbonding_time_shorter_than_the_verdicts_lets_cheaters_run() {
        Terms terms = CheatingPays.recommended();
        assertThat(advantage(market(terms.withUnbonding(0), 1), Strategy.HIT_AND_RUN)).isGreaterThan(SURE);
        assertThat(advantage(market(terms.withUnbonding(terms.replayLag() + 1), 1), Strategy.HIT_AND_RUN)).isLessThan(-SURE);
    }

    @Test
    void whoever_cheats_always_is_caught_at_once_for_new_nodes_are_replayed_whole() {
        Market.Outcome greedy = market(CheatingPays.recommended(), 1).get(Strategy.GREEDY);
        assertThat(greedy.replays()).isEqualTo(greedy.jobs());
        assertThat(greedy.mean()).isNegative();
    }

    @Test
    void an_old_honest_node_is_replayed_as_seldom_as_the_floor_allows() {
        SampleRule sampling = CheatingPays.recommended().sampling();
        assertThat(sampling.rateAfter(0)).isEqualTo(SampleRule.ALL);
        assertThat(sampling.rateAfter(50)).isEqualTo(SampleRule.ALL / 2);
        assertThat(sampling.rateAfter(2_450)).isEqualTo(20_000);
        assertThat(sampling.rateAfter(Long.MAX_VALUE / 2)).isEqualTo(20_000);
        var random = new SplittableRandom(1);
        for (int i = 0; i < 1_000; i++) {
            long standing = random.nextLong(1_000_000);
            assertThat(sampling.rateAfter(standing + 1)).isLessThanOrEqualTo(sampling.rateAfter(standing)).isGreaterThanOrEqualTo(sampling.floorPpm());
        }
    }

    @Test
    void the_least_bond_is_what_the_formula_says() {
        assertThat(Terms.leastBond(1_800, 20_000, 900_000)).isEqualTo(100_000);
        assertThat(Terms.leastBond(1, 3, SampleRule.ALL)).isEqualTo(333_334);
        assertThatThrownBy(() -> Terms.leastBond(Long.MAX_VALUE, 1, 1)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void the_figures_name_every_strategy() {
        assertThat(CheatingPays.measure(100, 200)).extracting(Figure::name).hasSameSizeAs(Strategy.values()).first().isEqualTo("owner: honest");
    }

    @Test
    void the_same_seed_is_the_same_market() {
        Map<Strategy, Integer> owners = new EnumMap<>(Map.of(Strategy.HONEST, 20, Strategy.PATIENT, 20));
        Terms terms = CheatingPays.recommended();
        assertThat(Market.run(owners, terms, 500, 7)).isEqualTo(Market.run(owners, terms, 500, 7));
    }
}
