package network.nyxos.node.engine.int8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import network.nyxos.node.engine.EngineException;
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
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private record Token(Sequence sequence, int id, int position, boolean last) {
    }

    private final LlamaWeights weights;
    private final LlamaWeights.Shape shape;
    private final Kernels kernels;
    private final Workers workers;
    private final Thread thread;
    private final Deque<Sequence> submitted = new ArrayDeque<>();
    private boolean closed;

    private final float[] cosines;
    private final float[] sines;
    private final float[] x;
    private final float[] normed;
    private final float[] query;
    private final float[] key;
    private final float[] value;
    private final float[] attended;
    private final float[] gate;
    private final float[] up;
    private final float[] delta;
    private final float[] logits;
    private final QuantRows narrowInput;
    private final QuantRows headInput;
    private final QuantRows hiddenInput;
    private final float[][] scores;

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
        } catch (RuntimeException e) {
            workers.close();
            throw e;
        }
        int headWidth = shape.heads() * shape.headSize();
        int half = shape.headSize() / 2;
        cosines = new float[shape.context() * half];
        sines = new float[shape.context() * half];
        for (int i = 0; i < half; i++) {
            double frequency = StrictMath.pow(shape.ropeBase(), -2.0 * i / shape.headSize());
            for (int p = 0; p < shape.context(); p++) {
                cosines[p * half + i] = (float) StrictMath.cos(p * frequency);
                sines[p * half + i] = (float) StrictMath.sin(p * frequency);
            }
        }
        x = new float[BATCH * shape.width()];
        normed = new float[BATCH * shape.width()];
        query = new float[BATCH * headWidth];
        key = new float[BATCH * shape.kvWidth()];
        value = new float[BATCH * shape.kvWidth()];
        attended = new float[BATCH * headWidth];
        gate = new float[BATCH * shape.hidden()];
        up = new float[BATCH * shape.hidden()];
        delta = new float[BATCH * shape.width()];
        logits = new float[BATCH * weights.output.groups * QuantMatrix.GROUP];
        narrowInput = new QuantRows(BATCH, shape.width());
        headInput = new QuantRows(BATCH, headWidth);
        hiddenInput = new QuantRows(BATCH, shape.hidden());
        scores = new float[threads][Kernels.PAGE];
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
        int headSize = shape.headSize();
        int headWidth = shape.heads() * headSize;
        int kvWidth = shape.kvWidth();
        for (int t = 0; t < n; t++) {
            Token token = batch.get(t);
            token.sequence().cache.reserve(token.position() + 1);
            weights.embedding.row(token.id(), x, t * width);
        }
        for (int l = 0; l < shape.layers(); l++) {
            LlamaWeights.Layer layer = weights.layers.get(l);
            int layerIndex = l;
            each(n, t -> {
                FixedMath.rmsNorm(x, t * width, layer.attentionNorm(), shape.epsilon(), normed, t * width);
                narrowInput.set(t, normed, t * width);
            });
            int queryGroups = layer.query().groups;
            int keyGroups = layer.key().groups;
            workers.run(queryGroups + 2 * keyGroups, 1, (item, worker) -> {
                if (item < queryGroups) {
                    multiply(layer.query(), item, narrowInput, n, query, headWidth);
                } else if (item < queryGroups + keyGroups) {
                    multiply(layer.key(), item - queryGroups, narrowInput, n, key, kvWidth);
                } else {
                    multiply(layer.value(), item - queryGroups - keyGroups, narrowInput, n, value, kvWidth);
                }
            });
            each(n, t -> {
                Token token = batch.get(t);
                rotate(query, t * headWidth, shape.heads(), token.position());
                rotate(key, t * kvWidth, shape.kvHeads(), token.position());
                store(token, layerIndex, t * kvWidth);
            });
            workers.run(n * shape.heads(), 1, (item, worker) ->
                    attend(batch.get(item / shape.heads()), layerIndex, item % shape.heads(), item / shape.heads() * headWidth, worker));
            each(n, t -> headInput.set(t, attended, t * headWidth));
            project(layer.attentionOutput(), headInput, n);
            each(n, t -> {
                add(t * width, width);
                FixedMath.rmsNorm(x, t * width, layer.feedForwardNorm(), shape.epsilon(), normed, t * width);
                narrowInput.set(t, normed, t * width);
            });
            workers.run(layer.gate().groups, 1, (group, worker) -> {
                multiply(layer.gate(), group, narrowInput, n, gate, shape.hidden());
                multiply(layer.up(), group, narrowInput, n, up, shape.hidden());
                for (int t = 0; t < n; t++) {
                    int at = t * shape.hidden() + group * QuantMatrix.GROUP;
                    for (int i = at; i < at + QuantMatrix.GROUP; i++) {
                        gate[i] = FixedMath.silu(gate[i]) * up[i];
                    }
                }
            });
            each(n, t -> hiddenInput.set(t, gate, t * shape.hidden()));
            project(layer.down(), hiddenInput, n);
            each(n, t -> add(t * width, width));
        }
        int rows = 0;
        for (int t = 0; t < n; t++) {
            if (batch.get(t).last()) {
                FixedMath.rmsNorm(x, t * width, weights.outputNorm, shape.epsilon(), normed, 0);
                narrowInput.set(rows++, normed, 0);
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

    private void project(QuantMatrix matrix, QuantRows input, int n) {
        workers.run(matrix.groups, 1, (group, worker) -> multiply(matrix, group, input, n, delta, shape.width()));
    }

    private void multiply(QuantMatrix matrix, int group, QuantRows input, int n, float[] out, int stride) {
        for (int t = 0; t < n; t++) {
            kernels.multiply(matrix, group, input, t, out, t * stride + group * QuantMatrix.GROUP);
        }
    }

    private void add(int at, int length) {
        for (int i = at; i < at + length; i++) {
            x[i] = x[i] + delta[i];
        }
    }

    /** Turns neighbouring pairs by position · base^(−2i / head size), as GGUF lays Llama's queries and keys out. */
    private void rotate(float[] values, int at, int heads, int position) {
        int half = shape.headSize() / 2;
        for (int h = 0; h < heads; h++) {
            for (int i = 0; i < half; i++) {
                int pair = at + h * shape.headSize() + 2 * i;
                float cosine = cosines[position * half + i];
                float sine = sines[position * half + i];
                float a = values[pair];
                float b = values[pair + 1];
                values[pair] = a * cosine - b * sine;
                values[pair + 1] = a * sine + b * cosine;
            }
        }
    }

    private void store(Token token, int layer, int from) {
        KvCache cache = token.sequence().cache;
        int headSize = shape.headSize();
        int page = token.position() / Kernels.PAGE;
        int slot = token.position() % Kernels.PAGE;
        float[] keys = cache.keys(page);
        float[] values = cache.values(page);
        for (int h = 0; h < shape.kvHeads(); h++) {
            int at = cache.at(layer, shape.kvHeads(), h);
            for (int d = 0; d < headSize; d++) {
                keys[at + d * Kernels.PAGE + slot] = key[from + h * headSize + d];
            }
            System.arraycopy(value, from + h * headSize, values, at + slot * headSize, headSize);
        }
    }

    private void attend(Token token, int layer, int head, int rowAt, int worker) {
        KvCache cache = token.sequence().cache;
        int headSize = shape.headSize();
        int positions = token.position() + 1;
        int pages = (positions + Kernels.PAGE - 1) / Kernels.PAGE;
        int kvAt = cache.at(layer, shape.kvHeads(), head / (shape.heads() / shape.kvHeads()));
        int at = rowAt + head * headSize;
        if (scores[worker].length < pages * Kernels.PAGE) {
            scores[worker] = new float[Math.max(pages * Kernels.PAGE, 2 * scores[worker].length)];
        }
        float[] weight = scores[worker];
        float scale = (float) (1.0 / StrictMath.sqrt(headSize));
        for (int page = 0; page < pages; page++) {
            kernels.scores(query, at, headSize, cache.keys(page), kvAt, scale, weight, page * Kernels.PAGE);
        }
        float max = weight[0];
        for (int p = 1; p < positions; p++) {
            max = Math.max(max, weight[p]);
        }
        float sum = 0f;
        for (int p = 0; p < positions; p++) {
            weight[p] = FixedMath.exp(weight[p] - max);
            sum = sum + weight[p];
        }
        for (int d = at; d < at + headSize; d++) {
            attended[d] = 0f;
        }
        for (int page = 0; page < pages; page++) {
            int inPage = Math.min(Kernels.PAGE, positions - page * Kernels.PAGE);
            kernels.mix(weight, page * Kernels.PAGE, inPage, cache.values(page), kvAt, headSize, attended, at);
        }
        for (int d = at; d < at + headSize; d++) {
            attended[d] = attended[d] / sum;
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
