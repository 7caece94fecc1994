package network.nyxos.localnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chain through the JavaScript libraries that Solana clients are made with, as published. They are installed
 * once, outside the work tree, under the hash of their lock file. Where Node is missing this is skipped, on CI it fails.
 */
class NpmClientsTest {

    private static final Path SOURCES = Path.of("src", "test", "npm").toAbsolutePath();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"kit.test.mjs", "web3.test.mjs"})
    void theChainServesStockClients(String script) throws IOException, InterruptedException {
        requireNode();
        Files.createSymbolicLink(directory.resolve("node_modules"), installed().resolve("node_modules"));
        Files.copy(SOURCES.resolve(script), directory.resolve(script));

        try (RpcTarget target = RpcTarget.open()) {
            Run run = run(directory, Map.of("RPC_URL", target.http().toString(), "WS_URL", target.ws().toString()),
                    "node", "--test", "--test-force-exit", "--test-reporter=tap", script);
            assertThat(run.exitCode()).as(run.output()).isZero();
            assertThat(run.output()).contains("# fail 0").doesNotContain("# pass 0");
        }
    }

    @Test
    void theLockFileNamesNoRegistry() throws IOException {
        assertThat(Files.readString(SOURCES.resolve("package-lock.json"))).doesNotContain("\"resolved\"");
    }

    private static void requireNode() {
        String missing = Stream.of("node", "npm").filter(tool -> !onPath(tool)).findFirst().orElse("");
        String reason = missing + " is not on the PATH; the JavaScript clients need Node 20.18 or newer with npm";
        if ("true".equals(System.getenv("CI"))) {
            assertThat(missing).as(reason).isEmpty();
        }
        assumeTrue(missing.isEmpty(), reason);
    }

    private static boolean onPath(String tool) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    private static Path installed() throws IOException, InterruptedException {
        Path cache = NativeLibrary.cache().resolve("localnet-npm");
        Path place = cache.resolve(sha256(Files.readAllBytes(SOURCES.resolve("package-lock.json"))));
        if (Files.isDirectory(place)) {
            return place;
        }
        Files.createDirectories(cache);
        Path draft = Files.createTempDirectory(cache, "installing-");
        for (String file : List.of("package.json", "package-lock.json")) {
            Files.copy(SOURCES.resolve(file), draft.resolve(file));
        }
        Run run = run(draft, Map.of(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        assertThat(run.exitCode()).as(run.output()).isZero();
        try {
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException installedMeanwhile) {
            deleteTree(draft);
        }
        return place;
    }

    private static void deleteTree(Path root) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            files.forEach(all::addFirst);
        }
        for (Path file : all) {
            Files.delete(file);
        }
    }

    private record Run(int exitCode, String output) {
    }

    private static Run run(Path directory, Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), output);
        } finally {
            process.destroyForcibly();
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
