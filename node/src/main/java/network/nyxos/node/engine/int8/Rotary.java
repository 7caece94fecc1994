package network.nyxos.node.engine.int8;

import java.math.BigInteger;

/**
 * Cosines and sines of the rotary positions, times 2³⁰.
 *
 * <p>A pair's angle is counted in 2⁻⁶⁴ turns: the step from one position to the next is rounded once, and position · step modulo 2⁶⁴ is exact
 * however long the context. The upper 24 bits, rounded, are turned by three tables of 256 entries, one a byte.
 */
public final class Rotary {
    private static final int LEVELS = 3;
    private static final int SIDE = 256;
    private static final long HALF = 1L << FixedPoint.TABLE_BITS - 1;

    /** {@code [level][j]}: the cosine of j/256^(level+1) turns. */
    static final int[][] COSINES = new int[LEVELS][SIDE];
    static final int[][] SINES = new int[LEVELS][SIDE];

    static {
        for (int level = 0; level < LEVELS; level++) {
            BigInteger[] step = Constants.circle(Constants.PI.shiftRight(8 * level + 7));
            BigInteger cosine = Constants.ONE;
            BigInteger sine = BigInteger.ZERO;
            for (int j = 0; j < SIDE; j++) {
                COSINES[level][j] = Constants.nearest(cosine, FixedPoint.TABLE_BITS).intValueExact();
                SINES[level][j] = Constants.nearest(sine, FixedPoint.TABLE_BITS).intValueExact();
                BigInteger next = Constants.multiply(cosine, step[0]).subtract(Constants.multiply(sine, step[1]));
                sine = Constants.multiply(cosine, step[1]).add(Constants.multiply(sine, step[0]));
                cosine = next;
            }
        }
    }

    private final int half;
    private final int[] cosines;
    private final int[] sines;

    /**
     * @param context  positions
     * @param headSize even
     * @param base     above 1
     */
    Rotary(int context, int headSize, float base) {
        half = headSize / 2;
        cosines = new int[context * half];
        sines = new int[context * half];
        long[] steps = steps(headSize, base);
        for (int position = 0; position < context; position++) {
            for (int i = 0; i < half; i++) {
                long[] point = point(position * steps[i]);
                cosines[position * half + i] = (int) point[0];
                sines[position * half + i] = (int) point[1];
            }
        }
    }

    /** The pairs' steps: 2⁶⁴ · base^(−2i / head size) / 2π, rounded. */
    static long[] steps(int headSize, float base) {
        BigInteger logarithm = Constants.naturalLogarithm(Constants.of(base));
        long[] steps = new long[headSize / 2];
        for (int i = 0; i < steps.length; i++) {
            BigInteger power = Constants.exponential(logarithm.multiply(BigInteger.valueOf(2L * i)).divide(BigInteger.valueOf(headSize)));
            steps[i] = Constants.nearest(Constants.divide(Constants.ONE, Constants.multiply(power, Constants.PI.shiftLeft(1))), 64).longValueExact();
        }
        return steps;
    }

    /** The cosine and the sine of an angle in 2⁻⁶⁴ turns, times 2³⁰. */
    public static long[] point(long phase) {
        int turn = (int) (phase + (1L << 39) >>> 40);
        long cosine = COSINES[0][turn >> 16];
        long sine = SINES[0][turn >> 16];
        for (int level = 1; level < LEVELS; level++) {
            int j = turn >> 16 - 8 * level & 0xff;
            long c = COSINES[level][j];
            long s = SINES[level][j];
            long next = cosine * c - sine * s + HALF >> FixedPoint.TABLE_BITS;
            sine = cosine * s + sine * c + HALF >> FixedPoint.TABLE_BITS;
            cosine = next;
        }
        return new long[] {cosine, sine};
    }

    /** Turns the neighbouring pairs of one head, as GGUF lays Llama's queries and keys out; rounded and saturated. */
    void turn(int[] values, int at, int position) {
        for (int i = 0; i < half; i++) {
            long cosine = cosines[position * half + i];
            long sine = sines[position * half + i];
            int pair = at + 2 * i;
            int a = values[pair];
            int b = values[pair + 1];
            values[pair] = FixedPoint.saturate(a * cosine - b * sine + HALF >> FixedPoint.TABLE_BITS);
            values[pair + 1] = FixedPoint.saturate(a * sine + b * cosine + HALF >> FixedPoint.TABLE_BITS);
        }
    }
}
