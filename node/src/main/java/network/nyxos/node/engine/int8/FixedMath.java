package network.nyxos.node.engine.int8;

/** Functions whose every bit is fixed by the engine spec: IEEE single operations in the order written here. */
final class FixedMath {
    private FixedMath() {
    }

    /** e^x within two units in the last place; 0 below −87, and x above 87 counts as 87. */
    static float exp(float x) {
        if (!(x >= -87f)) {
            return 0f;
        }
        float y = Math.min(x, 87f);
        int n = (int) (y * 1.44269504f + (y < 0f ? -0.5f : 0.5f));
        float r = y - n * 0.693359375f;
        r = r - n * -2.12194440e-4f;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * (r * r) + r + 1f;
        return p * Float.intBitsToFloat(n + 127 << 23);
    }

    /** x · sigmoid(x). */
    static float silu(float x) {
        return x / (1f + exp(-x));
    }

    /** Root-mean-square normalisation with a gain: the sum of squares in double, in index order. */
    static void rmsNorm(float[] in, int inAt, float[] gain, float epsilon, float[] out, int outAt) {
        int n = gain.length;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double v = in[inAt + i];
            sum += v * v;
        }
        float scale = (float) (1.0 / StrictMath.sqrt(sum / n + epsilon));
        for (int i = 0; i < n; i++) {
            out[outAt + i] = in[inAt + i] * scale * gain[i];
        }
    }
}
