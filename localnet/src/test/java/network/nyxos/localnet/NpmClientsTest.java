package network.nyxos.localnet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import network.nyxos.npm.NpmPackage;
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
    void theChainServesStockClients(String script) throws IOException {
        NpmPackage.requireNode();
        Files.createSymbolicLink(directory.resolve("node_modules"), NpmPackage.install(SOURCES));
        Files.copy(SOURCES.resolve(script), directory.resolve(script));

        try (RpcTarget target = RpcTarget.open()) {
            NpmPackage.passes(directory, script, Map.of("RPC_URL", target.http().toString(), "WS_URL", target.ws().toString()));
        }
    }

    @Test
    void theLockFileNamesNoRegistry() throws IOException {
        NpmPackage.namesNoRegistry(SOURCES);
    }
}
