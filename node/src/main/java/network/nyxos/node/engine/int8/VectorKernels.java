package network.nyxos.node.engine.int8;

import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels with {@code jdk.incubator.vector}: one lane a row (or a position, or a dimension), so that no sum
 * crosses lanes. Written for 128- and 256-bit vectors; wider machines run the 256-bit form.
 *
 * <p>Products of codes are summed in shorts first: 16 products of a 4-bit code (≤ 15) and an activation (≤ 127) are at most
 * 30 480 and fit; so do two products of a wide code (−128 to 127), at most 32 512.
 */
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED.vectorBitSize() >= 256 ? ShortVector.SPECIES_256 : ShortVector.SPECIES_128;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, S.vectorShape());
    private static final int LANES = S.length();
    private static final int HALF = I.length();
    private static final int GROUP = QuantMatrix.GROUP;

    /**
     * A block's sums go through memory: one method with all of a block's vectors is beyond what the compiler inlines, and then it boxes them.
     */
    @Override
    public void multiply(QuantMatrix w, int group, QuantRows x, int token, int[] out, int outAt) {
        int[] sums = new int[GROUP];
        Arrays.fill(out, outAt, outAt + GROUP, 0);
        for (int b = 0; b < w.blocks; b++) {
            int meta = (group * w.blocks + b) * GROUP;
            int columns = token * x.columns + b * QuantRows.BLOCK;
            int block = token * x.blocks + b;
            if (w.wide) {
                wide(w.codes, meta * 16, x.codes, columns, sums);
                accumulate(w.scales, meta, sums, x.scales[block], x.shifts[block], out, outAt);
            } else {
                narrow(w.codes, meta * 8, x.codes, columns, sums);
                accumulate(w.scales, w.minima, meta, sums, x.sums[block], x.scales[block], x.shifts[block], out, outAt);
            }
        }
    }

    /** Two vectors of rows at once, because spreading an activation over a vector costs as much as multiplying by it. */
    private static void narrow(short[] codes, int codesAt, short[] xs, int columns, int[] sums) {
        ShortVector mask = ShortVector.broadcast(S, (short) 0xf);
        for (int s = 0; s < GROUP; s += 2 * LANES) {
            int at = codesAt + s;
            int j = columns;
            IntVector evens0 = IntVector.zero(I);
            IntVector evens1 = evens0;
            IntVector odds0 = evens0;
            IntVector odds1 = evens0;
            for (int half = 0; half < 2; half++) {
                ShortVector sum0 = ShortVector.zero(S);
                ShortVector sum1 = sum0;
                for (int c = 0; c < 4; c++, j += 4, at += GROUP) {
                    ShortVector p = ShortVector.fromArray(S, codes, at);
                    ShortVector q = ShortVector.fromArray(S, codes, at + LANES);
                    ShortVector spread = ShortVector.broadcast(S, xs[j]);
                    sum0 = sum0.add(p.and(mask).mul(spread));
                    sum1 = sum1.add(q.and(mask).mul(spread));
                    spread = ShortVector.broadcast(S, xs[j + 1]);
                    sum0 = sum0.add(p.lanewise(VectorOperators.LSHR, 4).and(mask).mul(spread));
                    sum1 = sum1.add(q.lanewise(VectorOperators.LSHR, 4).and(mask).mul(spread));
                    spread = ShortVector.broadcast(S, xs[j + 2]);
                    sum0 = sum0.add(p.lanewise(VectorOperators.LSHR, 8).and(mask).mul(spread));
                    sum1 = sum1.add(q.lanewise(VectorOperators.LSHR, 8).and(mask).mul(spread));
                    spread = ShortVector.broadcast(S, xs[j + 3]);
                    sum0 = sum0.add(p.lanewise(VectorOperators.LSHR, 12).mul(spread));
                    sum1 = sum1.add(q.lanewise(VectorOperators.LSHR, 12).mul(spread));
                }
                evens0 = evens0.add(evens(sum0.reinterpretAsInts()));
                odds0 = odds0.add(odds(sum0.reinterpretAsInts()));
                evens1 = evens1.add(evens(sum1.reinterpretAsInts()));
                odds1 = odds1.add(odds(sum1.reinterpretAsInts()));
            }
            evens0.intoArray(sums, s / 2);
            evens1.intoArray(sums, s / 2 + HALF);
            odds0.intoArray(sums, s / 2 + 16);
            odds1.intoArray(sums, s / 2 + HALF + 16);
        }
    }

    private static void wide(short[] codes, int codesAt, short[] xs, int columns, int[] sums) {
        for (int s = 0; s < GROUP; s += 2 * LANES) {
            int at = codesAt + s;
            int j = columns;
            IntVector evens0 = IntVector.zero(I);
            IntVector evens1 = evens0;
            IntVector odds0 = evens0;
            IntVector odds1 = evens0;
            for (int c = 0; c < 16; c++, j += 2, at += GROUP) {
                ShortVector p = ShortVector.fromArray(S, codes, at);
                ShortVector q = ShortVector.fromArray(S, codes, at + LANES);
                ShortVector first = ShortVector.broadcast(S, xs[j]);
                ShortVector second = ShortVector.broadcast(S, xs[j + 1]);
                IntVector sum0 = pairSum(p, first, second).reinterpretAsInts();
                IntVector sum1 = pairSum(q, first, second).reinterpretAsInts();
                evens0 = evens0.add(evens(sum0));
                odds0 = odds0.add(odds(sum0));
                evens1 = evens1.add(evens(sum1));
                odds1 = odds1.add(odds(sum1));
            }
            evens0.intoArray(sums, s / 2);
            evens1.intoArray(sums, s / 2 + HALF);
            odds0.intoArray(sums, s / 2 + 16);
            odds1.intoArray(sums, s / 2 + HALF + 16);
        }
    }

    /** Both columns of wide codes: low byte times first, high byte times second. */
    private static ShortVector pairSum(ShortVector codes, ShortVector first, ShortVector second) {
        return codes.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 8).mul(first)
                .add(codes.lanewise(VectorOperators.ASHR, 8).mul(second));
    }

    private static IntVector evens(IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
    }

    private static IntVector odds(IntVector pairs) {
        return pairs.lanewise(VectorOperators.ASHR, 16);
    }

    private static void accumulate(int[] scales, int[] minima, int meta, int[] sums, int xSum, int xScale, int xShift, int[] out, int outAt) {
        for (int r = 0; r < GROUP; r += HALF) {
            IntVector whole = IntVector.fromArray(I, sums, r).mul(IntVector.fromArray(I, scales, meta + r)).add(IntVector.fromArray(I, minima, meta + r).mul(xSum));
            accumulate(whole, xScale, xShift, out, outAt + r);
        }
    }

    private static void accumulate(int[] scales, int meta, int[] sums, int xScale, int xShift, int[] out, int outAt) {
        for (int r = 0; r < GROUP; r += HALF) {
            accumulate(IntVector.fromArray(I, sums, r).mul(IntVector.fromArray(I, scales, meta + r)), xScale, xShift, out, outAt + r);
        }
    }

    private static void accumulate(IntVector whole, int xScale, int xShift, int[] out, int at) {
        IntVector term = whole.add(128).lanewise(VectorOperators.ASHR, 8).mul(xScale).lanewise(VectorOperators.ASHR, xShift);
        IntVector.fromArray(I, out, at).add(term).intoArray(out, at);
    }

    @Override
    public void scores(int[] q, int qAt, int dimensions, int[] k, int kAt, int[] out, int outAt) {
        for (int p = 0; p < PAGE; p += 4 * HALF) {
            IntVector a0 = IntVector.zero(I);
            IntVector a1 = a0;
            IntVector a2 = a0;
            IntVector a3 = a0;
            for (int d = 0; d < dimensions; d++) {
                IntVector qd = IntVector.broadcast(I, q[qAt + d]);
                int at = kAt + d * PAGE + p;
                a0 = a0.add(qd.mul(IntVector.fromArray(I, k, at)));
                a1 = a1.add(qd.mul(IntVector.fromArray(I, k, at + HALF)));
                a2 = a2.add(qd.mul(IntVector.fromArray(I, k, at + 2 * HALF)));
                a3 = a3.add(qd.mul(IntVector.fromArray(I, k, at + 3 * HALF)));
            }
            a0.intoArray(out, outAt + p);
            a1.intoArray(out, outAt + p + HALF);
            a2.intoArray(out, outAt + p + 2 * HALF);
            a3.intoArray(out, outAt + p + 3 * HALF);
        }
    }

    @Override
    public void mix(int[] weights, int weightsAt, int positions, int[] v, int vAt, int dimensions, int[] out) {
        for (int d = 0; d < dimensions; d += 4 * HALF) {
            IntVector a0 = IntVector.fromArray(I, out, d);
            IntVector a1 = IntVector.fromArray(I, out, d + HALF);
            IntVector a2 = IntVector.fromArray(I, out, d + 2 * HALF);
            IntVector a3 = IntVector.fromArray(I, out, d + 3 * HALF);
            for (int p = 0; p < positions; p++) {
                IntVector weight = IntVector.broadcast(I, weights[weightsAt + p]);
                int at = vAt + p * dimensions + d;
                a0 = a0.add(weight.mul(IntVector.fromArray(I, v, at)));
                a1 = a1.add(weight.mul(IntVector.fromArray(I, v, at + HALF)));
                a2 = a2.add(weight.mul(IntVector.fromArray(I, v, at + 2 * HALF)));
                a3 = a3.add(weight.mul(IntVector.fromArray(I, v, at + 3 * HALF)));
            }
            a0.intoArray(out, d);
            a1.intoArray(out, d + HALF);
            a2.intoArray(out, d + 2 * HALF);
            a3.intoArray(out, d + 3 * HALF);
        }
    }
}
