package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.int8.HashTree;

/** The node's side of a dispute: what it answers follows from where the dispute stands and from what it computed, and from nothing before. */
public final class NodePlayer {
    private final Computation computation;
    private final Hash salt;

    /** @param salt of the receipt's trace root */
    public NodePlayer(Computation computation, Hash salt) {
        this.computation = computation;
        this.salt = salt;
    }

    /**
     * What {@code answer} is sent with.
     *
     * @throws IllegalArgumentException where it is not the node that is to move
     */
    public byte[] answer(DisputeState state) {
        Trace trace = computation.trace();
        return switch (state.phase()) {
            case TRACE -> joined(List.of(salt, trace.root()));
            case HALVES -> {
                HashTree tree = tree(state);
                int left = HashTree.left(state.count());
                yield joined(List.of(tree.place(state.first(), left), tree.place(state.first() + left, state.count() - left)));
            }
            case STEP -> {
                Trace.Step step = trace.steps().get(state.first());
                yield Layout.bytes(Integer.BYTES + Hash.LENGTH).putInt(step.token()).put(TracePaths.blocks(step).root().bytes()).array();
            }
            case BLOCK -> {
                List<ChunkVector> vectors = computation.block(state.position(), state.first());
                ByteBuffer answer = Layout.bytes(vectors.size() * Hash.LENGTH).put(vectors.getLast().root().bytes());
                vectors.subList(0, vectors.size() - 1).forEach(vector -> answer.put(vector.root().bytes()));
                yield answer.array();
            }
            case CHOICE -> {
                Computation.Choice choice = computation.choice(state.position() - 1);
                ByteBuffer answer = Layout.bytes(Integer.BYTES + choice.vectors().size() * Hash.LENGTH).putInt(choice.candidates());
                choice.vectors().forEach(vector -> answer.put(vector.root().bytes()));
                yield answer.array();
            }
            case CHUNK -> vector(state).chunk(state.first());
            case MODEL, SIDE, PART, PROOF, VECTOR, IDS -> throw new IllegalArgumentException("it is the accuser's move: " + state.phase());
        };
    }

    private HashTree tree(DisputeState state) {
        Trace trace = computation.trace();
        return switch (state.level()) {
            case TRACE -> TracePaths.steps(trace, trace.steps().size());
            case STEP -> TracePaths.blocks(trace.steps().get(state.position()));
            case VECTOR -> vector(state).tree();
        };
    }

    private ChunkVector vector(DisputeState state) {
        return switch (state.subject()) {
            case BLOCK -> computation.block(state.position(), state.layer()).get(state.vector());
            case CHOICE -> computation.choice(state.position() - 1).vectors().get(state.vector());
            case TOKEN -> throw new IllegalArgumentException("a token in dispute has no vectors");
        };
    }

    private static byte[] joined(List<Hash> hashes) {
        ByteBuffer bytes = Layout.bytes(hashes.size() * Hash.LENGTH);
        hashes.forEach(hash -> bytes.put(hash.bytes()));
        return bytes.array();
    }
}
