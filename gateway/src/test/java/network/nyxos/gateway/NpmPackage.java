package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.nyxos.escrow.crypto.Hash;

/// Packages of npm, installed once under the hash of their lock file, and programs that use them.
final class NpmPackage {
    private static final List<String> FILES = List.of("package.json", "package-lock.json", ".npmrc");

    private NpmPackage() {
    }

    /// What a program said, and its exit status.
    record Run(int status, String output) {
    }

    /// Skips, with the reason, where Node.js is missing; with `CI=true` that fails.
    static void requireNode() {
        boolean there = run(Path.of(""), List.of("npm", "--version"), Map.of()).status() == 0 && run(Path.of(""), List.of("node", "--version"), Map.of()).status() == 0;
        Optional<String> missing = there ? Optional.empty() : Optional.of("Node.js with npm is not installed");
        if (missing.isPresent() && "true".equals(System.getenv("CI"))) {
            fail(missing.get() + ", and with CI=true nothing is skipped");
        }
        assumeThat(missing).as(missing.orElse("")).isEmpty();
    }

    /// Installs what a folder's lock file names into a cache outside the work tree.
    ///
    /// @return the folder of the modules
    static Path install(Path sources, String... options) throws IOException {
        Path cache = Path.of(Optional.ofNullable(System.getenv("NYXOS_CACHE")).orElse(System.getProperty("user.home") + "/.cache/nyxos")).resolve("npm")
            .resolve(Hash.sha256(Files.readAllBytes(sources.resolve("package-lock.json"))).hex().substring(0, 16));
        Files.createDirectories(cache);
        Path done = cache.resolve("installed");
        try (FileChannel channel = FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = channel.lock()) {
            if (!Files.exists(done)) {
                for (String file : FILES) {
                    Files.copy(sources.resolve(file), cache.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                }
                var command = new ArrayList<>(List.of("npm", "ci", "--ignore-scripts", "--no-progress"));
                command.addAll(List.of(options));
                succeeds(cache, command, Map.of());
                Files.writeString(done, "");
            }
        }
        return cache.resolve("node_modules");
    }

    /// Runs a program that must succeed.
    static String succeeds(Path folder, List<String> command, Map<String, String> environment) {
        Run run = run(folder, command, environment);
        assertThat(run.status()).as("%s", run.output()).isZero();
        return run.output();
    }

    /// The last line of JSON that a program said, which must succeed.
    static JsonNode said(Path folder, List<String> command, Map<String, String> environment) {
        return Posted.json(succeeds(folder, command, environment).lines().filter(line -> line.startsWith("{")).reduce((_, last) -> last).orElseThrow());
    }

    private static Run run(Path folder, List<String> command, Map<String, String> environment) {
        try {
            Path output = Files.createTempFile("nyxos-npm", ".log");
            try {
                var builder = new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(9, TimeUnit.MINUTES)) {
                    process.destroyForcibly();
                }
                return new Run(process.waitFor(), Files.readString(output));
            } catch (IOException e) {
                // No such program.
                return new Run(127, String.valueOf(e.getMessage()));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
