package network.nyxos.node.engine.int8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.gguf.GgufFile;

/**
 * Runs sequences through the model, several side by side.
 *
 * <p>One platform thread gathers a batch of tokens, from one sequence's prompt or from many sequences' next tokens, and runs
 * it with the workers' help. A token's numbers do not depend on what else is in its batch.
 */
public final class Decoder implements AutoCloseable {
    /** Whether the vector kernels are used. */
    public enum Simd {
        /** Where {@code jdk.incubator.vector} is there and once it is warm. */
        AUTO,
        /** From the first token; an error where the module is absent. */
        ON,
        /** Never. */
        OFF
    }

    private static final int BATCH = 32;
    /** Fractional bits of what the feed-forward part multiplies. */
    private static final int HIDDEN_FRACTION = 24;
    /** Bits of a query's mantissas: with a key's 11 and 256 dimensions their sum fits an int. */
    private static final int QUERY_BITS = 12;
    /** From a score's 2 · 16 fractional bits and the factor's 30 to 16. */
    private static final int SCORE_SHIFT = 2 * FixedPoint.FRACTION + FixedPoint.TABLE_BITS - FixedPoint.FRACTION;
    /** A position's share of one: with a value's 11 bits the sum over all positions fits an int. */
    private static final int SHARE_BITS = 19;
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private record Token(Sequence sequence, int id, int position, boolean last) {
    }

    private final LlamaWeights weights;
    private final LlamaWeights.Shape shape;
    private final Kernels kernels;
    private final Hash weightsRoot;
    private final Workers workers;
    private final Thread thread;
    private final Deque<Sequence> submitted = new ArrayDeque<>();
    private boolean closed;

    private final Rotary rotary;
    private final long scoreFactor;
    private final int[] x;
    private final long[] normed;
    private final int[] query;
    private final int[] key;
    private final int[] value;
    private final long[] attended;
    private final int[] gate;
    private final int[] up;
    private final long[] hidden;
    private final int[] delta;
    private final int[] logits;
    private final QuantRows narrowInput;
    private final QuantRows headInput;
    private final QuantRows hiddenInput;
    private final Attention[] attentions;

    /** A worker's room for one query head. */
    private static final class Attention {
        final int[] mixed;
        /** Scores, then weights, one a position. */
        int[] weights = new int[Kernels.PAGE];
        /** Scores in units of 2⁻¹⁶ powers of two. */
        long[] scaled = new long[Kernels.PAGE];

        Attention(int headSize) {
            mixed = new int[headSize];
        }

        void reserve(int positions) {
            if (weights.length < positions) {
                weights = new int[Math.max(positions, 2 * weights.length)];
                scaled = new long[weights.length];
            }
        }
    }

    /**
     * Reads a model.
     *
     * @param file       the weights; may be closed afterwards
     * @param vocabulary tokens the tokenizer has
     * @param threads    how many compute, at least 1
     * @param simd       whether vector kernels are used
     */
    public Decoder(GgufFile file, int vocabulary, int threads, Simd simd) {
        this.workers = new Workers(threads, "nyx-worker");
        try {
            this.weights = LlamaWeights.read(file, vocabulary, workers);
            this.shape = weights.shape;
            this.kernels = kernels(simd);
            this.weightsRoot = WeightsTree.of(weights, workers).root();
        } catch (RuntimeException e) {
            workers.close();
            throw e;
        }
        int headWidth = shape.heads() * shape.headSize();
        rotary = new Rotary(shape.context(), shape.headSize(), shape.ropeBase());
        scoreFactor = FixedPoint.scoreFactor(shape.headSize());
        x = new int[BATCH * shape.width()];
        normed = new long[BATCH * shape.width()];
        query = new int[BATCH * headWidth];
        key = new int[BATCH * shape.kvWidth()];
        value = new int[BATCH * shape.kvWidth()];
        attended = new long[BATCH * headWidth];
        gate = new int[BATCH * shape.hidden()];
        up = new int[BATCH * shape.hidden()];
        hidden = new long[BATCH * shape.hidden()];
        delta = new int[BATCH * shape.width()];
        logits = new int[BATCH * weights.output.groups * QuantMatrix.GROUP];
        narrowInput = new QuantRows(BATCH, shape.width());
        headInput = new QuantRows(BATCH, headWidth);
        hiddenInput = new QuantRows(BATCH, shape.hidden());
        attentions = new Attention[threads];
        Arrays.setAll(attentions, _ -> new Attention(shape.headSize()));
        thread = Thread.ofPlatform().daemon().name("nyx-decoder").start(this::loop);
    }

    private Kernels kernels(Simd simd) {
        boolean present = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
        if (simd == Simd.ON && !present) {
            throw new EngineException(EngineException.Code.ENGINE_FAILED,
                    "SIMD was asked for, but the module is absent: start Java with --add-modules " + VECTOR_MODULE);
        }
        return switch (simd) {
            case OFF -> new ScalarKernels();
            case ON -> new VectorKernels();
            case AUTO -> present ? new SwitchingKernels(weights.layers.getFirst().query(), weights.output, new VectorKernels()) : new ScalarKernels();
        };
    }

    /** The root over the weights as they were read, which the model's id names. */
    public Hash weightsRoot() {
        return weightsRoot;
    }

    /** The tree of that root, built anew: takes the time of hashing the weights, and 64 bytes a row. */
    public WeightsTree weightsTree() {
        // The decoder's own workers are its thread's.
        try (Workers builders = new Workers(workers.threads(), "nyx-weights")) {
            return WeightsTree.of(weights, builders);
        }
    }

    /** Longest sequence, in tokens. */
    public int context() {
        return shape.context();
    }

    /**
     * Starts a sequence.
     *
     * @param prompt ids below the vocabulary's size; at least one, and at most as many as the context holds
     * @param step   gets the logits after the prompt and after every token it answers with
     */
    public Sequence submit(int[] prompt, Sequence.Step step) {
        if (prompt.length == 0 || prompt.length > shape.context()) {
            throw new EngineException(EngineException.Code.CONTEXT_EXCEEDED,
                    "the prompt has " + prompt.length + " tokens; 1 to " + shape.context() + " fit");
        }
        for (int id : prompt) {
            if (id < 0 || id >= shape.vocabulary()) {
                throw new EngineException(EngineException.Code.INVALID_REQUEST, "token id " + id + " is not in the vocabulary");
            }
        }
        Sequence sequence = new Sequence(new KvCache(shape), prompt, step);
        synchronized (submitted) {
            if (closed) {
                throw closed();
            }
            submitted.add(sequence);
            submitted.notifyAll();
        }
        return sequence;
    }

    private static EngineException closed() {
        return new EngineException(EngineException.Code.ENGINE_CLOSED, "the engine was closed");
    }

    private void loop() {
        Deque<Sequence> running = new ArrayDeque<>();
        while (true) {
            synchronized (submitted) {
                while (running.isEmpty() && submitted.isEmpty() && !closed) {
                    try {
                        submitted.wait();
                    } catch (InterruptedException e) {
                        closed = true;
                    }
                }
                running.addAll(submitted);
                submitted.clear();
                if (closed) {
                    running.forEach(sequence -> sequence.step.failed(closed()));
                    return;
                }
            }
            running.removeIf(Sequence::cancelled);
            List<Token> batch = gather(running);
            if (batch.isEmpty()) {
                continue;
            }
            try {
                forward(batch);
            } catch (RuntimeException | Error e) {
                // An out-of-memory here is one sequence's growth; the decoder goes on for the next.
                EngineException failure = new EngineException(EngineException.Code.ENGINE_FAILED, "the decoder failed: " + e, e);
                batch.stream().map(Token::sequence).distinct().forEach(sequence -> {
                    running.remove(sequence);
                    sequence.step.failed(failure);
                });
                continue;
            }
            answer(batch, running);
        }
    }

    /** Next tokens first, so that a long prompt delays no running reply by more than one batch; then prompts in turn. */
    private List<Token> gather(Deque<Sequence> running) {
        List<Token> batch = new ArrayList<>();
        for (boolean prompts : new boolean[] {false, true}) {
            for (Sequence sequence : running) {
                if (sequence.waiting() > 1 == prompts) {
                    while (sequence.waiting() > 0 && batch.size() < BATCH) {
                        int position = sequence.position();
                        int id = sequence.take();
                        batch.add(new Token(sequence, id, position, sequence.waiting() == 0));
                    }
                }
            }
        }
        return batch;
    }

    private void answer(List<Token> batch, Deque<Sequence> running) {
        int row = 0;
        int stride = weights.output.groups * QuantMatrix.GROUP;
        for (Token token : batch) {
            if (!token.last()) {
                continue;
            }
            Sequence sequence = token.sequence();
            int next = Sequence.Step.DONE;
            if (!sequence.cancelled()) {
                try {
                    next = sequence.step.next(logits, row * stride);
                } catch (RuntimeException e) {
                    sequence.step.failed(e);
                }
            }
            row++;
            if (next == Sequence.Step.DONE || sequence.position() >= shape.context()) {
                running.remove(sequence);
            } else {
                sequence.feed(next);
                // To the back: with more sequences than a batch holds, all get their turn.
                running.remove(sequence);
                running.add(sequence);
            }
        }
    }

    private void forward(List<Token> batch) {
        int n = batch.size();
        int width = shape.width();
        int headWidth = shape.heads() * shape.headSize();
        int kvWidth = shape.kvWidth();
        Hash[][] blocks = new Hash[n][shape.layers()];
        for (int t = 0; t < n; t++) {
            Token token = batch.get(t);
            token.sequence().cache.reserve(token.position() + 1);
            weights.embedding.row(token.id(), x, t * width);
        }
        for (int l = 0; l < shape.layers(); l++) {
            LlamaWeights.Layer layer = weights.layers.get(l);
            int layerIndex = l;
            each(n, t -> normalise(t, layer.attentionNorm(), t));
            int queryGroups = layer.query().groups;
            int keyGroups = layer.key().groups;
            int groups = queryGroups + 2 * keyGroups;
            // The block before is hashed here: nothing writes to the residual stream meanwhile, and a single token's hash keeps no worker waiting.
            workers.run(l == 0 ? groups : groups + n, 1, (item, worker) -> {
                if (item < queryGroups) {
                    multiply(layer.query(), item, narrowInput, n, query, headWidth);
                } else if (item < queryGroups + keyGroups) {
                    multiply(layer.key(), item - queryGroups, narrowInput, n, key, kvWidth);
                } else if (item < groups) {
                    multiply(layer.value(), item - queryGroups - keyGroups, narrowInput, n, value, kvWidth);
                } else {
                    blocks[item - groups][layerIndex - 1] = hash(batch, item - groups, layerIndex - 1);
                }
            });
            each(n, t -> {
                Token token = batch.get(t);
                for (int h = 0; h < shape.heads(); h++) {
                    rotary.turn(query, t * headWidth + h * shape.headSize(), token.position());
                }
                for (int h = 0; h < shape.kvHeads(); h++) {
                    rotary.turn(key, t * kvWidth + h * shape.headSize(), token.position());
                }
                token.sequence().cache.store(layerIndex, token.position(), key, value, t * kvWidth);
            });
            workers.run(n * shape.heads(), 1, (item, worker) ->
                    attend(batch.get(item / shape.heads()), layerIndex, item % shape.heads(), item / shape.heads() * headWidth, attentions[worker]));
            each(n, t -> headInput.set(t, attended, t * headWidth, FixedPoint.FRACTION));
            project(layer.attentionOutput(), headInput, n);
            each(n, t -> {
                add(t * width, width);
                normalise(t, layer.feedForwardNorm(), t);
            });
            workers.run(layer.gate().groups, 1, (group, worker) -> {
                multiply(layer.gate(), group, narrowInput, n, gate, shape.hidden());
                multiply(layer.up(), group, narrowInput, n, up, shape.hidden());
                for (int t = 0; t < n; t++) {
                    int at = t * shape.hidden() + group * QuantMatrix.GROUP;
                    for (int i = at; i < at + QuantMatrix.GROUP; i++) {
                        hidden[i] = FixedPoint.silu(gate[i]) * up[i] + 128 >> 8;
                    }
                }
            });
            each(n, t -> hiddenInput.set(t, hidden, t * shape.hidden(), HIDDEN_FRACTION));
            project(layer.down(), hiddenInput, n);
            each(n, t -> add(t * width, width));
        }
        int last = shape.layers() - 1;
        each(n, t -> blocks[t][last] = hash(batch, t, last));
        int rows = 0;
        for (int t = 0; t < n; t++) {
            Token token = batch.get(t);
            token.sequence().traced(new Trace.Step(token.id(), List.of(blocks[t])));
            if (token.last()) {
                normalise(t, weights.outputNorm, rows++);
            }
        }
        if (rows > 0) {
            int wanted = rows;
            workers.run(weights.output.groups, 16, (group, worker) ->
                    multiply(weights.output, group, narrowInput, wanted, logits, weights.output.groups * QuantMatrix.GROUP));
        }
    }

    private interface PerToken {
        void run(int token);
    }

    private void each(int n, PerToken work) {
        workers.run(n, 1, (token, worker) -> work.run(token));
    }

    private void normalise(int token, FixedPoint.Gain gain, int row) {
        int at = token * shape.width();
        FixedPoint.norm(x, at, gain, shape.epsilon(), normed, at);
        narrowInput.set(row, normed, at, gain.exponent());
    }

    private void project(QuantMatrix matrix, QuantRows input, int n) {
        workers.run(matrix.groups, 1, (group, worker) -> multiply(matrix, group, input, n, delta, shape.width()));
    }

    private void multiply(QuantMatrix matrix, int group, QuantRows input, int n, int[] out, int stride) {
        int row = group * QuantMatrix.GROUP;
        for (int t = 0; t < n; t++) {
            int at = t * stride + row;
            kernels.multiply(matrix, group, input, t, out, at);
            // The kernel's unit is 2^(exponent + headroom + 8 − 7 − e): eight bits were shifted away, and a code is a 128th.
            int unit = input.exponents[t] + input.headroom + 1 + FixedPoint.FRACTION;
            for (int r = 0; r < QuantMatrix.GROUP; r++) {
                out[at + r] = FixedPoint.shift(out[at + r], unit - matrix.exponents[row + r]);
            }
        }
    }

    private void add(int at, int length) {
        for (int i = at; i < at + length; i++) {
            x[i] = FixedPoint.saturate((long) x[i] + delta[i]);
        }
    }

    private Hash hash(List<Token> batch, int t, int layer) {
        Token token = batch.get(t);
        List<byte[]> heads = new ArrayList<>();
        for (int h = 0; h < shape.kvHeads(); h++) {
            heads.add(token.sequence().cache.written(layer, token.position(), h));
        }
        return Trace.block(x, t * shape.width(), shape.width(), heads);
    }

    /** One query head over all positions so far. The bounds of every product and sum are in the specification. */
    private void attend(Token token, int layer, int head, int rowAt, Attention room) {
        KvCache cache = token.sequence().cache;
        int headSize = shape.headSize();
        int positions = token.position() + 1;
        int pages = (positions + Kernels.PAGE - 1) / Kernels.PAGE;
        int kvAt = cache.at(layer, head / (shape.heads() / shape.kvHeads()));
        int at = rowAt + head * headSize;
        room.reserve(pages * Kernels.PAGE);
        int[] weight = room.weights;
        long[] scaled = room.scaled;
        int queryExponent = FixedPoint.compact(query, at, headSize, QUERY_BITS);
        long max = Long.MIN_VALUE;
        int greatest = 0;
        for (int page = 0; page < pages; page++) {
            KvCache.Page kept = cache.page(page);
            int first = page * Kernels.PAGE;
            kernels.scores(query, at, headSize, kept.keys(), kvAt * headSize, weight, first);
            for (int p = first; p < Math.min(first + Kernels.PAGE, positions); p++) {
                int slot = kvAt + p - first;
                scaled[p] = weight[p] * scoreFactor >> SCORE_SHIFT - queryExponent - kept.keyExponents()[slot];
                max = Math.max(max, scaled[p]);
                greatest = Math.max(greatest, kept.valueExponents()[slot]);
            }
        }
        long sum = 0;
        for (int p = 0; p < positions; p++) {
            weight[p] = (int) (FixedPoint.halve(max - scaled[p]) >> 30);
            sum += weight[p];
        }
        long inverse = (1L << 62) / sum;
        Arrays.fill(room.mixed, 0);
        long shares = 0;
        for (int page = 0; page < pages; page++) {
            KvCache.Page kept = cache.page(page);
            int first = page * Kernels.PAGE;
            int inPage = Math.min(Kernels.PAGE, positions - first);
            for (int p = first; p < first + inPage; p++) {
                int share = (int) (weight[p] * inverse >> 62 - SHARE_BITS);
                shares += share;
                weight[p] = share >> greatest - kept.valueExponents()[kvAt + p - first];
            }
            kernels.mix(weight, first, inPage, kept.values(), kvAt * headSize, headSize, room.mixed);
        }
        long divisor = (1L << 40) / shares;
        int down = 40 - greatest;
        for (int d = 0; d < headSize; d++) {
            attended[at + d] = room.mixed[d] * divisor + (1L << down - 1) >> down;
        }
    }

    /** Stops; sequences still running fail with {@code ENGINE_CLOSED}. */
    @Override
    public void close() {
        synchronized (submitted) {
            closed = true;
            submitted.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        workers.close();
    }
}
