package network.nyxos.node.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.tree.MerkleTree;

/**
 * What a job computed, step by step: a step is one token run through the model, a block is one layer of it.
 *
 * <p>Whoever computes a job honestly gets this root, so two who disagree about a job's output can find the first step and in it the first block that
 * they disagree about, by comparing hashes. All trees are those of receipts (RFC 6962 over 32-byte items); docs/engine-nyx-int8-v1.md has the layout.
 */
public final class Trace {
    /** Values of the residual stream in one leaf of a block. */
    private static final int CHUNK = 128;

    /**
     * One token run.
     *
     * @param token  its id
     * @param blocks the layers' hashes, first layer first
     */
    public record Step(int token, List<Hash> blocks) {
        public Step {
            blocks = List.copyOf(blocks);
        }

        /** This step's hash at a position of the sequence, counted from 0. */
        public Hash hash(int position) {
            return hash(position, token, MerkleTree.of(blocks).root());
        }

        private static Hash hash(int position, int token, Hash blocks) {
            return Hash.domain("nyxos:trace-step:v1", littleEndian(2 * Integer.BYTES).putInt(position).putInt(token).array(), blocks.bytes());
        }
    }

    /**
     * What shows that a block is in a trace.
     *
     * @param position  the step
     * @param steps     how many there are
     * @param stepProof the step's path to the root
     * @param token     the token run
     * @param block     the layer
     * @param blocks    how many there are
     * @param hash      the block's hash
     * @param blockProof the block's path to the root over the step's blocks
     * @param blocksRoot that root
     */
    public record Opening(int position, int steps, List<Hash> stepProof, int token, int block, int blocks, Hash hash, List<Hash> blockProof, Hash blocksRoot) {
        public Opening {
            stepProof = List.copyOf(stepProof);
            blockProof = List.copyOf(blockProof);
        }

        /** Whether this is part of the trace with a root. */
        public boolean opens(Hash root) {
            return MerkleTree.verify(blocksRoot, hash, block, blocks, blockProof)
                    && MerkleTree.verify(root, Step.hash(position, token, blocksRoot), position, steps, stepProof);
        }
    }

    private final List<Step> steps;
    private final MerkleTree tree;

    /** @param steps from the prompt's first token on; at least one */
    public Trace(List<Step> steps) {
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("a trace has at least one step");
        }
        this.steps = List.copyOf(steps);
        this.tree = MerkleTree.of(IntStream.range(0, steps.size()).mapToObj(position -> this.steps.get(position).hash(position)).toList());
    }

    /**
     * The hash of a block: of the residual stream after it, and of the keys and values it wrote, which later steps read.
     *
     * @param residual the stream, {@code width} values from {@code at}
     * @param heads    a key head and its value head each
     */
    public static Hash block(int[] residual, int at, int width, List<byte[]> heads) {
        List<Hash> leaves = new ArrayList<>();
        for (int from = 0; from < width; from += CHUNK) {
            int length = Math.min(CHUNK, width - from);
            ByteBuffer bytes = littleEndian(length * Integer.BYTES);
            bytes.asIntBuffer().put(residual, at + from, length);
            leaves.add(Hash.sha256(bytes.array()));
        }
        heads.forEach(head -> leaves.add(Hash.sha256(head)));
        return MerkleTree.of(leaves).root();
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The steps. */
    public List<Step> steps() {
        return steps;
    }

    /**
     * Shows one block of one step.
     *
     * @throws IndexOutOfBoundsException where there is no such step or block
     */
    public Opening open(int position, int block) {
        Step step = steps.get(position);
        MerkleTree blocks = MerkleTree.of(step.blocks());
        return new Opening(position, steps.size(), tree.proof(position), step.token(), block, blocks.size(), step.blocks().get(block), blocks.proof(block),
                blocks.root());
    }

    /** The root over the steps. It is the same for everybody who runs the job, so it tells a guessed prompt from others: see {@link #commitment}. */
    public Hash root() {
        return tree.root();
    }

    /**
     * What a receipt commits to. The salt is that of the prompt's commitment: without it the root would give away to a guess what the commitment hides.
     */
    public Hash commitment(Hash salt) {
        return commitment(salt, root());
    }

    /** The same of a trace of which the root is known. */
    public static Hash commitment(Hash salt, Hash root) {
        return Hash.domain("nyxos:trace:v1", salt.bytes(), root.bytes());
    }
}
