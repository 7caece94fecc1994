package network.nyxos.localnet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Finds the native library. Its sources travel in the jar as resources; their hash names the folder that
 * {@code localnet/native/build} puts the library in, so a library built from other sources is never found.
 */
final class NativeLibrary {

    private static final String RESOURCES = "native/";

    private NativeLibrary() {
    }

    /** The path of the library built from the sources this jar carries. */
    static Path find() {
        Optional<Path> given = Optional.ofNullable(System.getProperty("nyxos.svm"))
                .or(() -> Optional.ofNullable(System.getenv("NYXOS_SVM"))).map(Path::of);
        if (given.isPresent()) {
            Path path = given.get().toAbsolutePath();
            if (!Files.isRegularFile(path)) {
                throw new ChainFailure("No native library at " + path + ", which property nyxos.svm or variable NYXOS_SVM names");
            }
            return path;
        }
        Path path = cache().resolve("litesvm").resolve(sourceHash()).resolve("libnyxos_svm.so").toAbsolutePath();
        if (!Files.isRegularFile(path)) {
            throw new ChainFailure("The local chain's native library is not built. Run ./nyxos build"
                    + " (or localnet/native/build), once; it goes to " + path);
        }
        return path;
    }

    /**
     * SHA-256 over the lines that {@code sha256sum} prints for the files listed in {@code sources}, as the
     * build script computes it.
     */
    static String sourceHash() {
        StringBuilder lines = new StringBuilder();
        for (String file : new String(resource("sources"), StandardCharsets.UTF_8).split("\\s+")) {
            lines.append(sha256(resource(file))).append("  ").append(file).append('\n');
        }
        return sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Where what is built or fetched once lies, outside the work tree. */
    static Path cache() {
        return environment("NYXOS_CACHE").map(Path::of)
                .or(() -> environment("XDG_CACHE_HOME").map(home -> Path.of(home, "nyxos")))
                .orElseGet(() -> Path.of(environment("HOME").orElse(System.getProperty("user.home")), ".cache", "nyxos"));
    }

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }

    private static byte[] resource(String name) {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(RESOURCES + name)) {
            if (in == null) {
                throw new ChainFailure("The jar lacks " + RESOURCES + name + "; build the module localnet again");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
