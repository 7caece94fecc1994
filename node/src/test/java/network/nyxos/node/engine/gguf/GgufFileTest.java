package network.nyxos.node.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    private final byte[] good = TinyModel.bytes(1);

    @TempDir
    private Path folder;

    private GgufFile open(byte[] bytes) throws IOException {
        return GgufFile.open(Files.write(folder.resolve("model.gguf"), bytes));
    }

    private void refuses(byte[] bytes, String message) {
        assertThatThrownBy(() -> open(bytes).close()).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.MODEL_FILE_INVALID)).hasMessageContaining(message);
    }

    private byte[] with(String before, int offset, byte[] patch) {
        byte[] bytes = good.clone();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(before);
        assertThat(at).isPositive();
        System.arraycopy(patch, 0, bytes, at + before.length() + offset, patch.length);
        return bytes;
    }

    private static byte[] u64(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    @Test
    void readsMetadataAndTensors() throws IOException {
        try (GgufFile file = open(good)) {
            assertThat(file.requireText("general.architecture")).isEqualTo("llama");
            assertThat(file.integer("llama.context_length")).isEqualTo(TinyModel.CONTEXT);
            assertThat(file.texts("tokenizer.ggml.tokens")).hasSize(TinyModel.VOCABULARY).startsWith("<|im_start|>");
            GgufFile.Tensor tensor = file.tensor("blk.1.ffn_down.weight", TinyModel.HIDDEN, TinyModel.WIDTH);
            assertThat(tensor.type()).isEqualTo(TensorType.Q8_0);
            assertThat(tensor.data().byteSize()).isEqualTo(TinyModel.HIDDEN / 32 * 34 * TinyModel.WIDTH);
        }
    }

    @Test
    void namesWhatAModelLacks() throws IOException {
        try (GgufFile file = open(good)) {
            assertThatThrownBy(() -> file.integer("llama.nothing")).hasMessageContaining("llama.nothing");
            assertThatThrownBy(() -> file.tensor("blk.9.attn_q.weight", 1, 1)).hasMessageContaining("blk.9.attn_q.weight is missing");
            assertThatThrownBy(() -> file.tensor("output_norm.weight", 1, 1)).hasMessageContaining("64 × 1, must be 1 × 1");
        }
    }

    @Test
    void refusesWhatIsNotGguf() {
        refuses(new byte[0], "ends inside magic");
        refuses("<html>not found</html>".getBytes(StandardCharsets.US_ASCII), "wrong magic");
        byte[] future = good.clone();
        future[4] = 9;
        refuses(future, "version 9 is not supported");
    }

    @Test
    void refusesEveryTruncation() {
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length - 32));
            assertThatThrownBy(() -> open(bytes).close()).isInstanceOf(EngineException.class);
        }
    }

    @Test
    void refusesCountsBeyondReason() {
        byte[] tensors = good.clone();
        System.arraycopy(u64(Long.MAX_VALUE), 0, tensors, 8, 8);
        refuses(tensors, "tensor count");
        byte[] entries = good.clone();
        System.arraycopy(u64(-1), 0, entries, 16, 8);
        refuses(entries, "metadata count is 18446744073709551615");
        refuses(with("general.architecture", 4, u64(1L << 40)), "length of general.architecture");
        refuses(with("tokenizer.ggml.tokens", 8, u64(Long.MAX_VALUE)), "length of tokenizer.ggml.tokens");
    }

    @Test
    void refusesTensorsThatLieAboutTheirPlace() {
        int offset = 4 + 8 + 8 + 4;
        refuses(with("blk.0.attn_q.weight", offset, u64(1L << 40)), "blk.0.attn_q.weight");
        refuses(with("blk.0.attn_q.weight", offset, u64(-32)), "not aligned");
        refuses(with("blk.0.attn_q.weight", offset, u64(33)), "not aligned");
        refuses(with("blk.0.attn_q.weight", offset, u64(Long.MAX_VALUE / 32 * 32)), "beyond the end");
        refuses(with("blk.0.attn_q.weight", 4, u64(Long.MAX_VALUE)), "dimension of 9223372036854775807");
        refuses(with("blk.0.attn_q.weight", 4, u64(0)), "dimension of 0");
        refuses(with("blk.0.attn_q.weight", 12, u64(Integer.MAX_VALUE)), "beyond the end");
        refuses(with("blk.0.attn_q.weight", 4, u64(33)), "not whole blocks");
        refuses(with("blk.0.attn_q.weight", 0, u32(9)), "9 dimensions");
        refuses(with("blk.0.attn_q.weight", 20, u32(14)), "type 14; supported are");
    }

    @Test
    void refusesDoubles() {
        refuses(with("blk.1.ffn_up.weight", -"1.ffn_up.weight".length(), "0".getBytes(StandardCharsets.US_ASCII)), "blk.0.ffn_up.weight appears twice");
    }

    @Test
    void survivesRandomDamage() {
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = good.clone();
            for (int n = 0; n < 4; n++) {
                bytes[random.nextInt(12_000)] = (byte) random.nextInt();
            }
            try (GgufFile file = open(bytes)) {
                assertThat(file.has("no such key")).isFalse();
            } catch (EngineException e) {
                assertThat(e.code()).isEqualTo(EngineException.Code.MODEL_FILE_INVALID);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    @Test
    void saysWhenTheFileIsMissing() {
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("absent.gguf"))).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.MODEL_UNAVAILABLE));
    }
}
