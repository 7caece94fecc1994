package network.nyxos.node.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import network.nyxos.node.engine.gguf.GgufFile;

/**
 * A Llama in ordinary floating point, from the file's weights and nothing of the engine's: what the engine's loss of quality is measured against.
 * Activations are never rounded to fewer bits. Runs a whole text at once; values are laid {@code [dimension][position]}.
 */
public final class FloatReference {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgufFile file;
    private final int[] ids;
    private final int length;
    private final int width;
    private final int heads;
    private final int kvHeads;
    private final int headSize;
    private final float epsilon;

    private FloatReference(GgufFile file, int[] ids) {
        this.file = file;
        this.ids = ids;
        this.length = ids.length;
        this.width = file.integer("llama.embedding_length");
        this.heads = file.integer("llama.attention.head_count");
        this.kvHeads = file.integer("llama.attention.head_count_kv");
        this.headSize = width / heads;
        this.epsilon = (float) file.real("llama.attention.layer_norm_rms_epsilon");
    }

    /** The perplexity of all tokens but the first, each given those before it. */
    public static double perplexity(GgufFile file, int[] ids) {
        return new FloatReference(file, ids).perplexity();
    }

    private double perplexity() {
        float[][] x = new float[width][length];
        GgufFile.Tensor embedding = tensor("token_embd.weight");
        float[] row = new float[width];
        for (int t = 0; t < length; t++) {
            read(embedding, ids[t], row);
            for (int i = 0; i < width; i++) {
                x[i][t] = row[i];
            }
        }
        for (int l = 0; l < file.integer("llama.block_count"); l++) {
            String at = "blk." + l + ".";
            float[][] normed = norm(x, at + "attn_norm.weight");
            float[][] attended = attend(turned(multiply(at + "attn_q.weight", normed)), turned(multiply(at + "attn_k.weight", normed)),
                    multiply(at + "attn_v.weight", normed));
            add(x, multiply(at + "attn_output.weight", attended));
            normed = norm(x, at + "ffn_norm.weight");
            float[][] gate = multiply(at + "ffn_gate.weight", normed);
            float[][] up = multiply(at + "ffn_up.weight", normed);
            for (int i = 0; i < gate.length; i++) {
                for (int t = 0; t < length; t++) {
                    gate[i][t] = (float) (gate[i][t] / (1 + Math.exp(-gate[i][t])) * up[i][t]);
                }
            }
            add(x, multiply(at + "ffn_down.weight", gate));
        }
        float[][] logits = multiply(file.tensor("output.weight").isPresent() ? "output.weight" : "token_embd.weight", norm(x, "output_norm.weight"));
        double surprise = 0;
        for (int t = 0; t + 1 < length; t++) {
            double sum = 0;
            for (float[] logit : logits) {
                sum += Math.exp(logit[t]);
            }
            surprise += Math.log(sum) - logits[ids[t + 1]][t];
        }
        return Math.exp(surprise / (length - 1));
    }

    private GgufFile.Tensor tensor(String name) {
        return file.tensor(name).orElseThrow();
    }

    /** Reads a row of a matrix as floats. */
    public static void read(GgufFile.Tensor tensor, int index, float[] row) {
        int values = tensor.type().blockValues();
        int size = tensor.type().blockBytes();
        long start = (long) row.length / values * size * index;
        MemorySegment data = tensor.data();
        for (int i = 0; i < row.length; i++) {
            long block = start + (long) (i / values) * size;
            int j = i % values;
            row[i] = switch (tensor.type()) {
                case F32 -> data.get(F32, block);
                case F16 -> Float.float16ToFloat(data.get(U16, block));
                case Q8_0 -> half(data, block) * data.get(ValueLayout.JAVA_BYTE, block + 2 + j);
                case Q4_0 -> half(data, block) * (nibble(data, block + 2, j) - 8);
                case Q4_1 -> half(data, block) * nibble(data, block + 4, j) + half(data, block + 2);
            };
        }
    }

    private static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(U16, at));
    }

    private static int nibble(MemorySegment data, long at, int j) {
        return data.get(ValueLayout.JAVA_BYTE, at + j % 16) >> 4 * (j / 16) & 0xf;
    }

    private float[][] multiply(String name, float[][] x) {
        GgufFile.Tensor tensor = tensor(name);
        float[][] out = new float[tensor.rows()][length];
        IntStream.range(0, tensor.rows()).parallel().forEach(r -> {
            float[] row = new float[tensor.columns()];
            read(tensor, r, row);
            for (int i = 0; i < row.length; i += 4) {
                addFour(out[r], row, x, i);
            }
        });
        return out;
    }

    /** Four columns at once, which halves the time. */
    private static void addFour(float[] sum, float[] row, float[][] x, int i) {
        float[] a = x[i];
        float[] b = x[i + 1];
        float[] c = x[i + 2];
        float[] d = x[i + 3];
        float wa = row[i];
        float wb = row[i + 1];
        float wc = row[i + 2];
        float wd = row[i + 3];
        for (int t = 0; t < sum.length; t++) {
            sum[t] += wa * a[t] + wb * b[t] + (wc * c[t] + wd * d[t]);
        }
    }

    private static void addScaled(float[] sum, float factor, float[] values) {
        for (int t = 0; t < sum.length; t++) {
            sum[t] += factor * values[t];
        }
    }

    private static void add(float[][] x, float[][] delta) {
        for (int i = 0; i < x.length; i++) {
            addScaled(x[i], 1f, delta[i]);
        }
    }

    private float[][] norm(float[][] x, String gain) {
        float[] gains = tensor(gain).data().toArray(F32);
        float[][] out = new float[width][length];
        for (int t = 0; t < length; t++) {
            double sum = 0;
            for (float[] values : x) {
                sum += (double) values[t] * values[t];
            }
            double scale = 1 / Math.sqrt(sum / width + epsilon);
            for (int i = 0; i < width; i++) {
                out[i][t] = (float) (x[i][t] * scale * gains[i]);
            }
        }
        return out;
    }

    private float[][] turned(float[][] values) {
        double base = file.real("llama.rope.freq_base");
        for (int i = 0; i < values.length; i += 2) {
            double frequency = Math.pow(base, -(double) (i % headSize) / headSize);
            for (int t = 0; t < length; t++) {
                double a = values[i][t];
                double b = values[i + 1][t];
                values[i][t] = (float) (a * Math.cos(t * frequency) - b * Math.sin(t * frequency));
                values[i + 1][t] = (float) (a * Math.sin(t * frequency) + b * Math.cos(t * frequency));
            }
        }
        return values;
    }

    private float[][] attend(float[][] query, float[][] key, float[][] value) {
        float[][] out = new float[query.length][length];
        IntStream.range(0, heads).parallel().forEach(head -> {
            int q = head * headSize;
            int kv = head / (heads / kvHeads) * headSize;
            for (int t = 0; t < length; t++) {
                float[] scores = new float[t + 1];
                for (int d = 0; d < headSize; d++) {
                    addScaled(scores, (float) (query[q + d][t] / Math.sqrt(headSize)), key[kv + d]);
                }
                double sum = 0;
                for (float score : scores) {
                    sum += Math.exp(score);
                }
                for (int d = 0; d < headSize; d++) {
                    double mixed = 0;
                    for (int p = 0; p <= t; p++) {
                        mixed += Math.exp(scores[p]) * value[kv + d][p];
                    }
                    out[q + d][t] = (float) (mixed / sum);
                }
            }
        });
        return out;
    }
}
