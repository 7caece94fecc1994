package network.nyxos.node.engine;

import java.util.Arrays;
import network.nyxos.node.engine.format.TokenMask;
import network.nyxos.node.engine.int8.FixedPoint;

/**
 * Chooses a reply's tokens; the same logits, parameters and seed give the same tokens everywhere. All arithmetic is on integers.
 *
 * <p>Greedy takes the greatest logit, the lowest id among equals. Otherwise: tokens are ordered by logit, greatest first,
 * then by id; {@code top_k} cuts the list; a weight is {@code 2^((logit − greatest) · log₂e / temperature) · 2⁴⁰}, floored, and tokens
 * whose weight is 0 are dropped; {@code top_p} keeps the shortest beginning of the list whose weight is at least that share of the list's;
 * the token is the first whose running weight exceeds {@code floor(u · kept weight / 2⁶⁴)}. {@code u} is the next number of SplitMix64
 * seeded with the job's seed: one draw a token. Sums stay below 2⁶⁰, as there are at most 2²⁰ tokens.
 */
final class Sampler {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    /** log₂e · 10⁶, rounded: temperatures are in millionths. */
    private static final long LOG2_E_MICRO = 1_442_695;
    /** Bits of the greatest weight. */
    private static final int WEIGHT_BITS = 40;
    private static final int ID_BITS = 20;

    private final Sampling sampling;
    private long state;

    Sampler(Sampling sampling, long seed) {
        this.sampling = sampling;
        this.state = seed;
    }

    /**
     * @param logits with 16 fractional bits, {@code size} of them from {@code at}; at most 2²⁰
     * @param mask   the tokens that may be chosen; the others are as if they were not there
     */
    int pick(int[] logits, int at, int size, TokenMask mask) {
        int best = -1;
        for (int id = 0; id < size; id++) {
            if (mask.allows(id) && (best < 0 || logits[at + id] > logits[at + best])) {
                best = id;
            }
        }
        if (best < 0) {
            throw new EngineException(EngineException.Code.ENGINE_FAILED, "no token of the vocabulary keeps the reply in its form");
        }
        if (sampling.greedy()) {
            return best;
        }
        long[] order = new long[size];
        int kept = 0;
        // A weight is 0 where its exponent's integer part is above WEIGHT_BITS.
        long bound = (WEIGHT_BITS + 1L << 16) * sampling.temperatureMicro();
        for (int id = 0; id < size; id++) {
            long below = (long) logits[at + best] - logits[at + id];
            if (below * LOG2_E_MICRO < bound && mask.allows(id)) {
                order[kept++] = below << ID_BITS | id;
            }
        }
        Arrays.sort(order, 0, kept);
        if (sampling.topK() > 0) {
            kept = Math.min(kept, sampling.topK());
        }
        long[] weights = new long[kept];
        long total = 0;
        for (int i = 0; i < kept; i++) {
            weights[i] = FixedPoint.halve((order[i] >> ID_BITS) * LOG2_E_MICRO / sampling.temperatureMicro()) >> 60 - WEIGHT_BITS;
            total += weights[i];
        }
        if (sampling.topPMicro() < Sampling.ONE) {
            total = cut(weights, share(total));
        }
        long target = Math.unsignedMultiplyHigh(draw(), total);
        long sum = 0;
        int chosen = -1;
        do {
            sum += weights[++chosen];
        } while (sum <= target);
        return (int) order[chosen] & (1 << ID_BITS) - 1;
    }

    /** top_p of a total, rounded up. */
    private long share(long total) {
        return total / Sampling.ONE * sampling.topPMicro() + (total % Sampling.ONE * sampling.topPMicro() + Sampling.ONE - 1) / Sampling.ONE;
    }

    /** The weight of the shortest beginning that weighs a share. */
    private static long cut(long[] weights, long share) {
        long sum = 0;
        for (int i = 0; sum < share; i++) {
            sum += weights[i];
        }
        return sum;
    }

    private long draw() {
        state += GOLDEN;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
