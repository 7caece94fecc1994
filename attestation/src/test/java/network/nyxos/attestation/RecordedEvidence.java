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
        Optional<Path> found = Stream.concat(
                        Optional.ofNullable(System.getenv("NYXOS_SHARED")).map(Path::of).stream(),
                        Stream.iterate(Optional.of(Path.of("").toAbsolutePath()), Optional::isPresent, p -> p.map(Path::getParent))
                                .map(Optional::orElseThrow)
                                .filter(p -> Files.exists(p.resolve(".git")))
                                .map(root -> root.resolveSibling("shared")))
                .map(shared -> shared.resolve("attestation"))
                .filter(folder -> Files.isRegularFile(folder.resolve("manifest.json")))
                .findFirst();
        if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("recorded evidence is missing: neither NYXOS_SHARED nor ../shared has attestation/manifest.json");
        }
        Assumptions.assumeTrue(found.isPresent(), "recorded evidence is absent: set NYXOS_SHARED or put it at ../shared");
        return found.orElseThrow();
    }
}
