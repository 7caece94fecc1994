package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.encoding.Base58;

/// Clients that nobody here wrote, as npm has them, paying and reading.
@Timeout(600)
class StockClientsTest {
    private static final long USDC = 1_000_000;
    private static final Path SOURCES = Path.of("src/test/npm").toAbsolutePath();
    private static final List<String> FILES = List.of("package.json", "package-lock.json", ".npmrc");

    @TempDir
    static Path work;

    private static Ground ground;
    private static Gateway gateway;
    private static ScriptedNode node;

    @BeforeAll
    static void start() throws Exception {
        installOrSkip();
        ground = new Ground();
        ScriptedNode.Keys keys = ground.register(Tier.OPEN);
        gateway = ground.gateway();
        node = ScriptedNode.join(gateway, keys, ScriptedNode.Script.saying("Hel", "lo", " world"), Tier.OPEN);
    }

    @AfterAll
    static void stop() {
        if (ground != null) {
            node.close();
            gateway.close();
            ground.close();
        }
    }

    /// Installs the packages into a cache outside the work tree, named by the lock file's hash, once for all.
    private static void installOrSkip() throws Exception {
        Optional<String> missing = run(SOURCES, List.of("npm", "--version")).status() == 0 && run(SOURCES, List.of("node", "--version")).status() == 0 ? Optional.empty()
            : Optional.of("Node.js with npm is not installed");
        if (missing.isPresent() && "true".equals(System.getenv("CI"))) {
            fail(missing.get() + ", and with CI=true nothing is skipped");
        }
        assumeThat(missing).as(missing.orElse("")).isEmpty();
        Path modules = install();
        Files.copy(SOURCES.resolve("client.mjs"), work.resolve("client.mjs"), StandardCopyOption.REPLACE_EXISTING);
        Files.createSymbolicLink(work.resolve("node_modules"), modules);
    }

    private static Path install() throws Exception {
        Path cache = Path.of(Optional.ofNullable(System.getenv("NYXOS_CACHE")).orElse(System.getProperty("user.home") + "/.cache/nyxos")).resolve("npm")
            .resolve(Hash.sha256(Files.readAllBytes(SOURCES.resolve("package-lock.json"))).hex().substring(0, 16));
        Files.createDirectories(cache);
        Path done = cache.resolve("installed");
        try (FileChannel channel = FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = channel.lock()) {
            if (!Files.exists(done)) {
                for (String file : FILES) {
                    Files.copy(SOURCES.resolve(file), cache.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                }
                Run installed = run(cache, List.of("npm", "ci", "--omit=optional", "--omit=peer", "--ignore-scripts", "--no-progress"));
                assertThat(installed.status()).as("%s", installed.output()).isZero();
                Files.writeString(done, "");
            }
        }
        return cache.resolve("node_modules");
    }

    private record Run(int status, String output) {
    }

    private static Run run(Path folder, List<String> command, String... environment) throws IOException, InterruptedException {
        Path output = Files.createTempFile("nyxos-npm", ".log");
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        try {
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
    }

    private static JsonNode client(String name) {
        try {
            Run run = run(work, List.of("node", "client.mjs", name), "GATEWAY", Ground.url(gateway).toString(), "RPC", ground.rpc.httpUrl().toString(), "MODEL", Ground.MODEL,
                "SECRET", Base58.encode(ground.wallet(USDC).bytes()));
            assertThat(run.status()).as("%s", run.output()).isZero();
            return Posted.json(run.output().lines().filter(line -> line.startsWith("{")).reduce((_, last) -> last).orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theLockFileNamesNoRegistry() throws IOException {
        String lock = Files.readString(SOURCES.resolve("package-lock.json"), StandardCharsets.UTF_8);
        assertThat(lock).doesNotContain("\"resolved\"").doesNotContain("://registry");
    }

    @Test
    void x402FetchOfVersion2Pays() {
        JsonNode seen = client("v2");

        assertThat(seen.path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("settlement").path("success").asBoolean()).isTrue();
        assertThat(seen.path("settlement").path("network").asText()).isEqualTo("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1");
        assertThat(seen.path("charge").asLong()).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 32));
    }

    @Test
    void x402FetchOfVersion1Pays() {
        JsonNode seen = client("v1");

        assertThat(seen.path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("settlement").path("success").asBoolean()).isTrue();
        assertThat(seen.path("settlement").path("network").asText()).isEqualTo("solana-devnet");
    }

    @Test
    void theOpenAiSdkReadsAWholeReply() {
        JsonNode seen = client("openai");

        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("total_tokens").asInt()).isEqualTo(8);
    }

    @Test
    void theOpenAiSdkReadsAStream() {
        JsonNode seen = client("openai-stream");

        assertThat(seen.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void theOpenAiSdkListsModelsAndUnderstandsErrors() {
        assertThat(client("openai-models").path("models").get(0).asText()).isEqualTo(Ground.MODEL);
        JsonNode error = client("openai-error");
        assertThat(error.path("status").asInt()).isEqualTo(404);
        assertThat(error.path("code").asText()).isEqualTo("model_not_found");
    }

    @Test
    void theFacilitatorClientOfVersion2Settles() {
        JsonNode seen = client("facilitator");

        assertThat(seen.path("kinds").asInt()).isEqualTo(2);
        assertThat(seen.path("verified").path("isValid").asBoolean()).isTrue();
        assertThat(seen.path("settled").path("success").asBoolean()).isTrue();
        assertThat(seen.path("again").path("errorReason").asText()).contains("duplicate_settlement");
    }
}
