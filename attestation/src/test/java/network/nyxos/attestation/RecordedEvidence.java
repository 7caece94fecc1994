package network.nyxos.attestation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Real evidence, read where it lies and never copied: {@code NYXOS_SHARED}, or {@code ../shared} of the repository root. Where it is
 * absent, tests are skipped and say so; with {@code CI=true} its absence fails.
 */
public final class RecordedEvidence {
    private RecordedEvidence() {
    }

    /** Vectors of these kinds, in the manifest's order. */
    public static List<JsonNode> vectors(Set<String> kinds) {
        List<JsonNode> vectors = new ArrayList<>();
        try {
            JsonMapper.builder().build().readTree(read("manifest.json")).path("vectors").forEach(vector -> {
                if (kinds.contains(vector.path("kind").asText())) {
                    vectors.add(vector);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vectors;
    }

    /** The vector of this id. */
    public static JsonNode vector(String id) {
        return vectors(Set.of("tdx-quote", "sgx-quote", "rtmr-replay")).stream()
                .filter(vector -> vector.path("id").asText().equals(id)).findFirst().orElseThrow();
    }

    /** A file of the evidence. */
    public static byte[] read(String path) {
        try {
            return Files.readAllBytes(folder().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        Optional<Path> found = Optional.ofNullable(System.getenv("NYXOS_SHARED")).map(Path::of)
                .or(RecordedEvidence::besideTheRepository)
                .map(shared -> shared.resolve("attestation"))
                .filter(folder -> Files.isRegularFile(folder.resolve("manifest.json")));
        if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("recorded evidence is missing: neither NYXOS_SHARED nor ../shared has attestation/manifest.json");
        }
        Assumptions.assumeTrue(found.isPresent(), "recorded evidence is absent: set NYXOS_SHARED or put it at ../shared");
        return found.orElseThrow();
    }

    private static Optional<Path> besideTheRepository() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .filter(folder -> Files.exists(folder.resolve(".git")))
                .findFirst()
                .map(repository -> repository.resolveSibling("shared"));
    }
}
