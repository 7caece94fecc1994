package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import network.nyxos.node.engine.int8.FixedPoint;
import network.nyxos.node.engine.int8.Rotary;

/**
 * A head as mantissas of a common power of two.
 *
 * @param exponent the power
 * @param values   the mantissas
 */
record Mantissas(int exponent, int[] values) {
    static final int QUERY_BITS = 12;
    static final int KEY_BITS = 11;

    static Mantissas of(int[] values, int bits) {
        long max = 0;
        for (int value : values) {
            max = Math.max(max, Math.abs((long) value));
        }
        int exponent = Math.max(0, FixedPoint.bits(max) - bits);
        if (exponent == 0) {
            return new Mantissas(0, values.clone());
        }
        int limit = (1 << bits) - 1;
        return new Mantissas(exponent, Arrays.stream(values).map(value -> (int) Math.clamp(FixedPoint.rounded(value, exponent), -limit, limit)).toArray());
    }

    /** A head of a matrix's product. */
    static int[] head(int[] values, int head, int size) {
        return Arrays.copyOfRange(values, head * size, (head + 1) * size);
    }

    /** Turns a head's neighbouring pairs to a position. */
    static int[] turned(int[] head, int position, List<Long> steps) {
        int[] out = new int[head.length];
        for (int i = 0; i < out.length; i += 2) {
            long[] point = Rotary.point(position * steps.get(i / 2));
            out[i] = FixedPoint.saturate(FixedPoint.rounded(head[i] * point[0] - head[i + 1] * point[1], 30));
            out[i + 1] = FixedPoint.saturate(FixedPoint.rounded(head[i] * point[1] + head[i + 1] * point[0], 30));
        }
        return out;
    }

    ByteBuffer write(ByteBuffer bytes) {
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes;
    }

    /** {@code exponent u8 ‖ i16 each}. */
    byte[] bytes() {
        return write(Layout.bytes(1 + 2 * values.length).put((byte) exponent)).array();
    }

    /** A position's key head as the trace has it: {@code xk u8 ‖ xv u8 ‖ key ‖ value}. */
    static byte[] kept(Mantissas key, Mantissas value) {
        ByteBuffer bytes = Layout.bytes(2 + 4 * key.values().length).put((byte) key.exponent()).put((byte) value.exponent());
        return value.write(key.write(bytes)).array();
    }
}
