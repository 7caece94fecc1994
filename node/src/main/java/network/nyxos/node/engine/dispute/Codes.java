package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import network.nyxos.node.engine.int8.FixedPoint;

/** Activations as int8 codes in blocks of 32, each with its A and q. */
final class Codes {
    static final int BLOCK = 32;
    /** {@code A u8 ‖ q u8 ‖ 32 × i8}. */
    static final int BLOCK_BYTES = 2 + BLOCK;

    final byte[] codes;
    final int[] a;
    final int[] q;
    /** Q: the greatest q. */
    final int greatest;
    /** Fractional bits of what was coded. */
    final int fraction;

    Codes(long[] values, int fraction) {
        this.fraction = fraction;
        this.codes = new byte[values.length];
        this.a = new int[values.length / BLOCK];
        this.q = new int[a.length];
        int most = 0;
        for (int b = 0; b < a.length; b++) {
            block(values, b);
            most = Math.max(most, q[b]);
        }
        this.greatest = most;
    }

    private void block(long[] values, int b) {
        long max = 0;
        for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
            max = Math.max(max, Math.abs(values[i]));
        }
        q[b] = Math.max(0, FixedPoint.bits(max) - 8);
        if (Math.ceilDiv(128 * max, 127L << q[b]) > 255) {
            q[b]++;
        }
        a[b] = (int) Math.ceilDiv(128 * max, 127L << q[b]);
        long inverse = a[b] == 0 ? 0 : (1 << 30) / a[b];
        for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
            long fitted = (values[i] >> Math.max(0, q[b] - 16)) << Math.max(0, 16 - q[b]);
            codes[i] = (byte) (fitted * inverse + (1L << 38) >> 39);
        }
    }

    /** In chunks of {@code length} values, a multiple of 32. */
    ChunkVector chunks(int length) {
        return new ChunkVector(Layout.pieces(codes.length, length), c -> {
            int first = c * length / BLOCK;
            int last = Math.min(first + length / BLOCK, a.length);
            ByteBuffer bytes = Layout.bytes((last - first) * BLOCK_BYTES);
            for (int b = first; b < last; b++) {
                bytes.put((byte) a[b]).put((byte) q[b]).put(codes, b * BLOCK, BLOCK);
            }
            return bytes.array();
        });
    }
}
