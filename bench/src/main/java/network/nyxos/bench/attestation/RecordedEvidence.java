package network.nyxos.bench.attestation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import network.nyxos.attestation.Bytes;
import network.nyxos.bench.measure.Repository;

/** Evidence of real machines, read where it lies: {@code NYXOS_SHARED}, or {@code ../shared} of the repository. */
final class RecordedEvidence {

    private final Path folder;
    private final JsonNode manifest;

    private RecordedEvidence(Path folder) {
        this.folder = folder;
        try {
            manifest = JsonMapper.builder().build().readTree(folder.resolve("manifest.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalStateException when there is none, saying where it was looked for */
    static RecordedEvidence find() {
        Optional<Path> shared = Optional.ofNullable(System.getenv("NYXOS_SHARED")).map(Path::of).or(() -> Repository.find().map(root -> root.resolveSibling("shared")));
        return new RecordedEvidence(shared.map(path -> path.resolve("attestation")).filter(path -> Files.isRegularFile(path.resolve("manifest.json")))
                .orElseThrow(() -> new IllegalStateException("there is no recorded evidence: NYXOS_SHARED or ../shared must have attestation/manifest.json")));
    }

    /** The vectors of a kind that every verifier must accept. */
    List<JsonNode> accepted(String kind) {
        return StreamSupport.stream(manifest.path("vectors").spliterator(), false)
                .filter(vector -> vector.path("kind").asText().equals(kind) && vector.path("expected").asText().startsWith("ACCEPT")).toList();
    }

    /** The time that a vector is judged at. */
    static Instant now(JsonNode vector) {
        return Instant.ofEpochSecond(vector.path("now").asLong());
    }

    /** Where a vector's file is. */
    Path path(JsonNode vector, String member) {
        return folder.resolve(vector.path(member).asText());
    }

    /** A vector's file. */
    Bytes bytes(JsonNode vector, String member) {
        return bytes(path(vector, member));
    }

    /** A vector's files. */
    List<Bytes> all(JsonNode vector, String member) {
        return StreamSupport.stream(vector.path(member).spliterator(), false).map(name -> bytes(folder.resolve(name.asText()))).toList();
    }

    /** A vector's file as text. */
    String text(JsonNode vector, String member) {
        return new String(bytes(vector, member).toArray(), StandardCharsets.UTF_8);
    }

    private static Bytes bytes(Path file) {
        try {
            return Bytes.of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
