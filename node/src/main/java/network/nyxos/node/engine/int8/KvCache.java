package network.nyxos.node.engine.int8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of one sequence, in pages of {@link Kernels#PAGE} positions taken as they are needed.
 *
 * <p>In a page, a key is laid {@code [layer][head][dimension][position]} and a value {@code [layer][head][position][dimension]}:
 * so scores run over positions and mixing over dimensions, each sum in a lane of its own. Their powers of two are laid {@code [layer][head][position]}.
 */
final class KvCache {
    /** Bits of a key's and a value's mantissas, without the sign. */
    static final int MANTISSA_BITS = 11;

    /** {@link Kernels#PAGE} positions of all layers and heads. */
    record Page(int[] keys, int[] values, byte[] keyExponents, byte[] valueExponents) {
    }

    private final int kvHeads;
    private final int headSize;
    private final int pageHeads;
    private final List<Page> pages = new ArrayList<>();

    KvCache(LlamaWeights.Shape shape) {
        this.kvHeads = shape.kvHeads();
        this.headSize = shape.headSize();
        this.pageHeads = shape.layers() * kvHeads;
    }

    void reserve(int positions) {
        while (pages.size() * Kernels.PAGE < positions) {
            int slots = pageHeads * Kernels.PAGE;
            pages.add(new Page(new int[slots * headSize], new int[slots * headSize], new byte[slots], new byte[slots]));
        }
    }

    Page page(int index) {
        return pages.get(index);
    }

    /** Where a head's part of a page's exponents begins; its mantissas begin at head size times this. */
    int at(int layer, int head) {
        return (layer * kvHeads + head) * Kernels.PAGE;
    }

    /** Compacts and keeps what a position's key and value heads are. */
    void store(int layer, int position, int[] key, int[] value, int from) {
        Page page = page(position / Kernels.PAGE);
        int slot = position % Kernels.PAGE;
        for (int h = 0; h < kvHeads; h++) {
            int source = from + h * headSize;
            int at = at(layer, h);
            page.keyExponents()[at + slot] = (byte) FixedPoint.compact(key, source, headSize, MANTISSA_BITS);
            page.valueExponents()[at + slot] = (byte) FixedPoint.compact(value, source, headSize, MANTISSA_BITS);
            for (int d = 0; d < headSize; d++) {
                page.keys()[at * headSize + d * Kernels.PAGE + slot] = key[source + d];
            }
            System.arraycopy(value, source, page.values(), at * headSize + slot * headSize, headSize);
        }
    }

    /** What a trace commits to of a position's head: both exponents, the key's mantissas, the value's, two bytes each, little endian. */
    byte[] written(int layer, int position, int head) {
        Page page = page(position / Kernels.PAGE);
        int slot = position % Kernels.PAGE;
        int at = at(layer, head);
        ByteBuffer bytes = ByteBuffer.allocate(2 + 4 * headSize).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(page.keyExponents()[at + slot]).put(page.valueExponents()[at + slot]);
        for (int d = 0; d < headSize; d++) {
            bytes.putShort((short) page.keys()[at * headSize + d * Kernels.PAGE + slot]);
        }
        for (int d = 0; d < headSize; d++) {
            bytes.putShort((short) page.values()[(at + slot) * headSize + d]);
        }
        return bytes.array();
    }
}
