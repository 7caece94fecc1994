package network.nyxos.node.engine.int8;

import java.util.Arrays;

/** Plain Java: runs everywhere, and is what the vector kernels are tested against. */
final class ScalarKernels implements Kernels {
    private static final int GROUP = QuantMatrix.GROUP;

    @Override
    public void multiply(QuantMatrix w, int group, QuantRows x, int token, float[] out, int outAt) {
        int[] sums = new int[GROUP];
        float[] acc = new float[GROUP];
        for (int b = 0; b < w.blocks; b++) {
            Arrays.fill(sums, 0);
            int xAt = token * x.columns + b * QuantRows.BLOCK;
            int meta = (group * w.blocks + b) * GROUP;
            float xScale = x.scales[token * x.blocks + b];
            if (w.wide) {
                for (int c = 0; c < 16; c++) {
                    wide(w.codes, meta * 16 + c * GROUP, x.codes[xAt + 2 * c], x.codes[xAt + 2 * c + 1], sums);
                }
                for (int r = 0; r < GROUP; r++) {
                    acc[r] = acc[r] + w.scales[meta + r] * sums[QuantMatrix.slot(r)] * xScale;
                }
            } else {
                for (int c = 0; c < 8; c++) {
                    int j = xAt + 4 * c;
                    narrow(w.codes, meta * 8 + c * GROUP, x.codes[j], x.codes[j + 1], x.codes[j + 2], x.codes[j + 3], sums);
                }
                float xSum = x.sums[token * x.blocks + b];
                for (int r = 0; r < GROUP; r++) {
                    acc[r] = acc[r] + (w.scales[meta + r] * sums[QuantMatrix.slot(r)] * xScale + w.minima[meta + r] * xSum);
                }
            }
        }
        System.arraycopy(acc, 0, out, outAt, GROUP);
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
    public void scores(float[] q, int qAt, int dimensions, float[] k, int kAt, float scale, float[] out, int outAt) {
        for (int p = 0; p < PAGE; p++) {
            out[outAt + p] = 0f;
        }
        for (int d = 0; d < dimensions; d++) {
            float qd = q[qAt + d];
            int from = kAt + d * PAGE;
            for (int p = 0; p < PAGE; p++) {
                out[outAt + p] = out[outAt + p] + qd * k[from + p];
            }
        }
        for (int p = 0; p < PAGE; p++) {
            out[outAt + p] = out[outAt + p] * scale;
        }
    }

    @Override
    public void mix(float[] weights, int weightsAt, int positions, float[] v, int vAt, int dimensions, float[] out, int outAt) {
        for (int p = 0; p < positions; p++) {
            float weight = weights[weightsAt + p];
            int from = vAt + p * dimensions;
            for (int d = 0; d < dimensions; d++) {
                out[outAt + d] = out[outAt + d] + weight * v[from + d];
            }
        }
    }
}
