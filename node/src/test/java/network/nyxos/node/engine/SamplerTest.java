package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import network.nyxos.node.engine.format.TokenMask;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int UNIT = 1 << 16;
    private static final int[] LOGITS = {UNIT, 3 * UNIT, 3 * UNIT, -2 * UNIT, 2 * UNIT};

    private static int[] counts(Sampling sampling, int[] logits, int draws) {
        Sampler sampler = new Sampler(sampling, 12345);
        int[] counts = new int[logits.length];
        for (int i = 0; i < draws; i++) {
            counts[sampler.pick(logits, 0, logits.length, TokenMask.ALL)]++;
        }
        return counts;
    }

    @Test
    void greedyTakesTheFirstOfTheGreatest() {
        assertThat(new Sampler(Sampling.GREEDY, 1).pick(LOGITS, 0, 5, TokenMask.ALL)).isEqualTo(1);
        assertThat(new Sampler(Sampling.GREEDY, 1).pick(new int[] {9, 9, 0, 5}, 2, 2, TokenMask.ALL)).isEqualTo(1);
    }

    @Test
    void drawsInProportion() {
        int draws = 200_000;
        int[] counts = counts(new Sampling(500_000, Sampling.ONE, 0), LOGITS, draws);
        double total = 0;
        for (int logit : LOGITS) {
            total += Math.exp(logit / 0.5 / UNIT);
        }
        for (int id = 0; id < LOGITS.length; id++) {
            assertThat((double) counts[id] / draws).isCloseTo(Math.exp(LOGITS[id] / 0.5 / UNIT) / total, within(0.005));
        }
    }

    @Test
    void topKAndTopPCutTheTail() {
        assertThat(counts(new Sampling(Sampling.ONE, Sampling.ONE, 2), LOGITS, 5_000)).matches(c -> c[0] == 0 && c[3] == 0 && c[4] == 0 && c[1] > 0 && c[2] > 0);
        assertThat(counts(new Sampling(Sampling.ONE, Sampling.ONE, 1), LOGITS, 500)[1]).isEqualTo(500);
        assertThat(counts(new Sampling(Sampling.ONE, 1, 0), LOGITS, 500)[1]).isEqualTo(500);
        assertThat(counts(new Sampling(Sampling.ONE, 800_000, 0), LOGITS, 5_000)).matches(c -> c[0] == 0 && c[3] == 0 && c[1] > 0 && c[2] > 0);
    }

    @Test
    void followsSplitMix64() {
        // With equal weights the draw is the upper bits of the generator; java.util.SplittableRandom is the same one.
        int[] even = new int[1024];
        Sampler sampler = new Sampler(new Sampling(Sampling.ONE, Sampling.ONE, 0), 99);
        java.util.SplittableRandom reference = new java.util.SplittableRandom(99);
        for (int i = 0; i < 100; i++) {
            assertThat(sampler.pick(even, 0, 1024, TokenMask.ALL)).isEqualTo((int) (reference.nextLong() >>> 54));
        }
    }

    @Test
    void theNarrowestTopPIsGreedyForLogitsOfAnySize() {
        Random random = new Random(4);
        for (int i = 0; i < 200; i++) {
            int[] logits = random.ints(20).map(logit -> Math.max(logit, -Integer.MAX_VALUE)).toArray();
            int best = new Sampler(Sampling.GREEDY, i).pick(logits, 0, logits.length, TokenMask.ALL);
            for (int temperature : new int[] {1, Sampling.ONE, 100 * Sampling.ONE}) {
                assertThat(new Sampler(new Sampling(temperature, 1, 0), i).pick(logits, 0, logits.length, TokenMask.ALL)).isEqualTo(best);
            }
        }
    }

    /** A vector of docs/engine-nyx-int8-v1.md. */
    @Test
    void theSpecificationsExampleIsDrawnAsItSays() {
        Sampler sampler = new Sampler(new Sampling(800_000, 900_000, 4), 42);
        int[] drawn = new int[12];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = sampler.pick(new int[] {70_000, 131_072, -5, 120_000, 131_072, 65_536, 119_999, 100_000}, 0, 8, TokenMask.ALL);
        }
        assertThat(drawn).containsExactly(3, 1, 4, 4, 1, 6, 1, 6, 4, 3, 1, 4);
    }

    @Test
    void refusesParametersOutOfRange() {
        assertThatThrownBy(() -> new Sampling(100_000_001, 1, 0)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> new Sampling(0, 0, 0)).hasMessageContaining("top_p");
        assertThatThrownBy(() -> new Sampling(0, 1, -1)).hasMessageContaining("top_k");
    }
}
