package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import network.nyxos.node.engine.int8.WeightsTree;

/** Little-endian bytes, and how values are cut into chunks. */
final class Layout {
    /** Values in one chunk, as gains in one leaf of the model's: a chunk of codes is proved by one of each. */
    static final int CHUNK = WeightsTree.CHUNK;
    /** Positions in one chunk of scores or weights. */
    static final int PAGE = 64;
    /** Candidates in one chunk. */
    static final int CANDIDATES = 32;

    private Layout() {
    }

    static ByteBuffer bytes(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    static ByteBuffer read(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How many pieces of a length hold some values. */
    static int pieces(int values, int length) {
        return (values + length - 1) / length;
    }

    /** The i32 of a chunk. */
    static byte[] ints(int[] values, int from, int count) {
        ByteBuffer bytes = bytes(count * Integer.BYTES);
        bytes.asIntBuffer().put(values, from, count);
        return bytes.array();
    }

    /** The 64-bit numbers of a chunk. */
    static byte[] longs(long[] values, int from, int count) {
        ByteBuffer bytes = bytes(count * Long.BYTES);
        bytes.asLongBuffer().put(values, from, count);
        return bytes.array();
    }

    /** {@code count u32 ‖ ids}. */
    static byte[] ids(int[] ids) {
        ByteBuffer bytes = bytes((1 + ids.length) * Integer.BYTES).putInt(ids.length);
        bytes.asIntBuffer().put(ids);
        return bytes.array();
    }
}
