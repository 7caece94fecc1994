package network.nyxos.node.engine.int8;

import java.math.BigInteger;

/**
 * The engine's integer functions and their tables. Shifts to the right are arithmetic (they floor); "rounded" is half up, {@code floor(v + 1/2)}.
 *
 * <p>docs/engine-nyx-int8-v1.md states each, and the ranges that keep it from overflowing.
 */
public final class FixedPoint {
    /** Fractional bits of the residual stream, of what matrices give out, and of logits. */
    public static final int FRACTION = 16;

    /** Fractional bits of table entries. */
    static final int TABLE_BITS = 30;
    private static final int STEPS = 256;
    /** σ is tabled to 16, where it is one to 23 bits. */
    private static final int SIGMOID_END = 16 * STEPS;

    /** 2^(−j/256) and 2^(−j/65536), times 2³⁰. */
    static final int[] HALVINGS = halvings(8);
    static final int[] FINE_HALVINGS = halvings(16);
    /** σ(j/256) · 2³⁰ for j up to 4096. */
    static final int[] SIGMOID = sigmoids();
    private static final BigInteger LOG2_E = Constants.divide(Constants.ONE, Constants.LN_2);

    private FixedPoint() {
    }

    private static int[] halvings(int roots) {
        BigInteger step = Constants.ONE.shiftRight(1);
        for (int i = 0; i < roots; i++) {
            step = Constants.root(step);
        }
        int[] table = new int[STEPS];
        BigInteger power = Constants.ONE;
        for (int j = 0; j < STEPS; j++) {
            table[j] = Constants.nearest(power, TABLE_BITS).intValueExact();
            power = Constants.multiply(power, step);
        }
        return table;
    }

    private static int[] sigmoids() {
        BigInteger step = Constants.divide(Constants.ONE, Constants.exponential(Constants.ONE.divide(BigInteger.valueOf(STEPS))));
        int[] table = new int[SIGMOID_END + 1];
        BigInteger power = Constants.ONE;
        for (int j = 0; j <= SIGMOID_END; j++) {
            table[j] = Constants.nearest(Constants.divide(Constants.ONE, Constants.ONE.add(power)), TABLE_BITS).intValueExact();
            power = Constants.multiply(power, step);
        }
        return table;
    }

    /**
     * 2^(−d / 65536) · 2⁶⁰, floored after the shift; 0 from d = 60 · 65536 on.
     *
     * @param d not negative
     */
    public static long halve(long d) {
        if (d >= 60L << 16) {
            return 0;
        }
        int low = (int) d & 0xffff;
        return (long) HALVINGS[low >>> 8] * FINE_HALVINGS[low & 0xff] >> (int) (d >> 16);
    }

    /** log₂e / √headSize, times 2³⁰, rounded. */
    static long scoreFactor(int headSize) {
        BigInteger root = Constants.root(BigInteger.valueOf(headSize).shiftLeft(Constants.BITS));
        return Constants.nearest(Constants.divide(LOG2_E, root), TABLE_BITS).longValueExact();
    }

    /** x · σ(x), both with 16 fractional bits, rounded; between table entries σ is a straight line, from |x| = 16 on it is 0 or 1. */
    public static long silu(int x) {
        long size = Math.abs((long) x);
        int at = (int) (size >> 8);
        int sigmoid;
        if (at >= SIGMOID_END) {
            sigmoid = 1 << TABLE_BITS;
        } else {
            sigmoid = SIGMOID[at] + ((SIGMOID[at + 1] - SIGMOID[at]) * (int) (size & 0xff) >> 8);
        }
        return x * (long) (x < 0 ? (1 << TABLE_BITS) - sigmoid : sigmoid) + (1L << TABLE_BITS - 1) >> TABLE_BITS;
    }

    public static int saturate(long value) {
        return (int) Math.clamp(value, -Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** {@code value · 2^shift}, rounded where the shift is negative, saturated where it is not. */
    public static int shift(int value, int shift) {
        if (shift >= 0) {
            return saturate((long) value << Math.min(shift, 32));
        }
        return (int) rounded(value, Math.min(-shift, 62));
    }

    /** {@code value · 2^−shift}, rounded. @param shift 1 to 62, and the value below 2⁶² */
    public static long rounded(long value, int shift) {
        return value + (1L << shift - 1) >> shift;
    }

    /** The number of bits of a value that is not negative. */
    public static int bits(long value) {
        return 64 - Long.numberOfLeadingZeros(value);
    }

    /** The bit length of the integer part of |x|: the least E with |x| &lt; 2^E. @param x not zero */
    static int magnitude(double x) {
        return Math.getExponent(x) + 1;
    }

    /** {@code x · 2^exponent} rounded; exact, as a double holds every {@code float} times a power of two, and its sum with one half to the bit that counts. */
    static long scaled(float x, int exponent) {
        return (long) Math.floor(Math.scalb((double) x, exponent) + 0.5);
    }

    /** floor(√value) for 0 ≤ value &lt; 2⁶². */
    public static long root(long value) {
        long guess = (long) Math.sqrt(value);
        while (guess * guess > value) {
            guess--;
        }
        while ((guess + 1) * (guess + 1) <= value) {
            guess++;
        }
        return guess;
    }

    /**
     * A norm's gains as integers.
     *
     * @param codes    gain · 2^exponent, rounded; at most 2²⁰
     * @param exponent the fractional bits of the norm's output
     */
    record Gain(int[] codes, int exponent) {
        static Gain of(float[] values) {
            float max = 0f;
            for (float value : values) {
                max = Math.max(max, Math.abs(value));
            }
            int exponent = max == 0f ? 0 : 20 - magnitude(max);
            int[] codes = new int[values.length];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (int) scaled(values[i], exponent);
            }
            return new Gain(codes, exponent);
        }
    }

    /**
     * Root-mean-square normalisation.
     *
     * @param epsilon ε · 2³², rounded
     * @param out     gets values with the gain's fractional bits
     */
    static void norm(int[] in, int inAt, Gain gain, long epsilon, long[] out, int outAt) {
        int n = gain.codes().length;
        long max = 0;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, Math.abs((long) in[inAt + i]));
        }
        int down = Math.max(0, bits(max) - 23);
        long sum = 0;
        for (int i = 0; i < n; i++) {
            long v = in[inAt + i] >> down;
            sum += v * v;
        }
        long mean = Math.max(1, sum / n + (epsilon >> 2 * down));
        int up = (62 - bits(mean)) / 2;
        long inverse = (1L << 61) / root(mean << 2 * up);
        for (int i = 0; i < n; i++) {
            long unit = (in[inAt + i] >> down) * inverse + (1L << 40 - up) >> 41 - up;
            out[outAt + i] = unit * gain.codes()[i] + (1L << 19) >> 20;
        }
    }

    /**
     * Replaces values by mantissas of a common power of two.
     *
     * @param bits of a mantissa, without its sign
     * @return e, such that a value was about mantissa · 2^e
     */
    static int compact(int[] values, int at, int length, int bits) {
        long max = 0;
        for (int i = at; i < at + length; i++) {
            max = Math.max(max, Math.abs((long) values[i]));
        }
        int exponent = Math.max(0, bits(max) - bits);
        if (exponent > 0) {
            int limit = (1 << bits) - 1;
            for (int i = at; i < at + length; i++) {
                values[i] = (int) Math.clamp(values[i] + (1L << exponent - 1) >> exponent, -limit, limit);
            }
        }
        return exponent;
    }
}
