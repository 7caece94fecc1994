package network.nyxos.node.engine.dispute;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.dispute.ChoiceVectors.Candidate;
import network.nyxos.node.engine.dispute.ChoiceVectors.Pick;

/** A node that computed honestly up to one place and lied there: what comes behind it is made up altogether. */
public final class LyingNode implements Computation {
    private final Recomputation honest;
    private final Trace trace;
    private final int position;
    private final int layer;
    private final List<ChunkVector> block;
    private final Choice choice;

    private LyingNode(Recomputation honest, Trace trace, int position, int layer, List<ChunkVector> block, Choice choice) {
        this.honest = honest;
        this.trace = trace;
        this.position = position;
        this.layer = layer;
        this.block = block;
        this.choice = choice;
    }

    /** Lies in a chunk of a block's vector. */
    public static LyingNode inBlock(Recomputation honest, int position, int layer, int vector, int chunk, Random random) {
        List<ChunkVector> block = from(honest.block(position, layer), vector, chunk, random);
        List<Hash> blocks = new ArrayList<>(honest.trace().steps().get(position).blocks());
        blocks.set(layer, block.getLast().root());
        for (int after = layer + 1; after < blocks.size(); after++) {
            blocks.set(after, Hash.random(random));
        }
        return new LyingNode(honest, behind(honest, position, new Trace.Step(honest.job().token(position), blocks), random), position, layer, block, null);
    }

    /** Runs another token than the job's. */
    public static LyingNode inToken(Recomputation honest, int position, int token, Random random) {
        return new LyingNode(honest, behind(honest, position, new Trace.Step(token, honest.trace().steps().get(position).blocks()), random), position, -1, null, null);
    }

    /**
     * Lies in a chunk of a choice's vector, about why the step's logits led to the token that the reply has.
     *
     * @param honest   of the job with the reply that has that token
     * @param position the step whose logits chose
     */
    public static LyingNode inChoice(Recomputation honest, int position, int vector, int chunk, Random random) {
        Choice right = honest.choice(position);
        return new LyingNode(honest, honest.trace(), position, -1, null, new Choice(right.candidates(), from(right.vectors(), vector, chunk, random)));
    }

    /** Lies about the tokens that could have been chosen. */
    static LyingNode inCandidates(Recomputation honest, int position, List<Candidate> candidates, Random random) {
        List<ChunkVector> vectors = new ArrayList<>(honest.choice(position).vectors());
        vectors.set(ChoiceVectors.CANDIDATES, ChoiceVectors.list(candidates));
        vectors.set(ChoiceVectors.CHOICE, garbage(vectors.get(ChoiceVectors.CHOICE), random));
        return new LyingNode(honest, honest.trace(), position, -1, null, new Choice(candidates.size(), vectors));
    }

    /** Leaves the last candidates out. */
    public static LyingNode inFewerCandidates(Recomputation honest, int position, int count, Random random) {
        return inCandidates(honest, position, honest.choiceVectors(position).candidates().subList(0, count), random);
    }

    /** Lies about which of them was. */
    static LyingNode inPick(Recomputation honest, int position, Pick pick) {
        Choice right = honest.choice(position);
        List<ChunkVector> vectors = new ArrayList<>(right.vectors());
        vectors.set(ChoiceVectors.CHOICE, ChunkVector.of(List.of(pick.bytes())));
        return new LyingNode(honest, honest.trace(), position, -1, null, new Choice(right.candidates(), vectors));
    }

    private static Trace behind(Recomputation honest, int position, Trace.Step step, Random random) {
        List<Trace.Step> steps = new ArrayList<>(honest.trace().steps().subList(0, position));
        steps.add(step);
        for (int after = position + 1; after < honest.job().steps(); after++) {
            steps.add(new Trace.Step(honest.job().token(after), step.blocks().stream().map(_ -> Hash.random(random)).toList()));
        }
        return new Trace(steps);
    }

    private static List<ChunkVector> from(List<ChunkVector> right, int vector, int chunk, Random random) {
        List<ChunkVector> vectors = new ArrayList<>();
        for (int v = 0; v < right.size(); v++) {
            vectors.add(v < vector ? right.get(v) : v > vector ? garbage(right.get(v), random) : from(right.get(v), chunk, random));
        }
        return vectors;
    }

    private static ChunkVector from(ChunkVector right, int chunk, Random random) {
        List<byte[]> chunks = new ArrayList<>();
        for (int c = 0; c < right.size(); c++) {
            byte[] bytes = right.chunk(c);
            if (c == chunk) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            } else if (c > chunk) {
                random.nextBytes(bytes);
            }
            chunks.add(bytes);
        }
        return ChunkVector.of(chunks);
    }

    private static ChunkVector garbage(ChunkVector right, Random random) {
        List<byte[]> chunks = new ArrayList<>();
        for (int c = 0; c < right.size(); c++) {
            byte[] bytes = new byte[right.chunk(c).length];
            random.nextBytes(bytes);
            chunks.add(bytes);
        }
        return ChunkVector.of(chunks);
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public List<ChunkVector> block(int at, int ofLayer) {
        return block != null && at == position && ofLayer == layer ? block : honest.block(at, ofLayer);
    }

    @Override
    public Choice choice(int at) {
        return choice != null && at == position ? choice : honest.choice(at);
    }
}
