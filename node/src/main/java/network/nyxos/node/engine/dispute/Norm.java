package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import network.nyxos.node.engine.int8.FixedPoint;

/** A norm of a stream: what is the same for all its values, and its values as codes. */
final class Norm {
    private final int d;
    private final int u;
    private final long r;
    private final int e;
    final Codes codes;

    /** @param gains the norm's chunk of an index, as the model's root has it */
    Norm(int[] x, long epsilon, IntFunction<byte[]> gains) {
        long max = 0;
        for (int value : x) {
            max = Math.max(max, Math.abs((long) value));
        }
        this.d = Math.max(0, FixedPoint.bits(max) - 23);
        long[] lowered = LongStream.range(0, x.length).map(i -> x[(int) i] >> d).toArray();
        long mean = Math.max(1, LongStream.of(lowered).map(value -> value * value).sum() / x.length + (epsilon >> 2 * d));
        this.u = (62 - FixedPoint.bits(mean)) / 2;
        this.r = (1L << 61) / FixedPoint.root(mean << 2 * u);
        int exponent = 0;
        for (int c = 0; c < Layout.pieces(x.length, Layout.CHUNK); c++) {
            ByteBuffer gain = Layout.read(gains.apply(c));
            exponent = gain.getShort();
            for (int i = c * Layout.CHUNK; gain.hasRemaining(); i++) {
                lowered[i] = FixedPoint.rounded(FixedPoint.rounded(lowered[i] * r, 41 - u) * gain.getInt(), 20);
            }
        }
        this.e = exponent;
        this.codes = new Codes(lowered, e);
    }

    /** {@code d u8 ‖ u u8 ‖ R u64 ‖ E i16}. */
    ChunkVector common() {
        return new ChunkVector(1, _ -> Layout.bytes(12).put((byte) d).put((byte) u).putLong(r).putShort((short) e).array());
    }
}
