package network.nyxos.npm;

import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Packages of PyPI, installed once under the hash of their list, outside the work tree. */
public final class PythonPackages {
    private static final int NAME = 16;

    private PythonPackages() {
    }

    /**
     * Installs what a list names; several processes may do it at once. Skips, with the reason, where Python with pip is missing; with {@code CI=true} that fails.
     *
     * @return the folder for {@code PYTHONPATH}
     */
    public static Path install(Path requirements) throws IOException {
        requirePip();
        Path cache = Optional.ofNullable(System.getenv("NYXOS_CACHE")).map(Path::of).orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "nyxos"))
            .resolve("python").resolve(NpmPackage.sha256(Files.readAllBytes(requirements)).substring(0, NAME));
        Files.createDirectories(cache);
        Path done = cache.resolve("installed");
        Path packages = cache.resolve("packages");
        try (FileChannel channel = FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = channel.lock()) {
            if (!Files.exists(done)) {
                NpmPackage.succeeds(cache, List.of("python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--no-deps", "--upgrade",
                    "--target", packages.toString(), "--requirement", requirements.toString()), Map.of());
                Files.createFile(done);
            }
        }
        return packages;
    }

    private static void requirePip() {
        Optional<String> missing = Optional.empty();
        try {
            NpmPackage.succeeds(Path.of(""), List.of("python3", "-c", "import pip, sys; sys.exit(sys.version_info < (3, 10))"), Map.of());
        } catch (AssertionError e) {
            missing = Optional.of("Python 3.10 or later with pip is not installed");
        }
        if (missing.isPresent() && "true".equals(System.getenv("CI"))) {
            fail(missing.get() + ", and with CI=true nothing is skipped");
        }
        assumeThat(missing).as(missing.orElse("")).isEmpty();
    }
}
