package network.nyxos.node.engine.int8;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.gguf.GgufFile;
import network.nyxos.node.engine.gguf.TensorType;

/** The weights of a Llama-family model, repacked for the kernels. Immutable once read. */
final class LlamaWeights {
    /**
     * The model's sizes.
     *
     * @param context longest sequence, in tokens
     * @param width   values of the residual stream
     * @param hidden  values inside the feed-forward part
     * @param heads   query heads; {@code kvHeads} of them share keys and values
     * @param epsilon the norms' ε · 2³², rounded
     */
    record Shape(int layers, int context, int width, int hidden, int heads, int kvHeads, int headSize, int vocabulary, long epsilon, float ropeBase) {
        int kvWidth() {
            return kvHeads * headSize;
        }
    }

    record Layer(FixedPoint.Gain attentionNorm, QuantMatrix query, QuantMatrix key, QuantMatrix value, QuantMatrix attentionOutput,
            FixedPoint.Gain feedForwardNorm, QuantMatrix gate, QuantMatrix up, QuantMatrix down) {
    }

    final Shape shape;
    final QuantMatrix embedding;
    final List<Layer> layers;
    final FixedPoint.Gain outputNorm;
    final QuantMatrix output;

    private LlamaWeights(Shape shape, QuantMatrix embedding, List<Layer> layers, FixedPoint.Gain outputNorm, QuantMatrix output) {
        this.shape = shape;
        this.embedding = embedding;
        this.layers = List.copyOf(layers);
        this.outputNorm = outputNorm;
        this.output = output;
    }

    static LlamaWeights read(GgufFile file, int vocabulary, Workers workers) {
        Shape shape = shape(file, vocabulary);
        int width = shape.width();
        QuantMatrix embedding = QuantMatrix.of(file.tensor("token_embd.weight", width, vocabulary), workers);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < shape.layers(); i++) {
            String at = "blk." + i + ".";
            layers.add(new Layer(gain(file, at + "attn_norm.weight", width),
                    matrix(file, at + "attn_q.weight", width, shape.heads() * shape.headSize(), workers),
                    matrix(file, at + "attn_k.weight", width, shape.kvWidth(), workers),
                    matrix(file, at + "attn_v.weight", width, shape.kvWidth(), workers),
                    matrix(file, at + "attn_output.weight", shape.heads() * shape.headSize(), width, workers),
                    gain(file, at + "ffn_norm.weight", width),
                    matrix(file, at + "ffn_gate.weight", width, shape.hidden(), workers),
                    matrix(file, at + "ffn_up.weight", width, shape.hidden(), workers),
                    matrix(file, at + "ffn_down.weight", shape.hidden(), width, workers)));
        }
        QuantMatrix output = file.tensor("output.weight").isPresent() ? matrix(file, "output.weight", width, vocabulary, workers) : embedding;
        return new LlamaWeights(shape, embedding, layers, gain(file, "output_norm.weight", width), output);
    }

    private static Shape shape(GgufFile file, int vocabulary) {
        String architecture = file.requireText("general.architecture");
        require(architecture.equals("llama"), "architecture " + architecture + " is not supported (llama is)");
        int layers = file.integer("llama.block_count");
        int context = file.integer("llama.context_length");
        int width = file.integer("llama.embedding_length");
        int hidden = file.integer("llama.feed_forward_length");
        int heads = file.integer("llama.attention.head_count");
        int kvHeads = file.has("llama.attention.head_count_kv") ? file.integer("llama.attention.head_count_kv") : heads;
        require(layers >= 1 && layers <= 256, "block_count " + layers + " is out of range");
        require(context >= 16 && context <= 1 << 17, "context_length " + context + " is out of range");
        require(heads >= 1 && kvHeads >= 1 && heads % kvHeads == 0, heads + " heads do not share " + kvHeads + " key heads evenly");
        require(width >= 1 && width <= 1 << 16 && width % heads == 0, "embedding_length " + width + " does not divide into " + heads + " heads");
        require(hidden >= 1 && hidden <= 1 << 18, "feed_forward_length " + hidden + " is out of range");
        int headSize = width / heads;
        require(headSize <= 256, "head size " + headSize + " is above 256");
        require(vocabulary <= 1 << 20, "the vocabulary of " + vocabulary + " tokens is above 2^20");
        require(headSize % 32 == 0 && hidden % 32 == 0, "head size " + headSize + " and feed_forward_length " + hidden + " must be multiples of 32");
        require(!file.has("llama.rope.dimension_count") || file.integer("llama.rope.dimension_count") == headSize,
                "rope.dimension_count must be the head size " + headSize);
        require(!file.has("llama.rope.scaling.type") || file.requireText("llama.rope.scaling.type").equals("none"), "rope scaling is not supported");
        require(file.tensor("rope_freqs.weight").isEmpty(), "rope frequency factors are not supported");
        double epsilon = file.real("llama.attention.layer_norm_rms_epsilon");
        float ropeBase = (float) (file.has("llama.rope.freq_base") ? file.real("llama.rope.freq_base") : 10_000);
        require(epsilon > 0 && epsilon < 1 && ropeBase > 1 && ropeBase <= 1e9f, "epsilon " + epsilon + " or rope base " + ropeBase + " is out of range");
        return new Shape(layers, context, width, hidden, heads, kvHeads, headSize, vocabulary, FixedPoint.scaled((float) epsilon, 32), ropeBase);
    }

    private static QuantMatrix matrix(GgufFile file, String name, int columns, int rows, Workers workers) {
        QuantMatrix matrix = QuantMatrix.of(file.tensor(name, columns, rows), workers);
        require(rows % QuantMatrix.GROUP == 0, "tensor " + name + " has " + rows + " rows, not a multiple of " + QuantMatrix.GROUP);
        return matrix;
    }

    private static FixedPoint.Gain gain(GgufFile file, String name, int length) {
        GgufFile.Tensor tensor = file.tensor(name, length, 1);
        require(tensor.type() == TensorType.F32, "tensor " + name + " must be F32");
        float[] values = tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
        for (float value : values) {
            require(Float.isFinite(value), "tensor " + name + " holds a value that is not finite");
        }
        return FixedPoint.Gain.of(values);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID, message);
        }
    }
}
