package network.nyxos.node.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes a GGUF file of a Llama with random weights, small enough for tests in milliseconds: 2 layers, 64 wide, two query
 * heads on one key head, every supported tensor type, 258 tokens.
 */
public final class TinyModel {
    public static final int WIDTH = 64;
    public static final int HIDDEN = 96;
    public static final int LAYERS = 2;
    public static final int CONTEXT = 512;
    public static final int VOCABULARY = 258;
    private static final int F32 = 0;
    private static final int F16 = 1;
    private static final int Q4_0 = 2;
    private static final int Q4_1 = 3;
    private static final int Q8_0 = 8;

    private record Tensor(String name, int columns, int rows, int type) {
    }

    private final Random random;
    private final boolean coarse;

    private TinyModel(long seed, boolean coarse) {
        this.random = new Random(seed);
        this.coarse = coarse;
    }

    /** The file's bytes; equal for equal seeds. */
    public static byte[] bytes(long seed) {
        return new TinyModel(seed, false).build();
    }


    /** Writes it. */
    public static Path write(Path folder, long seed) {
        return write(folder.resolve("tiny-" + seed + ".gguf"), bytes(seed));
    }

    /** Writes the same with four bits of each weight that has eight. */
    public static Path writeCoarse(Path folder, long seed) {
        return write(folder.resolve("tiny-" + seed + "-coarse.gguf"), new TinyModel(seed, true).build());
    }

    private static Path write(Path file, byte[] bytes) {
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private byte[] build() {
        List<Tensor> tensors = new ArrayList<>();
        tensors.add(new Tensor("token_embd.weight", WIDTH, VOCABULARY, Q8_0));
        for (int i = 0; i < LAYERS; i++) {
            String at = "blk." + i + ".";
            tensors.add(new Tensor(at + "attn_norm.weight", WIDTH, 1, F32));
            tensors.add(new Tensor(at + "attn_q.weight", WIDTH, WIDTH, Q4_1));
            tensors.add(new Tensor(at + "attn_k.weight", WIDTH, WIDTH / 2, Q4_0));
            tensors.add(new Tensor(at + "attn_v.weight", WIDTH, WIDTH / 2, F16));
            tensors.add(new Tensor(at + "attn_output.weight", WIDTH, WIDTH, Q4_1));
            tensors.add(new Tensor(at + "ffn_norm.weight", WIDTH, 1, F32));
            tensors.add(new Tensor(at + "ffn_gate.weight", WIDTH, HIDDEN, Q4_1));
            tensors.add(new Tensor(at + "ffn_up.weight", WIDTH, HIDDEN, F32));
            tensors.add(new Tensor(at + "ffn_down.weight", HIDDEN, WIDTH, Q8_0));
        }
        tensors.add(new Tensor("output_norm.weight", WIDTH, 1, F32));

        Bytes header = new Bytes();
        header.raw("GGUF".getBytes(StandardCharsets.US_ASCII)).u32(3).u64(tensors.size()).u64(17);
        header.text("general.architecture", "llama").number("llama.block_count", LAYERS).number("llama.context_length", CONTEXT)
                .number("llama.embedding_length", WIDTH).number("llama.feed_forward_length", HIDDEN).number("llama.attention.head_count", 2)
                .number("llama.attention.head_count_kv", 1).real("llama.rope.freq_base", 10_000f).real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .number("llama.rope.dimension_count", WIDTH / 2).text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "smollm")
                .number("tokenizer.ggml.eos_token_id", 1)
                .text("tokenizer.chat_template", "<|im_start|>system\nBe brief<|im_end|>\n<|im_start|>assistant\n");
        List<String> tokens = new ArrayList<>(List.of("<|im_start|>", "<|im_end|>"));
        tokens.addAll(byteTokens());
        header.key("tokenizer.ggml.tokens", 9).u32(8).u64(tokens.size());
        tokens.forEach(header::string);
        header.key("tokenizer.ggml.token_type", 9).u32(5).u64(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            header.u32(i < 2 ? 3 : 1);
        }
        header.key("tokenizer.ggml.merges", 9).u32(8).u64(0);

        Bytes data = new Bytes();
        for (Tensor tensor : tensors) {
            header.string(tensor.name()).u32(2).u64(tensor.columns()).u64(tensor.rows()).u32(tensor.type()).u64(data.size());
            fill(data, tensor);
            data.align();
        }
        return header.align().raw(data.toArray()).toArray();
    }

    /** The 256 bytes as GPT-2's vocabularies spell them, in order. */
    public static List<String> byteTokens() {
        List<String> tokens = new ArrayList<>();
        int extra = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
            tokens.add(String.valueOf((char) (printable ? b : extra++)));
        }
        return tokens;
    }

    private void fill(Bytes data, Tensor tensor) {
        int values = tensor.columns() * tensor.rows();
        boolean gain = tensor.rows() == 1;
        for (int i = 0; i < values; i += 32) {
            switch (tensor.type()) {
                case F32 -> {
                    for (int j = 0; j < 32; j++) {
                        data.u32(Float.floatToIntBits(gain ? 1f + (float) random.nextGaussian() * 0.1f : (float) random.nextGaussian() * 0.3f));
                    }
                }
                case F16 -> {
                    for (int j = 0; j < 32; j++) {
                        data.f16((float) random.nextGaussian() * 0.3f);
                    }
                }
                case Q4_0 -> data.f16(random.nextFloat() * 0.1f).random(random, 16, 0xff);
                case Q4_1 -> data.f16(random.nextFloat() * 0.1f).f16(-random.nextFloat()).random(random, 16, 0xff);
                case Q8_0 -> data.f16(random.nextFloat() * 0.01f).random(random, 32, coarse ? 0xf0 : 0xff);
                default -> throw new IllegalStateException("type " + tensor.type());
            }
        }
    }

    /** Little-endian bytes as GGUF has them. */
    public static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        public Bytes raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        public Bytes u32(int value) {
            return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
        }

        public Bytes u64(long value) {
            return raw(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
        }

        Bytes f16(float value) {
            return raw(ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(Float.floatToFloat16(value)).array());
        }

        public Bytes string(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return u64(bytes.length).raw(bytes);
        }

        public Bytes key(String key, int type) {
            return string(key).u32(type);
        }

        public Bytes text(String key, String value) {
            return key(key, 8).string(value);
        }

        public Bytes number(String key, int value) {
            return key(key, 4).u32(value);
        }

        Bytes real(String key, float value) {
            return key(key, 6).u32(Float.floatToIntBits(value));
        }

        Bytes random(Random random, int count, int mask) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            for (int i = 0; i < count; i++) {
                bytes[i] &= (byte) mask;
            }
            return raw(bytes);
        }

        Bytes align() {
            while (out.size() % 32 != 0) {
                out.write(0);
            }
            return this;
        }

        int size() {
            return out.size();
        }

        public byte[] toArray() {
            return out.toByteArray();
        }
    }
}
