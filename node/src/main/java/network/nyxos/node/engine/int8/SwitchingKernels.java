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
        x.set(0, random.longs(x.columns, -1 << 15, 1 << 15).toArray(), 0, FixedPoint.FRACTION);
        int[] values = random.ints(64 * PAGE, -1 << 10, 1 << 10).toArray();
        int[] out = new int[PAGE];
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

    private static long round(Kernels kernels, QuantMatrix narrow, QuantMatrix wide, QuantRows x, int[] values, int[] out) {
        long start = System.nanoTime();
        kernels.multiply(narrow, 0, x, 0, out, 0);
        kernels.multiply(wide, 0, x, 0, out, 0);
        kernels.scores(values, 0, 64, values, 0, out, 0);
        kernels.mix(values, 0, PAGE, values, 0, 64, out);
        return System.nanoTime() - start;
    }

    @Override
    public void multiply(QuantMatrix w, int group, QuantRows x, int token, int[] out, int outAt) {
        current.multiply(w, group, x, token, out, outAt);
    }

    @Override
    public void scores(int[] q, int qAt, int dimensions, int[] k, int kAt, int[] out, int outAt) {
        current.scores(q, qAt, dimensions, k, kAt, out, outAt);
    }

    @Override
    public void mix(int[] weights, int weightsAt, int positions, int[] v, int vAt, int dimensions, int[] out) {
        current.mix(weights, weightsAt, positions, v, vAt, dimensions, out);
    }
}
