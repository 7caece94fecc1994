package network.nyxos.node.engine.int8;

import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of one sequence, in pages of {@link Kernels#PAGE} positions taken as they are needed.
 *
 * <p>In a page, a key is laid {@code [layer][head][dimension][position]} and a value {@code [layer][head][position][dimension]}:
 * so scores run over positions and mixing over dimensions, each sum in a lane of its own.
 */
final class KvCache {
    private final int headFloats;
    private final int pageFloats;
    private final List<float[]> keys = new ArrayList<>();
    private final List<float[]> values = new ArrayList<>();

    KvCache(LlamaWeights.Shape shape) {
        this.headFloats = shape.headSize() * Kernels.PAGE;
        this.pageFloats = shape.layers() * shape.kvHeads() * headFloats;
    }

    void reserve(int positions) {
        while (keys.size() * Kernels.PAGE < positions) {
            keys.add(new float[pageFloats]);
            values.add(new float[pageFloats]);
        }
    }

    float[] keys(int page) {
        return keys.get(page);
    }

    float[] values(int page) {
        return values.get(page);
    }

    /** Where a head's part of a page begins. */
    int at(int layer, int kvHeads, int head) {
        return (layer * kvHeads + head) * headFloats;
    }
}
