package network.nyxos.bench.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import network.nyxos.npm.NpmPackage;
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
    static void generateTheClient() throws IOException {
        NpmPackage.requireNode();
        Path modules = NpmPackage.install(SOURCES);
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
    void the_generated_client_and_its_tests_have_sound_types() {
        succeeds(TOOLS.resolve("tsc").toString());
    }

    @Test
    void the_generated_client_makes_and_reads_the_bytes_of_the_programs() {
        passes("bundled/generated.test.mjs", Map.of());
    }

    @Test
    void codama_and_anchor_read_the_idl() {
        passes("bundled/tools.test.mjs", Map.of());
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void the_generated_client_opens_an_escrow(PublicKey tokenProgram) {
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
        NpmPackage.namesNoRegistry(SOURCES);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(Files::isRegularFile).filter(file -> Stream.of("node_modules", "generated", "bundled")
                    .noneMatch(made -> SOURCES.relativize(file).startsWith(made))).toList();
        }
    }

    private static void succeeds(String... command) {
        NpmPackage.succeeds(work, List.of(command), Map.of());
    }

    private static String passes(String script, Map<String, String> environment) {
        var all = new HashMap<>(environment);
        all.put("ONCHAIN", ONCHAIN.toString());
        return NpmPackage.passes(work, script, all);
    }
}
