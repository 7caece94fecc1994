package network.nyxos.node.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.text.WordPiece;

/**
 * {@code onnx-mean-v1}: a BERT encoder in ONNX Runtime; a vector is the mean of the last layer over all of an input's tokens, of length one.
 *
 * <p>Each input runs by itself: how activations are quantised depends on all that runs together, and a text's vector must not depend on its neighbours. What comes
 * out differs in the last bits between processors, so this is for the open and confidential tiers.
 */
public final class OnnxEmbeddingEngine implements EmbeddingEngine {
    /** The spec. */
    public static final String ENGINE = "onnx-mean-v1";
    /** The built-in model. */
    public static final String MINILM = "all-minilm-l6-v2";
    /** Positions that it has. */
    public static final int MINILM_CONTEXT = 512;
    /** Numbers of its vectors. */
    public static final int MINILM_DIMENSIONS = 384;
    private static final String WEIGHTS = "/all-minilm-l6-v2-q.onnx";
    private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";

    private final ModelCard card;
    private final WordPiece tokenizer;
    private final int dimensions;
    private final OrtEnvironment environment;
    private final OrtSession session;
    /** Running holds it shared: what is freed under a running job takes the process with it. */
    private final ReadWriteLock open = new ReentrantReadWriteLock();
    private boolean closed;

    private OnnxEmbeddingEngine(String name, byte[] weights, WordPiece tokenizer, int context, int dimensions) {
        this.card = new ModelCard(ModelId.of(Hash.sha256(weights), tokenizer.hash(), ENGINE).hex(), name, ENGINE, context, false, new ModelKind.Embedding(dimensions));
        this.tokenizer = tokenizer;
        this.dimensions = dimensions;
        try {
            environment = OrtEnvironment.getEnvironment();
            try (var options = new OrtSession.SessionOptions()) {
                // Jobs run side by side; a thread each is the most work for the machine's cores.
                options.setIntraOpNumThreads(1);
                options.setInterOpNumThreads(1);
                session = environment.createSession(weights, options);
            }
        } catch (OrtException e) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID, "ONNX Runtime cannot load the model: " + e.getMessage(), e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new EngineException(EngineException.Code.MODEL_UNAVAILABLE, "ONNX Runtime has no library for this machine: " + e.getMessage(), e);
        }
    }

    /** all-MiniLM-L6-v2, quantised, as it comes with the program. */
    public static OnnxEmbeddingEngine miniLm() {
        return new OnnxEmbeddingEngine(MINILM, resource(WEIGHTS), miniLmTokenizer(), MINILM_CONTEXT, MINILM_DIMENSIONS);
    }

    /** Its tokenizer, by which its work is priced. */
    public static WordPiece miniLmTokenizer() {
        try {
            return WordPiece.ofJson(resource(TOKENIZER));
        } catch (ProtocolException e) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID, e.getMessage(), e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = OnnxEmbeddingEngine.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new EngineException(EngineException.Code.MODEL_UNAVAILABLE, name + " is missing from the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.MODEL_UNAVAILABLE, name + " cannot be read", e);
        }
    }

    @Override
    public ModelCard model() {
        return card;
    }

    @Override
    public long tokensAtMost(List<String> inputs) {
        return inputs.stream().mapToLong(input -> encode(input).length).sum();
    }

    private int[] encode(String input) {
        int[] ids = tokenizer.encode(input);
        if (ids.length > card.context()) {
            throw new EngineException(EngineException.Code.CONTEXT_EXCEEDED, "an input has " + ids.length + " tokens, the model takes " + card.context() + ": shorten or split it");
        }
        return ids;
    }

    @Override
    public Embedded embed(List<String> inputs, Consumer<Embedding> sink, Cancellation cancellation) {
        // All of them first: a job of which one input is too long is not begun.
        List<int[]> encoded = inputs.stream().map(this::encode).toList();
        var vectors = new ArrayList<Embedding>(encoded.size());
        for (int[] ids : encoded) {
            if (cancellation.cancelled()) {
                throw new CancellationException("the job was given up");
            }
            Embedding vector = vector(ids);
            vectors.add(vector);
            sink.accept(vector);
        }
        int[] all = encoded.stream().flatMapToInt(Arrays::stream).toArray();
        return new Embedded(all, all.length, vectors);
    }

    private Embedding vector(int[] ids) {
        open.readLock().lock();
        try {
            if (closed) {
                throw new EngineException(EngineException.Code.ENGINE_CLOSED, "the engine was closed");
            }
            return run(ids);
        } catch (OrtException e) {
            throw new EngineException(EngineException.Code.ENGINE_FAILED, "ONNX Runtime failed: " + e.getMessage(), e);
        } finally {
            open.readLock().unlock();
        }
    }

    private Embedding run(int[] ids) throws OrtException {
        long[] shape = {1, ids.length};
        try (OnnxTensor tokens = tensor(IntStream.of(ids).asLongStream().toArray(), shape); OnnxTensor attention = tensor(filled(ids.length, 1), shape);
                OnnxTensor segments = tensor(filled(ids.length, 0), shape);
                OrtSession.Result result = session.run(Map.of("input_ids", tokens, "attention_mask", attention, "token_type_ids", segments))) {
            return mean(((OnnxTensor) result.get(0)).getFloatBuffer(), ids.length);
        }
    }

    private OnnxTensor tensor(long[] values, long[] shape) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }

    private static long[] filled(int length, long value) {
        var values = new long[length];
        Arrays.fill(values, value);
        return values;
    }

    private Embedding mean(FloatBuffer hidden, int tokens) {
        if (hidden.remaining() != tokens * dimensions) {
            throw new EngineException(EngineException.Code.ENGINE_FAILED, "the model gave " + hidden.remaining() + " numbers for " + tokens + " tokens");
        }
        var sums = new double[dimensions];
        for (int at = 0; at < tokens * dimensions; at++) {
            sums[at % dimensions] += hidden.get(at);
        }
        double squares = 0;
        for (double sum : sums) {
            squares += sum * sum;
        }
        double length = Math.sqrt(squares);
        var values = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            values[i] = (float) (sums[i] / length);
        }
        return Embedding.of(values);
    }

    @Override
    public void close() {
        open.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                session.close();
            }
        } catch (OrtException e) {
            throw new EngineException(EngineException.Code.ENGINE_FAILED, "ONNX Runtime could not close the model", e);
        } finally {
            open.writeLock().unlock();
        }
    }
}
