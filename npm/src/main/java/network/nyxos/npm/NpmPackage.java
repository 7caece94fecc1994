package network.nyxos.npm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Packages of npm, installed once under the hash of their lock file, outside the work tree; and programs that use them. */
public final class NpmPackage {

    private static final List<String> FILES = List.of("package.json", "package-lock.json", ".npmrc");
    private static final int NAME = 16;
    private static final int MINUTES = 9;

    private NpmPackage() {
    }

    private record Run(int status, String output) {
    }

    /** Skips, with the reason, where Node.js is missing; with {@code CI=true} that fails. */
    public static void requireNode() {
        boolean there = List.of("npm", "node").stream().allMatch(tool -> run(Path.of(""), List.of(tool, "--version"), Map.of()).status() == 0);
        Optional<String> missing = there ? Optional.empty() : Optional.of("Node.js 20.18 or later with npm is not installed");
        if (missing.isPresent() && "true".equals(System.getenv("CI"))) {
            fail(missing.get() + ", and with CI=true nothing is skipped");
        }
        assumeThat(missing).as(missing.orElse("")).isEmpty();
    }

    /**
     * Installs what a folder's lock file names. Several processes may do it at once.
     *
     * @param sources the folder of {@code package.json} and {@code package-lock.json}
     * @param options of {@code npm ci}, besides those that keep scripts from running
     * @return the folder of the modules
     */
    public static Path install(Path sources, String... options) throws IOException {
        Path cache = Optional.ofNullable(System.getenv("NYXOS_CACHE")).map(Path::of).orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "nyxos"))
                .resolve("npm").resolve(sha256(Files.readAllBytes(sources.resolve("package-lock.json"))).substring(0, NAME));
        Files.createDirectories(cache);
        Path done = cache.resolve("installed");
        try (FileChannel channel = FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = channel.lock()) {
            if (!Files.exists(done)) {
                for (String file : FILES) {
                    if (Files.exists(sources.resolve(file))) {
                        Files.copy(sources.resolve(file), cache.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                    }
                }
                var command = new ArrayList<>(List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"));
                command.addAll(List.of(options));
                succeeds(cache, command, Map.of());
                Files.createFile(done);
            }
        }
        return cache.resolve("node_modules");
    }

    /**
     * Builds a TypeScript package outside of the work tree.
     *
     * @param sources its folder, with {@code src}, {@code test}, {@code package.json}, {@code package-lock.json} and {@code tsconfig.json}
     * @param work    where to
     * @param options as of {@link #install}
     */
    public static void build(Path sources, Path work, String... options) throws IOException {
        for (String folder : List.of("src", "test")) {
            Files.createDirectories(work.resolve(folder));
            try (Stream<Path> files = Files.list(sources.resolve(folder))) {
                for (Path file : files.toList()) {
                    Files.copy(file, work.resolve(folder).resolve(file.getFileName()));
                }
            }
        }
        for (String file : List.of("package.json", "tsconfig.json")) {
            Files.copy(sources.resolve(file), work.resolve(file));
        }
        Files.createSymbolicLink(work.resolve("node_modules"), install(sources, options));
        succeeds(work, List.of("node_modules/.bin/tsc"), Map.of());
    }

    /** That a folder's lock file names packages and hashes, and no registry: which one they come from is for each machine to say. */
    public static void namesNoRegistry(Path sources) throws IOException {
        assertThat(Files.readString(sources.resolve("package-lock.json"), StandardCharsets.UTF_8)).doesNotContain("\"resolved\"").doesNotContain("://registry");
    }

    /** What a program says, which must succeed. */
    public static String succeeds(Path folder, List<String> command, Map<String, String> environment) {
        Run run = run(folder, command, environment);
        assertThat(run.status()).as("%s", run.output()).isZero();
        return run.output();
    }

    /** The last line of JSON that a program says, which must succeed. */
    public static String said(Path folder, List<String> command, Map<String, String> environment) {
        return succeeds(folder, command, environment).lines().filter(line -> line.startsWith("{")).reduce((_, last) -> last).orElseThrow();
    }

    /** What a script of Node's own test runner says, whose tests must pass, and be some. */
    public static String passes(Path folder, String script, Map<String, String> environment) {
        String output = succeeds(folder, List.of("node", "--test", "--test-force-exit", "--test-reporter=tap", script), environment);
        assertThat(output).contains("# fail 0").doesNotContain("# pass 0");
        return output;
    }

    private static Run run(Path folder, List<String> command, Map<String, String> environment) {
        try {
            Path output = Files.createTempFile("nyxos-npm", ".log");
            try {
                var builder = new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                process.getOutputStream().close();
                if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
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

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
