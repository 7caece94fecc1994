package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.dispute.BlockVectors.Peak;
import network.nyxos.node.engine.int8.WeightsTree;
import network.nyxos.node.engine.int8.WeightsTree.Part;

/**
 * Proofs about one chunk of a block's vectors: which of its numbers is wrong, and the openings that show it.
 *
 * <p>Holds where the chunk is the first that is wrong in the first vector that is: all that comes before is then what an honest node has.
 */
final class BlockProof {
    private final Recomputation honest;
    private final WeightsTree model;
    private final WeightsTree.Header shape;
    private final TracePaths trace;
    private final Descent blocks;
    private final Descent chunks;
    private final int position;
    private final int layer;
    private final int vector;
    private final int chunk;
    private final byte[] content;
    private final BlockVectors vectors;

    /**
     * @param blocks  the way to the block in its step
     * @param chunks  the way to the chunk in its vector
     * @param content what the node said that the chunk is
     */
    BlockProof(Recomputation honest, TracePaths trace, Descent blocks, Descent chunks, int position, int layer, int vector, int chunk, byte[] content) {
        this.honest = honest;
        this.model = honest.model();
        this.shape = model.header();
        this.trace = trace;
        this.blocks = blocks;
        this.chunks = chunks;
        this.position = position;
        this.layer = layer;
        this.vector = vector;
        this.chunk = chunk;
        this.content = content;
        this.vectors = honest.vectors(position, layer);
    }

    /** The number of the chunk that is wrong, as the table counts them; the chunk must differ from the honest one and be as long. */
    int element() {
        byte[] right = vectors.vector(vector).chunk(chunk);
        return switch (vector) {
            case BlockVectors.QUERY, BlockVectors.KEY, BlockVectors.VALUE, BlockVectors.AFTER_ATTENTION, BlockVectors.GATE, BlockVectors.UP ->
                    Arrays.mismatch(content, right) / Integer.BYTES;
            case BlockVectors.SCORES, BlockVectors.WEIGHTS -> Arrays.mismatch(content, right) / Long.BYTES;
            case BlockVectors.PEAKS -> peak(Peak.read(right), Peak.read(content));
            case BlockVectors.BLOCK -> chunk < streamChunks() ? Arrays.mismatch(content, right) / Integer.BYTES : 0;
            default -> 0;
        };
    }

    /** A position that shows the peak to be wrong, doubled, and one more where it shows it of the powers. */
    private int peak(Peak right, Peak claimed) {
        if (claimed.max() != right.max() || claimed.at() != right.at()) {
            return 2 * witness(claimed.at(), claimed.max(), right.at(), this::score);
        }
        return 2 * witness(claimed.powerAt(), claimed.power(), right.powerAt(), this::power) + 1;
    }

    private interface OfPosition {
        long value(int position);
    }

    private int witness(int claimedAt, long claimed, int at, OfPosition values) {
        if (claimedAt < 0 || claimedAt > position) {
            return 0;
        }
        // Where it is not what stands there, that place shows it; else it is not the first greatest, and that one shows it.
        return values.value(claimedAt) == claimed ? at : claimedAt;
    }

    private long score(int p) {
        return Layout.read(vectors.vector(BlockVectors.SCORES).chunk(scoreChunk(p))).getLong(p % Layout.PAGE * Long.BYTES);
    }

    private long power(int p) {
        return keyHeadLeaf(p).get(1) & 0xff;
    }

    private ByteBuffer keyHeadLeaf(int p) {
        return Layout.read(honest.vectors(p, layer).vector(BlockVectors.BLOCK).chunk(streamChunks() + keyHead()));
    }

    /** The openings that the table asks for. */
    byte[] evidence(int element) {
        Evidence evidence = new Evidence();
        int size = shape.headSize();
        switch (vector) {
            case BlockVectors.NORM -> leaf(wholeStream(evidence), Part.ATTENTION_NORM, 0);
            case BlockVectors.CODES -> leaf(own(stream(evidence, chunk), BlockVectors.NORM, 0), Part.ATTENTION_NORM, chunk);
            case BlockVectors.QUERY -> leaf(normed(evidence, BlockVectors.NORM), Part.QUERY, chunk * size + element);
            case BlockVectors.KEY -> leaf(normed(evidence, BlockVectors.NORM), Part.KEY, chunk * size + element);
            case BlockVectors.VALUE -> leaf(normed(evidence, BlockVectors.NORM), Part.VALUE, chunk * size + element);
            case BlockVectors.TURNED -> own(header(evidence), BlockVectors.QUERY, chunk);
            case BlockVectors.SCORES -> keyHead(own(evidence, BlockVectors.TURNED, head()), pageStart() + element);
            case BlockVectors.PEAKS -> {
                if (element % 2 == 0) {
                    own(evidence, BlockVectors.SCORES, scoreChunk(element / 2));
                } else {
                    keyHead(evidence, element / 2);
                }
            }
            case BlockVectors.WEIGHTS -> {
                own(own(evidence, BlockVectors.SCORES, chunk), BlockVectors.PEAKS, head());
                if (element == 0 && pageStart() > 0) {
                    own(evidence, BlockVectors.WEIGHTS, chunk - 1);
                }
            }
            case BlockVectors.MIXED -> {
                int p = chunk % (position + 1);
                own(own(own(evidence, BlockVectors.SCORES, scoreChunk(p)), BlockVectors.PEAKS, head()), BlockVectors.WEIGHTS, scoreChunk(position));
                keyHead(evidence, p);
                if (p > 0) {
                    own(evidence, BlockVectors.MIXED, chunk - 1);
                }
            }
            case BlockVectors.ATTENDED -> own(own(evidence, BlockVectors.PEAKS, chunk), BlockVectors.MIXED, chunk * (position + 1) + position);
            case BlockVectors.AFTER_ATTENTION ->
                    stream(leaf(evidence.whole(vectors.vector(BlockVectors.ATTENDED)), Part.ATTENTION_OUTPUT, chunk * Layout.CHUNK + element), chunk);
            case BlockVectors.SECOND_NORM -> leaf(evidence.whole(vectors.vector(BlockVectors.AFTER_ATTENTION)), Part.FEED_FORWARD_NORM, 0);
            case BlockVectors.SECOND_CODES ->
                    leaf(own(own(evidence, BlockVectors.AFTER_ATTENTION, chunk), BlockVectors.SECOND_NORM, 0), Part.FEED_FORWARD_NORM, chunk);
            case BlockVectors.GATE -> leaf(normed(evidence, BlockVectors.SECOND_NORM), Part.GATE, chunk * Layout.CHUNK + element);
            case BlockVectors.UP -> leaf(normed(evidence, BlockVectors.SECOND_NORM), Part.UP, chunk * Layout.CHUNK + element);
            case BlockVectors.HIDDEN -> own(own(evidence, BlockVectors.GATE, chunk), BlockVectors.UP, chunk);
            case BlockVectors.BLOCK -> {
                if (chunk < streamChunks()) {
                    own(leaf(evidence.whole(vectors.vector(BlockVectors.HIDDEN)), Part.DOWN, chunk * Layout.CHUNK + element), BlockVectors.AFTER_ATTENTION, chunk);
                } else {
                    ownKeyHead(evidence, chunk - streamChunks());
                }
            }
            default -> throw new IllegalArgumentException("a block has no vector " + vector);
        }
        return evidence.bytes();
    }

    private int streamChunks() {
        return Layout.pieces(shape.width(), Layout.CHUNK);
    }

    private int pages() {
        return position / Layout.PAGE + 1;
    }

    /** The head that the chunk is of. */
    private int head() {
        return switch (vector) {
            case BlockVectors.SCORES, BlockVectors.WEIGHTS -> chunk / pages();
            case BlockVectors.MIXED -> chunk / (position + 1);
            default -> chunk;
        };
    }

    private int keyHead() {
        return head() / (shape.heads() / shape.keyHeads());
    }

    /** The first position of a chunk of scores or weights. */
    private int pageStart() {
        return chunk % pages() * Layout.PAGE;
    }

    /** The chunk of scores, or of weights, of the head's position. */
    private int scoreChunk(int p) {
        return head() * pages() + p / Layout.PAGE;
    }

    /** A chunk of this block. */
    private Evidence own(Evidence evidence, int number, int index) {
        ChunkVector opened = vectors.vector(number);
        List<Hash> path = number == vector ? chunks.path(index, chunk, opened.tree()) : opened.tree().path(index);
        return evidence.part(opened.chunk(index)).path(path);
    }

    /** A norm and all its codes. */
    private Evidence normed(Evidence evidence, int number) {
        return own(evidence, number, 0).whole(vectors.vector(number + 1));
    }

    /** A row of a matrix of this layer, or a chunk of a norm's gains. */
    private Evidence leaf(Evidence evidence, Part part, int index) {
        return evidence.weights(model, model.index(layer, part, index));
    }

    private Evidence header(Evidence evidence) {
        return evidence.weights(model, 0);
    }

    /** The stream that enters the block. */
    private Evidence wholeStream(Evidence evidence) {
        if (layer == 0) {
            return stream(evidence, 0);
        }
        for (int c = 0; c < streamChunks(); c++) {
            stream(evidence, c);
        }
        return evidence;
    }

    private Evidence stream(Evidence evidence, int index) {
        if (layer == 0) {
            return evidence.weights(model, model.index(WeightsTree.Whole.EMBEDDING, honest.job().token(position)));
        }
        ChunkVector before = honest.vectors(position, layer - 1).vector(BlockVectors.BLOCK);
        return evidence.part(before.chunk(index)).path(before.tree().path(index)).path(blocks.path(layer - 1, layer, trace.blocks(position)));
    }

    /** Key and value of a position, of the chunk's head. */
    private Evidence keyHead(Evidence evidence, int p) {
        return p == position ? ownKeyHead(evidence, keyHead()) : trace.leaf(evidence, p, layer, streamChunks() + keyHead());
    }

    private Evidence ownKeyHead(Evidence evidence, int head) {
        return own(own(header(evidence), BlockVectors.KEY, head), BlockVectors.VALUE, head);
    }
}
