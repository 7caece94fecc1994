package network.nyxos.node.outbox;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of JSON files, each of which is there whole or not at all, also when the machine fails. */
final class Shelf {

    private static final Logger LOG = LoggerFactory.getLogger(Shelf.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PARTIAL = ".partial";

    private final Path folder;
    private final String suffix;

    /** @param suffix what its files' names end with */
    Shelf(Path folder, String suffix) {
        this.folder = folder;
        this.suffix = suffix;
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** An object that was written already. */
    static ObjectNode object(byte[] json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException("what was written is no JSON", e);
        }
    }

    /** Makes the folder where it is missing, and removes what an earlier run did not finish writing: nobody has heard of it. */
    void open() throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.toString().endsWith(PARTIAL)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Reads every file; what cannot be read is left where it is, for it may be money. */
    void each(Consumer<JsonNode> reader) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.list(folder)) {
            all = files.filter(file -> file.toString().endsWith(suffix) && Files.isRegularFile(file)).sorted().toList();
        }
        for (Path file : all) {
            try {
                reader.accept(JSON.readTree(Files.readAllBytes(file)));
            } catch (IllegalArgumentException | JacksonException e) {
                LOG.error("{} is not what it should be ({}); it is left there and not used", file, e.getMessage());
            } catch (NoSuchFileException e) {
                LOG.debug("{} went while the folder was read", file);
            }
        }
    }

    /** Writes a file; it is on disk when this returns. */
    void put(String name, ObjectNode json) {
        try {
            Path partial = Files.createTempFile(folder, "new", PARTIAL);
            try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(partial, path(name), StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write into " + folder, e);
        }
    }

    /** Removes a file; where it cannot be removed it is found again at the next start, which is harmless. */
    void remove(String name) {
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException e) {
            LOG.warn("cannot remove a file from {}: {}", folder, e.getMessage());
        }
    }

    /** Where a file is. */
    Path path(String name) {
        return folder.resolve(name + suffix);
    }
}
