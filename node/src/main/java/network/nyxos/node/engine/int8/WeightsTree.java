package network.nyxos.node.engine.int8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import network.nyxos.escrow.crypto.Hash;

/**
 * A model's weights as the engine reads them, in one tree: its root stands for the weights in the model's id, and a row can be shown to belong to it.
 *
 * <p>Leaves: a header, then norms in chunks of {@value #CHUNK} gains and matrices row by row; docs/disputes.md has their order and bytes.
 * Hashes are kept, 64 bytes a leaf; a leaf's bytes are written when they are asked for.
 */
public final class WeightsTree {
    /** Gains in one leaf. */
    public static final int CHUNK = 128;
    private static final int GROUP = QuantMatrix.GROUP;

    /** What a model has one of. */
    public enum Whole { EMBEDDING, OUTPUT, OUTPUT_NORM }

    /** What each layer has one of, in the order of their leaves. */
    public enum Part { ATTENTION_NORM, QUERY, KEY, VALUE, ATTENTION_OUTPUT, FEED_FORWARD_NORM, GATE, UP, DOWN }

    /**
     * The model's sizes and constants.
     *
     * @param width       values of the residual stream
     * @param feedForward values inside the feed-forward part
     * @param tied        whether the embedding is the output matrix
     * @param epsilon     the norms' ε · 2³², rounded
     * @param scoreFactor K of the engine's specification
     * @param steps       what a pair's angle grows by from position to position, in 2⁻⁶⁴ turns; half a head of them
     */
    public record Header(int layers, int width, int heads, int keyHeads, int headSize, int feedForward, int vocabulary, boolean tied, long epsilon, long scoreFactor,
            List<Long> steps) {
        public Header {
            steps = List.copyOf(steps);
        }

        private static Header of(LlamaWeights weights) {
            LlamaWeights.Shape shape = weights.shape;
            List<Long> steps = new ArrayList<>();
            for (long step : Rotary.steps(shape.headSize(), shape.ropeBase())) {
                steps.add(step);
            }
            return new Header(shape.layers(), shape.width(), shape.heads(), shape.kvHeads(), shape.headSize(), shape.hidden(), shape.vocabulary(),
                    weights.output == weights.embedding, shape.epsilon(), FixedPoint.scoreFactor(shape.headSize()), steps);
        }

        /** The leaf. */
        public byte[] bytes() {
            byte[] domain = "nyxos:weights:v1".getBytes(StandardCharsets.US_ASCII);
            ByteBuffer bytes = littleEndian(domain.length + 7 * Integer.BYTES + 1 + (2 + steps.size()) * Long.BYTES).put(domain);
            bytes.putInt(layers).putInt(width).putInt(heads).putInt(keyHeads).putInt(headSize).putInt(feedForward).putInt(vocabulary);
            bytes.put((byte) (tied ? 1 : 0)).putLong(epsilon).putLong(scoreFactor);
            steps.forEach(bytes::putLong);
            return bytes.array();
        }
    }

    /** Leaves that follow one another: those of a norm or of a matrix. */
    private sealed interface Stretch {
        int leaves();

        byte[] leaf(int index);
    }

    private record Single(byte[] bytes) implements Stretch {
        @Override
        public int leaves() {
            return 1;
        }

        @Override
        public byte[] leaf(int index) {
            return bytes.clone();
        }
    }

    private record Norm(FixedPoint.Gain gain) implements Stretch {
        @Override
        public int leaves() {
            return (gain.codes().length + CHUNK - 1) / CHUNK;
        }

        @Override
        public byte[] leaf(int index) {
            int count = Math.min(CHUNK, gain.codes().length - index * CHUNK);
            ByteBuffer bytes = littleEndian(Short.BYTES + count * Integer.BYTES).putShort((short) gain.exponent());
            bytes.asIntBuffer().put(gain.codes(), index * CHUNK, count);
            return bytes.array();
        }
    }

    private record Rows(QuantMatrix matrix) implements Stretch {
        @Override
        public int leaves() {
            return matrix.rows;
        }

        @Override
        public byte[] leaf(int index) {
            return matrix.leaf(index);
        }
    }

    private final Header header;
    private final List<Stretch> stretches;
    private final int[] starts;
    private final HashTree tree;

    private WeightsTree(Header header, List<Stretch> stretches, int[] starts, HashTree tree) {
        this.header = header;
        this.stretches = stretches;
        this.starts = starts;
        this.tree = tree;
    }

    static WeightsTree of(LlamaWeights weights, Workers workers) {
        Header header = Header.of(weights);
        List<Stretch> stretches = new ArrayList<>(List.of(new Single(header.bytes()), new Rows(weights.embedding)));
        if (!header.tied()) {
            stretches.add(new Rows(weights.output));
        }
        stretches.add(new Norm(weights.outputNorm));
        for (LlamaWeights.Layer layer : weights.layers) {
            stretches.addAll(List.of(new Norm(layer.attentionNorm()), new Rows(layer.query()), new Rows(layer.key()), new Rows(layer.value()),
                    new Rows(layer.attentionOutput()), new Norm(layer.feedForwardNorm()), new Rows(layer.gate()), new Rows(layer.up()), new Rows(layer.down())));
        }
        int[] starts = new int[stretches.size() + 1];
        for (int i = 0; i < stretches.size(); i++) {
            starts[i + 1] = starts[i] + stretches.get(i).leaves();
        }
        byte[] hashes = new byte[Math.multiplyExact(starts[stretches.size()], Hash.LENGTH)];
        for (int i = 0; i < stretches.size(); i++) {
            Stretch stretch = stretches.get(i);
            int start = starts[i];
            workers.run((stretch.leaves() + GROUP - 1) / GROUP, 1, (group, worker) -> {
                MessageDigest digest = Hash.digest();
                for (int leaf = group * GROUP; leaf < Math.min((group + 1) * GROUP, stretch.leaves()); leaf++) {
                    digest.update(stretch.leaf(leaf));
                    HashTree.finish(digest, hashes, (start + leaf) * Hash.LENGTH);
                }
            });
        }
        return new WeightsTree(header, List.copyOf(stretches), starts, new HashTree(hashes));
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The sizes that the first leaf has. */
    public Header header() {
        return header;
    }

    /** What the model's id names. */
    public Hash root() {
        return tree.root();
    }

    /** The number of leaves. */
    public int size() {
        return tree.size();
    }

    /** The leaf of a row of what the model has one of, or of a chunk of its norm. */
    public int index(Whole whole, int leaf) {
        int untied = header.tied() ? 0 : 1;
        return switch (whole) {
            case EMBEDDING -> within(1, leaf);
            case OUTPUT -> within(1 + untied, leaf);
            case OUTPUT_NORM -> within(2 + untied, leaf);
        };
    }

    /** The leaf of a row of a layer's matrix, or of a chunk of a layer's norm. */
    public int index(int layer, Part part, int leaf) {
        Objects.checkIndex(layer, header.layers());
        return within((header.tied() ? 3 : 4) + layer * Part.values().length + part.ordinal(), leaf);
    }

    private int within(int stretch, int leaf) {
        return starts[stretch] + Objects.checkIndex(leaf, starts[stretch + 1] - starts[stretch]);
    }

    /** A leaf's bytes. */
    public byte[] leaf(int index) {
        Objects.checkIndex(index, size());
        int found = Arrays.binarySearch(starts, index);
        int stretch = found >= 0 ? found : -found - 2;
        return stretches.get(stretch).leaf(index - starts[stretch]);
    }

    /** The siblings on the way from a leaf to the root, the lowest first. */
    public List<Hash> path(int index) {
        return tree.path(index);
    }
}
