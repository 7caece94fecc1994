package network.nyxos.node.engine.int8;

import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scalar kernels until the vector kernels have been compiled, vector kernels from then on.
 *
 * <p>The Vector API is a hundred times slower than plain Java while it is interpreted, so a thread of its own warms it up on
 * made-up numbers. Switching in the middle of a reply is harmless: both give the same bits.
 */
final class SwitchingKernels implements Kernels {
    private static final Logger LOG = LoggerFactory.getLogger(SwitchingKernels.class);
    private static final int SCALAR_ROUNDS = 400;
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private volatile Kernels current = new ScalarKernels();

    SwitchingKernels(QuantMatrix narrow, QuantMatrix wide, Kernels vector) {
        Thread.ofPlatform().daemon().name("nyx-kernel-warmup").start(() -> {
            if (warm(narrow, wide, vector)) {
                current = vector;
                LOG.debug("vector kernels took over");
            } else {
                LOG.info("vector kernels stayed slower than scalar ones on this machine; running scalar");
            }
        });
    }

    /** Runs the vector kernels until they beat the scalar ones; compares best times, which other load hardly touches. */
    private static boolean warm(QuantMatrix narrow, QuantMatrix wide, Kernels vector) {
        Random random = new Random(1);
        QuantRows x = new QuantRows(1, narrow.columns);
        float[] values = new float[Math.max(x.columns, 64 * PAGE)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        x.set(0, values, 0);
        float[] out = new float[PAGE];
        Kernels scalar = new ScalarKernels();
        long scalarTime = Long.MAX_VALUE;
        long vectorTime = Long.MAX_VALUE;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (int round = 0; System.nanoTime() < deadline; round++) {
            if (round < SCALAR_ROUNDS) {
                scalarTime = Math.min(scalarTime, round(scalar, narrow, wide, x, values, out));
            }
            vectorTime = Math.min(vectorTime, round(vector, narrow, wide, x, values, out));
            if (round >= SCALAR_ROUNDS && vectorTime < scalarTime) {
                return true;
            }
        }
        return false;
    }

    private static long round(Kernels kernels, QuantMatrix narrow, QuantMatrix wide, QuantRows x, float[] values, float[] out) {
        long start = System.nanoTime();
        kernels.multiply(narrow, 0, x, 0, out, 0);
        kernels.multiply(wide, 0, x, 0, out, 0);
        kernels.scores(values, 0, 64, values, 0, 1f, out, 0);
        kernels.mix(values, 0, PAGE, values, 0, 64, out, 0);
        return System.nanoTime() - start;
    }

    @Override
    public void multiply(QuantMatrix w, int group, QuantRows x, int token, float[] out, int outAt) {
        current.multiply(w, group, x, token, out, outAt);
    }

    @Override
    public void scores(float[] q, int qAt, int dimensions, float[] k, int kAt, float scale, float[] out, int outAt) {
        current.scores(q, qAt, dimensions, k, kAt, scale, out, outAt);
    }

    @Override
    public void mix(float[] weights, int weightsAt, int positions, float[] v, int vAt, int dimensions, float[] out, int outAt) {
        current.mix(weights, weightsAt, positions, v, vAt, dimensions, out, outAt);
    }
}
