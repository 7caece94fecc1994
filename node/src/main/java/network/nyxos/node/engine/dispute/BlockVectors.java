package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.int8.FixedPoint;
import network.nyxos.node.engine.int8.WeightsTree;
import network.nyxos.node.engine.int8.WeightsTree.Part;

/**
 * All that one layer of one step computes: the vectors 0 to 17 of docs/disputes.md. Computed plainly, from the leaves of the model's root.
 *
 * <p>Of the mixed values, of which a head has as many as positions times its size, every 64th position is kept and the others are computed from there.
 */
final class BlockVectors {
    static final int NORM = 0;
    static final int CODES = 1;
    static final int QUERY = 2;
    static final int KEY = 3;
    static final int VALUE = 4;
    static final int TURNED = 5;
    static final int SCORES = 6;
    static final int PEAKS = 7;
    static final int WEIGHTS = 8;
    static final int MIXED = 9;
    static final int ATTENDED = 10;
    static final int AFTER_ATTENTION = 11;
    static final int SECOND_NORM = 12;
    static final int SECOND_CODES = 13;
    static final int GATE = 14;
    static final int UP = 15;
    static final int HIDDEN = 16;
    static final int BLOCK = 17;
    static final int COUNT = 18;
    private static final int HIDDEN_FRACTION = 24;

    /** Earlier positions of this layer. */
    interface Earlier {
        /** The leaf of a position's key head: {@code xk u8 ‖ xv u8 ‖ key ‖ value}. */
        byte[] keyHead(int position, int keyHead);
    }

    /**
     * The greatest of a head's scores and of its values' powers of two.
     *
     * @param at      the first position of the greatest score
     * @param powerAt the first position of the greatest power
     */
    record Peak(int at, long max, int powerAt, int power) {
        static Peak read(byte[] chunk) {
            ByteBuffer bytes = Layout.read(chunk);
            return new Peak(bytes.getInt(), bytes.getLong(), bytes.getInt(), bytes.get() & 0xff);
        }

        byte[] bytes() {
            return Layout.bytes(17).putInt(at).putLong(max).putInt(powerAt).put((byte) power).array();
        }
    }

    private final WeightsTree model;
    private final WeightsTree.Header shape;
    private final int layer;
    private final int position;
    private final List<ChunkVector> vectors = new ArrayList<>();
    private final int[] after;

    /**
     * @param x       the stream that enters the block
     * @param earlier keys and values of positions below {@code position}
     */
    BlockVectors(WeightsTree model, int layer, int position, int[] x, Earlier earlier) {
        this.model = model;
        this.shape = model.header();
        this.layer = layer;
        this.position = position;
        int size = shape.headSize();
        Norm norm = norm(x, Part.ATTENTION_NORM);
        int[] query = times(Part.QUERY, shape.heads() * size, norm.codes);
        int[] key = times(Part.KEY, shape.keyHeads() * size, norm.codes);
        int[] value = times(Part.VALUE, shape.keyHeads() * size, norm.codes);
        vectors.add(norm.common());
        vectors.add(norm.codes.chunks(Layout.CHUNK));
        List.of(query, key, value).forEach(heads -> vectors.add(ChunkVector.ofInts(heads, size)));
        List<byte[]> own = IntStream.range(0, shape.keyHeads()).mapToObj(h -> Mantissas.kept(
                Mantissas.of(Mantissas.turned(Mantissas.head(key, h, size), position, shape.steps()), Mantissas.KEY_BITS),
                Mantissas.of(Mantissas.head(value, h, size), Mantissas.KEY_BITS))).toList();
        Codes attended = attend(query, (p, h) -> p == position ? own.get(h) : earlier.keyHead(p, h));

        int[] middle = added(x, times(Part.ATTENTION_OUTPUT, x.length, attended));
        Norm second = norm(middle, Part.FEED_FORWARD_NORM);
        int[] gate = times(Part.GATE, shape.feedForward(), second.codes);
        int[] up = times(Part.UP, shape.feedForward(), second.codes);
        long[] products = IntStream.range(0, gate.length).mapToLong(i -> FixedPoint.rounded(FixedPoint.silu(gate[i]) * up[i], 8)).toArray();
        Codes hidden = new Codes(products, HIDDEN_FRACTION);
        after = added(middle, times(Part.DOWN, x.length, hidden));
        vectors.add(ChunkVector.ofInts(middle, Layout.CHUNK));
        vectors.add(second.common());
        vectors.add(second.codes.chunks(Layout.CHUNK));
        vectors.add(ChunkVector.ofInts(gate, Layout.CHUNK));
        vectors.add(ChunkVector.ofInts(up, Layout.CHUNK));
        vectors.add(hidden.chunks(Layout.CHUNK));
        ChunkVector stream = ChunkVector.ofInts(after, Layout.CHUNK);
        vectors.add(new ChunkVector(stream.size() + own.size(), c -> c < stream.size() ? stream.chunk(c) : own.get(c - stream.size()).clone()));
    }

    /** A token's stream before the first layer. */
    static int[] embedding(WeightsTree model, int token) {
        return new WeightRow(model.leaf(model.index(WeightsTree.Whole.EMBEDDING, token))).values();
    }

    private Norm norm(int[] x, Part part) {
        return new Norm(x, shape.epsilon(), c -> model.leaf(model.index(layer, part, c)));
    }

    private int[] times(Part part, int rows, Codes x) {
        return IntStream.range(0, rows).map(row -> new WeightRow(model.leaf(model.index(layer, part, row))).times(x)).toArray();
    }

    private static int[] added(int[] x, int[] delta) {
        return IntStream.range(0, x.length).map(i -> FixedPoint.saturate((long) x[i] + delta[i])).toArray();
    }

    private Codes attend(int[] query, Earlier kept) {
        int size = shape.headSize();
        int group = shape.heads() / shape.keyHeads();
        int n = position + 1;
        int pages = Layout.pieces(n, Layout.PAGE);
        List<Mantissas> queries = new ArrayList<>();
        List<Head> heads = new ArrayList<>();
        long[] attended = new long[query.length];
        for (int h = 0; h < shape.heads(); h++) {
            Mantissas turned = Mantissas.of(Mantissas.turned(Mantissas.head(query, h, size), position, shape.steps()), Mantissas.QUERY_BITS);
            int keyHead = h / group;
            Head head = new Head(turned, shape.scoreFactor(), n, p -> kept.keyHead(p, keyHead));
            queries.add(turned);
            heads.add(head);
            head.attended(attended, h * size);
        }
        vectors.add(new ChunkVector(shape.heads(), h -> queries.get(h).bytes()));
        vectors.add(paged(pages, n, h -> heads.get(h).scores));
        vectors.add(new ChunkVector(shape.heads(), h -> heads.get(h).peak.bytes()));
        vectors.add(paged(pages, n, h -> heads.get(h).weights));
        vectors.add(new ChunkVector(Math.multiplyExact(shape.heads(), n), c -> heads.get(c / n).mixed(c % n).bytes()));
        Codes codes = new Codes(attended, 16);
        vectors.add(codes.chunks(size));
        return codes;
    }

    private ChunkVector paged(int pages, int n, IntFunction<long[]> ofHead) {
        return new ChunkVector(shape.heads() * pages, c -> {
            int from = c % pages * Layout.PAGE;
            return Layout.longs(ofHead.apply(c / pages), from, Math.min(Layout.PAGE, n - from));
        });
    }

    /** The vector of a number, 0 to 17. */
    ChunkVector vector(int number) {
        return vectors.get(number);
    }

    /** All of them. */
    List<ChunkVector> all() {
        return List.copyOf(vectors);
    }

    /** What the trace has of this block. */
    Hash hash() {
        return vector(BLOCK).root();
    }

    /** The stream that leaves the block. */
    int[] after() {
        return after.clone();
    }

    /** What is mixed of a head's values up to and with a position. */
    private record Mixed(long shares, int[] values) {
        byte[] bytes() {
            ByteBuffer bytes = Layout.bytes(Long.BYTES + values.length * Integer.BYTES).putLong(shares);
            bytes.asIntBuffer().put(values);
            return bytes.array();
        }
    }

    /** One query head over all positions. */
    private static final class Head {
        final long[] scores;
        final long[] weights;
        final Peak peak;
        private final IntFunction<byte[]> kept;
        private final int size;
        private final long inverse;
        /** Before every 64th position. */
        private final List<Mixed> marks = new ArrayList<>();

        Head(Mantissas query, long factor, int n, IntFunction<byte[]> kept) {
            this.kept = kept;
            this.size = query.values().length;
            this.scores = new long[n];
            int at = 0;
            int powerAt = 0;
            int power = -1;
            for (int p = 0; p < n; p++) {
                ByteBuffer bytes = Layout.read(kept.apply(p));
                int keyPower = bytes.get();
                int valuePower = bytes.get();
                int product = 0;
                for (int value : query.values()) {
                    product += value * bytes.getShort();
                }
                scores[p] = product * factor >> 46 - query.exponent() - keyPower;
                if (scores[p] > scores[at]) {
                    at = p;
                }
                if (valuePower > power) {
                    powerAt = p;
                    power = valuePower;
                }
            }
            this.peak = new Peak(at, scores[at], powerAt, power);
            this.weights = new long[n];
            long sum = 0;
            for (int p = 0; p < n; p++) {
                sum += FixedPoint.halve(peak.max() - scores[p]) >> 30;
                weights[p] = sum;
            }
            this.inverse = (1L << 62) / sum;
            Mixed mixed = new Mixed(0, new int[size]);
            for (int p = 0; p < n; p++) {
                if (p % Layout.PAGE == 0) {
                    marks.add(mixed);
                }
                mixed = with(mixed, p);
            }
            marks.add(mixed);
        }

        private Mixed with(Mixed before, int p) {
            long share = (weights[p] - (p == 0 ? 0 : weights[p - 1])) * inverse >> 43;
            ByteBuffer bytes = Layout.read(kept.apply(p));
            int scaled = (int) share >> peak.power() - bytes.get(1);
            int[] values = before.values().clone();
            for (int d = 0; d < size; d++) {
                values[d] += scaled * bytes.getShort(2 + 2 * (size + d));
            }
            return new Mixed(before.shares() + share, values);
        }

        Mixed mixed(int position) {
            Mixed mixed = marks.get(position / Layout.PAGE);
            for (int p = position / Layout.PAGE * Layout.PAGE; p <= position; p++) {
                mixed = with(mixed, p);
            }
            return mixed;
        }

        void attended(long[] out, int at) {
            Mixed all = marks.getLast();
            int down = 40 - peak.power();
            for (int d = 0; d < size; d++) {
                out[at + d] = FixedPoint.rounded(all.values()[d] * ((1L << 40) / all.shares()), down);
            }
        }
    }
}
