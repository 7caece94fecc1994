package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final float[] LOGITS = {1f, 3f, 3f, -2f, 2f};

    private static int[] counts(Sampling sampling, float[] logits, int draws) {
        Sampler sampler = new Sampler(sampling, 12345);
        int[] counts = new int[logits.length];
        for (int i = 0; i < draws; i++) {
            counts[sampler.pick(logits, 0, logits.length)]++;
        }
        return counts;
    }

    @Test
    void greedyTakesTheFirstOfTheGreatest() {
        assertThat(new Sampler(Sampling.GREEDY, 1).pick(LOGITS, 0, 5)).isEqualTo(1);
        assertThat(new Sampler(Sampling.GREEDY, 1).pick(new float[] {9, 9, 0f, 5f}, 2, 2)).isEqualTo(1);
    }

    @Test
    void drawsInProportion() {
        int draws = 200_000;
        int[] counts = counts(new Sampling(500_000, Sampling.ONE, 0), LOGITS, draws);
        double total = 0;
        for (float logit : LOGITS) {
            total += Math.exp(logit / 0.5);
        }
        for (int id = 0; id < LOGITS.length; id++) {
            assertThat((double) counts[id] / draws).isCloseTo(Math.exp(LOGITS[id] / 0.5) / total, within(0.005));
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
        float[] even = new float[1024];
        Sampler sampler = new Sampler(new Sampling(Sampling.ONE, Sampling.ONE, 0), 99);
        java.util.SplittableRandom reference = new java.util.SplittableRandom(99);
        for (int i = 0; i < 100; i++) {
            assertThat(sampler.pick(even, 0, 1024)).isEqualTo((int) (reference.nextLong() >>> 54));
        }
    }

    @Test
    void negativeAndZeroLogitsKeepTheirOrder() {
        Random random = new Random(4);
        for (int i = 0; i < 200; i++) {
            float[] logits = new float[20];
            int best = 0;
            for (int id = 0; id < logits.length; id++) {
                logits[id] = random.nextInt(5) == 0 ? -0f : (float) random.nextGaussian();
                best = logits[id] > logits[best] ? id : best;
            }
            assertThat(new Sampler(new Sampling(Sampling.ONE, Sampling.ONE, 1), i).pick(logits, 0, logits.length)).isEqualTo(best);
        }
    }

    @Test
    void refusesParametersOutOfRange() {
        assertThatThrownBy(() -> new Sampling(100_000_001, 1, 0)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> new Sampling(0, 0, 0)).hasMessageContaining("top_p");
        assertThatThrownBy(() -> new Sampling(0, 1, -1)).hasMessageContaining("top_k");
    }
}
