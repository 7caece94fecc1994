package network.nyxos.bench.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.sava.core.accounts.PublicKey;

/**
 * What others do with the IDL: a TypeScript client is generated from it by Codama, type-checked, held to the vectors of the built programs, and used on a
 * running chain; Anchor reads the same IDL. The packages are installed once, outside the work tree, under the hash of their lock file. Where Node is missing
 * this is skipped, on CI it fails.
 */
@Timeout(600)
class TypeScriptClientTest {

    private static final Path ONCHAIN = Path.of("..", "onchain").toAbsolutePath().normalize();
    private static final Path SOURCES = Path.of("..", "clients", "typescript").toAbsolutePath().normalize();
    private static final Path TOOLS = Path.of("node_modules", ".bin");
    private static final Pattern OPENED = Pattern.compile("opened (\\w+)");

    @TempDir
    private static Path work;

    @BeforeAll
    static void generateTheClient() throws IOException, InterruptedException {
        requireNode();
        Path modules = installed();
        for (Path source : sources()) {
            Path copy = work.resolve(SOURCES.relativize(source));
            Files.createDirectories(copy.getParent());
            Files.copy(source, copy);
        }
        Files.createSymbolicLink(work.resolve("node_modules"), modules);
        succeeds("node", "generate.mjs", ONCHAIN.resolve("idl").toString(), "generated");
        succeeds(TOOLS.resolve("esbuild").toString(), "test/generated.test.ts", "test/tools.test.ts", "test/chain.test.ts", "--bundle", "--packages=external",
                "--platform=node", "--format=esm", "--outdir=bundled", "--out-extension:.js=.mjs", "--log-level=warning");
    }

    static Stream<PublicKey> tokenPrograms() {
        return ProgramsTest.tokenPrograms();
    }

    @Test
    void the_generated_client_and_its_tests_have_sound_types() throws IOException, InterruptedException {
        succeeds(TOOLS.resolve("tsc").toString());
    }

    @Test
    void the_generated_client_makes_and_reads_the_bytes_of_the_programs() throws IOException, InterruptedException {
        passes("bundled/generated.test.mjs", Map.of());
    }

    @Test
    void codama_and_anchor_read_the_idl() throws IOException, InterruptedException {
        passes("bundled/tools.test.mjs", Map.of());
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void the_generated_client_opens_an_escrow(PublicKey tokenProgram) throws IOException, InterruptedException {
        Hash seed = Hash.of(Keypair.generate().publicKey().toByteArray());
        Keypair payer = Keypair.fromSeed(seed.bytes());
        try (var ground = new Ground(tokenProgram, ChainOptions.defaults().withSlotMillis(20)); var rpc = LocalRpcServer.start(ground.chain, 0)) {
            ground.chain.airdrop(payer.publicKey(), LocalChain.LAMPORTS_PER_SOL);
            ground.chain.mintTo(ground.mint, payer.publicKey(), 10_000);

            String output = passes("bundled/chain.test.mjs", Map.of("RPC_URL", rpc.httpUrl().toString(), "WS_URL", rpc.wsUrl().toString(), "TOKEN_PROGRAM",
                    tokenProgram.toBase58(), "MARKET", ground.market.market().toBase58(), "MINT", ground.mint.toBase58(), "PAYER_SEED", seed.hex()));

            assertThat(ground.balance(payer.publicKey())).isEqualTo(3_000);
            Matcher opened = OPENED.matcher(output);
            assertThat(opened.find()).as(output).isTrue();
            Escrow escrow = Escrow.decode(ground.data(PublicKey.fromBase58Encoded(opened.group(1))));
            assertThat(List.of(escrow.payer(), escrow.deposited(), escrow.sessionLimit())).isEqualTo(List.of(payer.publicKey(), 7_000L, 5_000L));
        }
    }

    @Test
    void the_lock_file_names_no_registry() throws IOException {
        assertThat(Files.readString(SOURCES.resolve("package-lock.json"))).doesNotContain("\"resolved\"");
    }

    private static void requireNode() {
        String missing = Stream.of("node", "npm").filter(tool -> Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .noneMatch(folder -> Files.isExecutable(Path.of(folder, tool)))).findFirst().orElse("");
        String reason = missing + " is not on the PATH; the TypeScript client needs Node 20.18 or newer with npm";
        if ("true".equals(System.getenv("CI"))) {
            assertThat(missing).as(reason).isEmpty();
        }
        assumeTrue(missing.isEmpty(), reason);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(Files::isRegularFile).filter(file -> Stream.of("node_modules", "generated", "bundled")
                    .noneMatch(made -> SOURCES.relativize(file).startsWith(made))).toList();
        }
    }

    private static Path installed() throws IOException, InterruptedException {
        byte[] lockFile = Files.readAllBytes(SOURCES.resolve("package-lock.json"));
        Path place = Optional.ofNullable(System.getenv("NYXOS_CACHE")).map(Path::of).orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "nyxos"))
                .resolve("npm").resolve(Hash.sha256(lockFile).hex().substring(0, 16));
        Files.createDirectories(place);
        Path done = place.resolve("installed");
        try (FileChannel channel = FileChannel.open(place.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = channel.lock()) {
            if (!Files.exists(done)) {
                Files.write(place.resolve("package-lock.json"), lockFile);
                Files.write(place.resolve("package.json"), Files.readAllBytes(SOURCES.resolve("package.json")));
                Run run = run(place, Map.of(), List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
                assertThat(run.status()).as(run.output()).isZero();
                Files.createFile(done);
            }
        }
        return place.resolve("node_modules");
    }

    private static void succeeds(String... command) throws IOException, InterruptedException {
        Run run = run(work, Map.of(), List.of(command));
        assertThat(run.status()).as(run.output()).isZero();
    }

    private static String passes(String script, Map<String, String> environment) throws IOException, InterruptedException {
        Run run = run(work, environment, List.of("node", "--test", "--test-force-exit", "--test-reporter=tap", script));
        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.output()).contains("# fail 0").doesNotContain("# pass 0");
        return run.output();
    }

    private record Run(int status, String output) {
    }

    private static Run run(Path folder, Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile("nyxos-typescript", ".log");
        try {
            var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().put("ONCHAIN", ONCHAIN.toString());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                return new Run(process.waitFor(), Files.readString(log));
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.delete(log);
        }
    }
}
