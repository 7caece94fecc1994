package network.nyxos.node.engine.int8;

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

    @Override
    public void multiply(QuantMatrix w, int group, QuantRows x, int token, int[] out, int outAt) {
        for (int s = 0; s < GROUP; s += 2 * LANES) {
            if (w.wide) {
                wide(w, group, s, x, token, out, outAt);
            } else {
                narrow(w, group, s, x, token, out, outAt);
            }
        }
    }

    /** Two vectors of rows at once, because spreading an activation over a vector costs as much as multiplying by it. */
    private static void narrow(QuantMatrix w, int group, int s, QuantRows x, int token, int[] out, int outAt) {
        short[] codes = w.codes;
        short[] xs = x.codes;
        IntVector even0 = IntVector.zero(I);
        IntVector even1 = even0;
        IntVector odd0 = even0;
        IntVector odd1 = even0;
        ShortVector mask = ShortVector.broadcast(S, (short) 0xf);
        for (int b = 0; b < w.blocks; b++) {
            int meta = (group * w.blocks + b) * GROUP;
            int at = meta * 8 + s;
            int j = token * x.columns + b * QuantRows.BLOCK;
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
            int block = token * x.blocks + b;
            int xScale = x.scales[block];
            int xShift = x.shifts[block];
            int xSum = x.sums[block];
            int m = meta + s / 2;
            even0 = even0.add(narrowTerm(w, m, evens0, xScale, xShift, xSum));
            odd0 = odd0.add(narrowTerm(w, m + 16, odds0, xScale, xShift, xSum));
            even1 = even1.add(narrowTerm(w, m + HALF, evens1, xScale, xShift, xSum));
            odd1 = odd1.add(narrowTerm(w, m + HALF + 16, odds1, xScale, xShift, xSum));
        }
        int to = outAt + s / 2;
        even0.intoArray(out, to);
        odd0.intoArray(out, to + 16);
        even1.intoArray(out, to + HALF);
        odd1.intoArray(out, to + HALF + 16);
    }

    private static void wide(QuantMatrix w, int group, int s, QuantRows x, int token, int[] out, int outAt) {
        short[] codes = w.codes;
        short[] xs = x.codes;
        IntVector even0 = IntVector.zero(I);
        IntVector even1 = even0;
        IntVector odd0 = even0;
        IntVector odd1 = even0;
        for (int b = 0; b < w.blocks; b++) {
            int meta = (group * w.blocks + b) * GROUP;
            int at = meta * 16 + s;
            int j = token * x.columns + b * QuantRows.BLOCK;
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
            int block = token * x.blocks + b;
            int xScale = x.scales[block];
            int xShift = x.shifts[block];
            int m = meta + s / 2;
            even0 = even0.add(wideTerm(w, m, evens0, xScale, xShift));
            odd0 = odd0.add(wideTerm(w, m + 16, odds0, xScale, xShift));
            even1 = even1.add(wideTerm(w, m + HALF, evens1, xScale, xShift));
            odd1 = odd1.add(wideTerm(w, m + HALF + 16, odds1, xScale, xShift));
        }
        int to = outAt + s / 2;
        even0.intoArray(out, to);
        odd0.intoArray(out, to + 16);
        even1.intoArray(out, to + HALF);
        odd1.intoArray(out, to + HALF + 16);
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

    private static IntVector narrowTerm(QuantMatrix w, int meta, IntVector sums, int xScale, int xShift, int xSum) {
        return term(sums.mul(IntVector.fromArray(I, w.scales, meta)).add(IntVector.fromArray(I, w.minima, meta).mul(xSum)), xScale, xShift);
    }

    private static IntVector wideTerm(QuantMatrix w, int meta, IntVector sums, int xScale, int xShift) {
        return term(sums.mul(IntVector.fromArray(I, w.scales, meta)), xScale, xShift);
    }

    private static IntVector term(IntVector whole, int xScale, int xShift) {
        return whole.add(128).lanewise(VectorOperators.ASHR, 8).mul(xScale).lanewise(VectorOperators.ASHR, xShift);
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
