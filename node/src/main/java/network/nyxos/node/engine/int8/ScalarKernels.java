package network.nyxos.node.engine.int8;

import java.util.Arrays;

/** Plain Java: runs everywhere, and is what the vector kernels are tested against. */
final class ScalarKernels implements Kernels {
    private static final int GROUP = QuantMatrix.GROUP;

    @Override
    public void multiply(QuantMatrix w, int group, QuantRows x, int token, int[] out, int outAt) {
        int[] sums = new int[GROUP];
        Arrays.fill(out, outAt, outAt + GROUP, 0);
        for (int b = 0; b < w.blocks; b++) {
            Arrays.fill(sums, 0);
            int xAt = token * x.columns + b * QuantRows.BLOCK;
            int meta = (group * w.blocks + b) * GROUP;
            int block = token * x.blocks + b;
            int xScale = x.scales[block];
            int xShift = x.shifts[block];
            if (w.wide) {
                for (int c = 0; c < 16; c++) {
                    wide(w.codes, meta * 16 + c * GROUP, x.codes[xAt + 2 * c], x.codes[xAt + 2 * c + 1], sums);
                }
                for (int r = 0; r < GROUP; r++) {
                    int whole = w.scales[meta + r] * sums[QuantMatrix.slot(r)];
                    out[outAt + r] += (whole + 128 >> 8) * xScale >> xShift;
                }
            } else {
                for (int c = 0; c < 8; c++) {
                    int j = xAt + 4 * c;
                    narrow(w.codes, meta * 8 + c * GROUP, x.codes[j], x.codes[j + 1], x.codes[j + 2], x.codes[j + 3], sums);
                }
                int xSum = x.sums[block];
                for (int r = 0; r < GROUP; r++) {
                    int whole = w.scales[meta + r] * sums[QuantMatrix.slot(r)] + w.minima[meta + r] * xSum;
                    out[outAt + r] += (whole + 128 >> 8) * xScale >> xShift;
                }
            }
        }
    }

    private static void narrow(short[] codes, int at, int x0, int x1, int x2, int x3, int[] sums) {
        for (int s = 0; s < GROUP; s++) {
            int packed = codes[at + s];
            sums[s] += (packed & 0xf) * x0 + (packed >> 4 & 0xf) * x1 + (packed >> 8 & 0xf) * x2 + (packed >> 12 & 0xf) * x3;
        }
    }

    private static void wide(short[] codes, int at, int x0, int x1, int[] sums) {
        for (int s = 0; s < GROUP; s++) {
            int packed = codes[at + s];
            sums[s] += (packed << 24 >> 24) * x0 + (packed >> 8) * x1;
        }
    }

    @Override
    public void scores(int[] q, int qAt, int dimensions, int[] k, int kAt, int[] out, int outAt) {
        Arrays.fill(out, outAt, outAt + PAGE, 0);
        for (int d = 0; d < dimensions; d++) {
            int qd = q[qAt + d];
            int from = kAt + d * PAGE;
            for (int p = 0; p < PAGE; p++) {
                out[outAt + p] += qd * k[from + p];
            }
        }
    }

    @Override
    public void mix(int[] weights, int weightsAt, int positions, int[] v, int vAt, int dimensions, int[] out) {
        for (int p = 0; p < positions; p++) {
            int weight = weights[weightsAt + p];
            int from = vAt + p * dimensions;
            for (int d = 0; d < dimensions; d++) {
                out[d] += weight * v[from + d];
            }
        }
    }
}
