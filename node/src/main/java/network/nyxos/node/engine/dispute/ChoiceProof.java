package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.dispute.ChoiceVectors.Candidate;
import network.nyxos.node.engine.dispute.ChoiceVectors.Pick;
import network.nyxos.node.engine.int8.HashTree;
import network.nyxos.node.engine.int8.WeightsTree;

/** Proofs about one chunk of a choice's vectors; as {@link BlockProof}. */
final class ChoiceProof {
    /** What of a candidate is wrong, as the table counts. */
    private static final int LOGIT = 0;
    private static final int ORDER_OR_WEIGHT = 1;
    private static final int LEFT_OUT_BEFORE = 2;
    private static final int LEFT_OUT_BEHIND = 3;
    private static final int OF_A_CANDIDATE = 4;
    /** What of a choice is wrong. */
    private static final int KEPT = 0;
    private static final int TARGET = 1;
    private static final int AT = 2;
    private static final int TOKEN = 3;

    private final WeightsTree model;
    private final Sampling sampling;
    private final TracePaths trace;
    private final Descent chunks;
    private final int position;
    private final int count;
    private final int vector;
    private final int chunk;
    private final byte[] content;
    private final ChoiceVectors vectors;

    /**
     * @param chunks   the way to the chunk in its vector
     * @param position the step whose logits chose
     * @param count    how many candidates the node says that there are
     * @param content  what the node said that the chunk is
     */
    ChoiceProof(Recomputation honest, TracePaths trace, Descent chunks, int position, int count, int vector, int chunk, byte[] content) {
        this.model = honest.model();
        this.sampling = honest.job().sampling();
        this.trace = trace;
        this.chunks = chunks;
        this.position = position;
        this.count = count;
        this.vector = vector;
        this.chunk = chunk;
        this.content = content;
        this.vectors = honest.choiceVectors(position);
    }

    /** The tree over the chunks that a list of so many candidates should have; of chunks that should not be there nobody knows what gives their leaf. */
    static HashTree expected(ChoiceVectors honest, int count) {
        List<Candidate> right = honest.candidates();
        ChunkVector list = ChoiceVectors.list(right.subList(0, Math.min(count, right.size())));
        byte[] hashes = new byte[Layout.pieces(count, Layout.CANDIDATES) * Hash.LENGTH];
        for (int c = 0; c < list.size(); c++) {
            Hash.sha256(list.chunk(c)).write(hashes, c * Hash.LENGTH);
        }
        return new HashTree(hashes);
    }

    /** The number of the chunk that is wrong, as the table counts them. */
    int element() {
        return switch (vector) {
            case ChoiceVectors.LOGITS -> Arrays.mismatch(content, vectors.vector(vector).chunk(chunk)) / Integer.BYTES;
            case ChoiceVectors.CANDIDATES -> candidate();
            case ChoiceVectors.CHOICE -> pick(Pick.read(content));
            default -> 0;
        };
    }

    private int candidate() {
        List<Candidate> right = vectors.candidates();
        ByteBuffer claimed = Layout.read(content);
        int i = chunk * Layout.CANDIDATES;
        for (; claimed.hasRemaining(); i++) {
            Candidate candidate = Candidate.read(claimed);
            if (i < right.size() && candidate.equals(right.get(i))) {
                continue;
            }
            return i % Layout.CANDIDATES * OF_A_CANDIDATE + fault(candidate, i);
        }
        return (i - 1) % Layout.CANDIDATES * OF_A_CANDIDATE + LEFT_OUT_BEHIND;
    }

    private int fault(Candidate claimed, int i) {
        List<Candidate> right = vectors.candidates();
        if (!isToken(claimed.id()) || vectors.logit(claimed.id()) != claimed.logit()) {
            return LOGIT;
        }
        boolean inOrder = i == 0 || claimed.behind(right.get(i - 1));
        return i < right.size() && inOrder && claimed.id() != right.get(i).id() ? LEFT_OUT_BEFORE : ORDER_OR_WEIGHT;
    }

    private boolean isToken(int id) {
        return id >= 0 && id < model.header().vocabulary();
    }

    private int pick(Pick claimed) {
        Pick right = vectors.pick();
        if (claimed.kept() != right.kept() || sampling.greedy() && (count != 1 || !claimed.equals(right))) {
            return KEPT;
        }
        return claimed.target() != right.target() ? TARGET : claimed.at() != right.at() ? AT : TOKEN;
    }

    /** The openings that the table asks for. */
    byte[] evidence(int element) {
        Evidence evidence = new Evidence();
        switch (vector) {
            case ChoiceVectors.NORM -> {
                for (int c = 0; c < Layout.pieces(model.header().width(), Layout.CHUNK); c++) {
                    stream(evidence, c);
                }
                evidence.weights(model, model.index(WeightsTree.Whole.OUTPUT_NORM, 0));
            }
            case ChoiceVectors.CODES ->
                    own(stream(evidence, chunk), ChoiceVectors.NORM, 0).weights(model, model.index(WeightsTree.Whole.OUTPUT_NORM, chunk));
            case ChoiceVectors.LOGITS -> own(evidence, ChoiceVectors.NORM, 0).whole(vectors.vector(ChoiceVectors.CODES))
                    .weights(model, model.index(WeightsTree.Whole.OUTPUT, chunk * Layout.CHUNK + element));
            case ChoiceVectors.CANDIDATES -> candidate(evidence, element / OF_A_CANDIDATE, element % OF_A_CANDIDATE);
            case ChoiceVectors.CHOICE -> pick(evidence, Pick.read(content), element);
            default -> throw new IllegalArgumentException("a choice has no vector " + vector);
        }
        return evidence.bytes();
    }

    private void candidate(Evidence evidence, int index, int fault) {
        int i = chunk * Layout.CANDIDATES + index;
        switch (fault) {
            case LOGIT -> {
                int id = Layout.read(content).getInt(index * Candidate.BYTES);
                if (isToken(id)) {
                    logit(evidence, id);
                }
            }
            case ORDER_OR_WEIGHT -> before(candidate(evidence, 0), i);
            case LEFT_OUT_BEFORE -> before(leftOut(evidence, i), i);
            case LEFT_OUT_BEHIND -> leftOut(evidence, i + 1);
            default -> throw new IllegalStateException("four faults");
        }
    }

    /** The token that should be a candidate's, its logit, and the greatest. */
    private Evidence leftOut(Evidence evidence, int i) {
        int id = vectors.candidates().get(Math.min(i, vectors.candidates().size() - 1)).id();
        return candidate(logit(evidence.number(id), id), 0);
    }

    private Evidence logit(Evidence evidence, int id) {
        return own(evidence, ChoiceVectors.LOGITS, id / Layout.CHUNK);
    }

    private Evidence before(Evidence evidence, int i) {
        return i > 0 && i % Layout.CANDIDATES == 0 ? candidate(evidence, i - 1) : evidence;
    }

    private Evidence candidate(Evidence evidence, int i) {
        return own(evidence, ChoiceVectors.CANDIDATES, i / Layout.CANDIDATES);
    }

    private void pick(Evidence evidence, Pick claimed, int fault) {
        int most = sampling.topK() == 0 ? count : Math.min(count, sampling.topK());
        switch (fault) {
            case KEPT -> {
                if (!sampling.greedy() && claimed.kept() > 0 && claimed.kept() <= most) {
                    withBefore(candidate(evidence, most - 1), claimed.kept() - 1);
                }
            }
            case TARGET -> {
                candidate(evidence, claimed.kept() - 1);
            }
            case AT -> {
                if (claimed.at() >= 0 && claimed.at() < claimed.kept()) {
                    withBefore(evidence, claimed.at());
                }
            }
            default -> candidate(evidence, claimed.at());
        }
    }

    private void withBefore(Evidence evidence, int i) {
        candidate(evidence, i);
        if (i > 0) {
            candidate(evidence, i - 1);
        }
    }

    /** A chunk of this choice. */
    private Evidence own(Evidence evidence, int number, int index) {
        ChunkVector opened = vectors.vector(number);
        HashTree known = opened.tree();
        if (number != vector) {
            return evidence.part(opened.chunk(index)).path(known.path(index));
        }
        return evidence.part(index == chunk ? content : opened.chunk(index)).path(chunks.path(index, chunk, known));
    }

    private Evidence stream(Evidence evidence, int index) {
        return trace.leaf(evidence, position, model.header().layers() - 1, index);
    }
}
