package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import network.nyxos.escrow.job.Tier;
import network.nyxos.npm.NpmPackage;
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

    @TempDir
    static Path work;

    private static Ground ground;
    private static Gateway gateway;
    private static ScriptedNode node;

    @BeforeAll
    static void start() throws Exception {
        NpmPackage.requireNode();
        Files.copy(SOURCES.resolve("client.mjs"), work.resolve("client.mjs"));
        Files.createSymbolicLink(work.resolve("node_modules"), NpmPackage.install(SOURCES, "--omit=optional", "--omit=peer"));
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

    private static JsonNode client(String name) {
        return Posted.json(NpmPackage.said(work, List.of("node", "client.mjs", name), Map.of("GATEWAY", Ground.url(gateway).toString(), "RPC", ground.rpc.httpUrl().toString(),
            "MODEL", Ground.MODEL, "SECRET", Base58.encode(ground.wallet(USDC).bytes()))));
    }

    @Test
    void theLockFileNamesNoRegistry() throws IOException {
        NpmPackage.namesNoRegistry(SOURCES);
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
    void aPurchaseNamedByTheStockExtensionIsChargedOnce() {
        long vault = ground.vault();

        JsonNode seen = client("named");

        assertThat(seen.path("first").path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("again")).isEqualTo(seen.path("first"));
        assertThat(ground.vault() - vault).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 32));
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
