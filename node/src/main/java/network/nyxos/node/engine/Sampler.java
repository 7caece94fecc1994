package network.nyxos.node.engine;

import java.util.Arrays;

/**
 * Chooses a reply's tokens; the same logits, parameters and seed give the same tokens everywhere.
 *
 * <p>Greedy takes the greatest logit, the lowest id among equals. Otherwise: tokens are ordered by logit, greatest first,
 * then by id; {@code top_k} cuts the list; weights are {@code exp((logit − greatest) / temperature)} in double by
 * {@link StrictMath}, tokens more than 30 below the greatest after division being dropped; {@code top_p} keeps the shortest
 * beginning of the list whose weight is at least that share of the list's; the token is the first whose running weight
 * exceeds {@code u} times the kept weight. {@code u} is the next number of SplitMix64 seeded with the job's seed, its upper
 * 53 bits over 2⁵³: one draw a token.
 */
final class Sampler {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double NEGLIGIBLE = -30;

    private final Sampling sampling;
    private long state;

    Sampler(Sampling sampling, long seed) {
        this.sampling = sampling;
        this.state = seed;
    }

    int pick(float[] logits, int at, int size) {
        int best = 0;
        for (int id = 1; id < size; id++) {
            if (logits[at + id] > logits[at + best]) {
                best = id;
            }
        }
        if (sampling.greedy()) {
            return best;
        }
        double temperature = sampling.temperatureMicro() / (double) Sampling.ONE;
        float greatest = logits[at + best];
        long[] order = new long[size];
        int kept = 0;
        for (int id = 0; id < size; id++) {
            if ((logits[at + id] - greatest) / temperature >= NEGLIGIBLE) {
                order[kept++] = (long) descending(logits[at + id]) << 32 | id;
            }
        }
        Arrays.sort(order, 0, kept);
        if (sampling.topK() > 0) {
            kept = Math.min(kept, sampling.topK());
        }
        double[] weights = new double[kept];
        double total = 0;
        for (int i = 0; i < kept; i++) {
            weights[i] = StrictMath.exp((logits[at + (int) order[i]] - greatest) / temperature);
            total += weights[i];
        }
        if (sampling.topPMicro() < Sampling.ONE) {
            double share = total * (sampling.topPMicro() / (double) Sampling.ONE);
            double sum = 0;
            for (int i = 0; i < kept; i++) {
                sum += weights[i];
                if (sum >= share) {
                    kept = i + 1;
                }
            }
            total = sum;
        }
        double target = (draw() >>> 11) * 0x1p-53 * total;
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += weights[i];
            if (sum > target) {
                return (int) order[i];
            }
        }
        return kept == 0 ? best : (int) order[kept - 1];
    }

    /** An int that sorts (signed) the other way round from the float; zeros of both signs are equal. */
    private static int descending(float value) {
        int bits = Float.floatToIntBits(value + 0f);
        return ~(bits ^ bits >> 31 & Integer.MAX_VALUE);
    }

    private long draw() {
        state += GOLDEN;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
