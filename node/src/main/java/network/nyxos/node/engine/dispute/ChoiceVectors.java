package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.int8.FixedPoint;
import network.nyxos.node.engine.int8.WeightsTree;

/** All that leads from the stream after the last layer to the token chosen: the vectors 0 to 4 of docs/disputes.md. */
final class ChoiceVectors {
    static final int NORM = 0;
    static final int CODES = 1;
    static final int LOGITS = 2;
    static final int CANDIDATES = 3;
    static final int CHOICE = 4;
    static final int COUNT = 5;

    /**
     * A token that could have been chosen.
     *
     * @param running the weight of it and of those before it; 0 at temperature 0
     */
    record Candidate(int id, int logit, long running) {
        static final int BYTES = 16;

        static Candidate read(ByteBuffer bytes) {
            return new Candidate(bytes.getInt(), bytes.getInt(), bytes.getLong());
        }

        /** Whether this stands behind another. */
        boolean behind(Candidate other) {
            return logit < other.logit || logit == other.logit && id > other.id;
        }

        private ByteBuffer write(ByteBuffer bytes) {
            return bytes.putInt(id).putInt(logit).putLong(running);
        }
    }

    /**
     * Which candidate is taken.
     *
     * @param kept   how many {@code top_k} and {@code top_p} leave
     * @param target what the running weight has to exceed
     * @param at     the index of the one taken
     */
    record Pick(int kept, long target, int at) {
        /** The greatest. */
        static final Pick GREEDY = new Pick(1, 0, 0);

        static Pick read(byte[] chunk) {
            ByteBuffer bytes = Layout.read(chunk);
            return new Pick(bytes.getInt(), bytes.getLong(), bytes.getInt());
        }

        byte[] bytes() {
            return Layout.bytes(16).putInt(kept).putLong(target).putInt(at).array();
        }
    }

    private final int[] logits;
    private final List<Candidate> candidates;
    private final Pick pick;
    private final List<ChunkVector> vectors;

    /**
     * @param x     the stream after the last layer
     * @param index which token of the reply is chosen, from 0
     */
    ChoiceVectors(WeightsTree model, int[] x, Sampling sampling, long seed, int index) {
        Norm norm = new Norm(x, model.header().epsilon(), c -> model.leaf(model.index(WeightsTree.Whole.OUTPUT_NORM, c)));
        this.logits = IntStream.range(0, model.header().vocabulary())
                .map(row -> new WeightRow(model.leaf(model.index(WeightsTree.Whole.OUTPUT, row))).times(norm.codes)).toArray();
        this.candidates = candidates(logits, sampling);
        this.pick = pick(candidates, sampling, seed, index);
        this.vectors = List.of(norm.common(), norm.codes.chunks(Layout.CHUNK), ChunkVector.ofInts(logits, Layout.CHUNK), list(candidates),
                new ChunkVector(1, _ -> pick.bytes()));
    }

    /** The token that logits choose. */
    static int chosen(int[] logits, Sampling sampling, long seed, int index) {
        List<Candidate> candidates = candidates(logits, sampling);
        return candidates.get(pick(candidates, sampling, seed, index).at()).id();
    }

    private static List<Candidate> candidates(int[] logits, Sampling sampling) {
        int greatest = IntStream.of(logits).max().orElseThrow();
        if (sampling.greedy()) {
            return List.of(new Candidate(IntStream.range(0, logits.length).filter(id -> logits[id] == greatest).findFirst().orElseThrow(), greatest, 0));
        }
        // In order of logit, greatest first, then id: what is below the greatest, then the id, in one number.
        long[] order = LongStream.range(0, logits.length).map(id -> ((long) greatest - logits[(int) id] << 20) + id)
                .filter(key -> weight(key >> 20, sampling) > 0).sorted().toArray();
        List<Candidate> candidates = new ArrayList<>(order.length);
        long running = 0;
        for (long key : order) {
            running += weight(key >> 20, sampling);
            candidates.add(new Candidate((int) key & 0xfffff, (int) (greatest - (key >> 20)), running));
        }
        return candidates;
    }

    /** The weight of a logit that is so far below the greatest, at a temperature above 0. */
    private static long weight(long below, Sampling sampling) {
        return FixedPoint.halve(below * 1_442_695 / sampling.temperatureMicro()) >> 20;
    }

    private static Pick pick(List<Candidate> candidates, Sampling sampling, long seed, int index) {
        if (sampling.greedy()) {
            return Pick.GREEDY;
        }
        int kept = sampling.topK() == 0 ? candidates.size() : Math.min(candidates.size(), sampling.topK());
        if (sampling.topPMicro() < Sampling.ONE) {
            long total = candidates.get(kept - 1).running();
            // A total is below 2^60 and a share at most a million, so the product is taken in two parts.
            long share = total / Sampling.ONE * sampling.topPMicro() + Math.ceilDiv(total % Sampling.ONE * sampling.topPMicro(), Sampling.ONE);
            kept = first(candidates, running -> running >= share) + 1;
        }
        long target = Math.unsignedMultiplyHigh(draw(seed, index), candidates.get(kept - 1).running());
        return new Pick(kept, target, first(candidates, running -> running > target));
    }

    private static int first(List<Candidate> candidates, LongPredicate running) {
        return IntStream.range(0, candidates.size()).filter(i -> running.test(candidates.get(i).running())).findFirst().orElseThrow();
    }

    /** Number {@code index} of SplitMix64. */
    private static long draw(long seed, int index) {
        long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** Candidates in their chunks. */
    static ChunkVector list(List<Candidate> candidates) {
        return new ChunkVector(Layout.pieces(candidates.size(), Layout.CANDIDATES), c -> {
            List<Candidate> some = candidates.subList(c * Layout.CANDIDATES, Math.min((c + 1) * Layout.CANDIDATES, candidates.size()));
            ByteBuffer bytes = Layout.bytes(some.size() * Candidate.BYTES);
            some.forEach(candidate -> candidate.write(bytes));
            return bytes.array();
        });
    }

    int logit(int id) {
        return logits[id];
    }

    List<Candidate> candidates() {
        return candidates;
    }

    Pick pick() {
        return pick;
    }

    /** The token chosen. */
    int chosen() {
        return candidates.get(pick.at()).id();
    }

    /** The vector of a number, 0 to 4. */
    ChunkVector vector(int number) {
        return vectors.get(number);
    }

    List<ChunkVector> all() {
        return vectors;
    }
}
