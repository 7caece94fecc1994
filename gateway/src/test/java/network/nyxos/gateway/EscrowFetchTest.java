package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.npm.NpmPackage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.encoding.Base58;

/// The package `@nyxos/x402` in `clients/ts`: its own tests, and the stock `@x402/fetch` and the OpenAI SDK with it on a running gateway.
@Timeout(600)
class EscrowFetchTest {
    private static final long USDC = 1_000_000;
    private static final long CHARGE = Ground.PRICE.charge(5, 3);
    private static final Path SOURCES = Path.of("..", "clients", "ts").toAbsolutePath().normalize();

    @TempDir
    static Path work;

    private static Ground ground;
    private static Gateway gateway;
    private static ScriptedNode node;

    @BeforeAll
    static void start() throws Exception {
        NpmPackage.requireNode();
        NpmPackage.build(SOURCES, work, "--omit=optional");
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

    private static Ground.Escrow escrow(long deposit) {
        Ground.Escrow escrow = ground.escrow(deposit);
        await().atMost(Duration.ofSeconds(15)).until(() -> Posted.get(gateway, "/v1/escrows/" + escrow.address().toBase58()).statusCode() == 200);
        return escrow;
    }

    private static Path book(Ground.Escrow escrow) {
        return work.resolve(escrow.address().toBase58() + ".json");
    }

    private static JsonNode client(Ground.Escrow escrow, String what) {
        return Posted.json(NpmPackage.said(work, List.of("node", "test/live.mjs", what), Map.of("GATEWAY", Ground.url(gateway).toString(), "MODEL", Ground.MODEL, "VECTORS", Ground.VECTORS, "MINT",
            Ground.USDC.toBase58(), "ESCROW", escrow.address().toBase58(), "SESSION", Base58.encode(escrow.session().bytes()), "BOOK", book(escrow).toString())));
    }

    private static void agreeing(JsonNode seen, long used) {
        assertThat(seen.path("used").asLong()).as("%s", seen).isEqualTo(used).isEqualTo(seen.path("gatewayUsed").asLong());
        assertThat(seen.path("open").asInt()).isZero();
        assertThat(seen.path("reserved").asLong()).isZero();
    }

    @Test
    void itsOwnTestsPass() {
        NpmPackage.passes(work, "test/escrow.test.mjs", Map.of());
        NpmPackage.passes(work, "test/book.test.mjs", Map.of());
    }

    @Test
    void theLockFileNamesNoRegistry() throws IOException {
        NpmPackage.namesNoRegistry(SOURCES);
    }

    @Test
    void theOpenAiSdkPaysWithVouchersRunAfterRunByOneBook() {
        Ground.Escrow escrow = escrow(USDC);
        long vault = ground.vault();

        JsonNode whole = client(escrow, "whole");
        JsonNode stream = client(escrow, "stream");
        JsonNode together = client(escrow, "together");

        assertThat(whole.path("text").asText()).isEqualTo("Hello world");
        agreeing(whole, CHARGE);
        assertThat(stream.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        agreeing(stream, 2 * CHARGE);
        assertThat(together.path("texts")).extracting(JsonNode::asText).containsExactlyElementsOf(Collections.nCopies(6, "Hello world"));
        assertThat(together.path("paid")).hasSize(6);
        agreeing(together, 8 * CHARGE);
        JsonNode completion = client(escrow, "completion");
        assertThat(completion.path("text").asText()).isEqualTo("Hello world");
        agreeing(completion, 9 * CHARGE);
        assertThat(ground.vault()).as("no transaction for any of it").isEqualTo(vault);
        assertThat(VoucherBook.on(book(escrow)).used(escrow.address())).as("the Java client reads the same book").isEqualTo(9 * CHARGE);
    }

    @Test
    void embeddingsArePaidWithVouchersOfExactlyTheirPrice() {
        JsonNode seen = client(escrow(USDC), "embeddings");

        assertThat(seen.path("vectors").asInt()).isEqualTo(40);
        agreeing(seen, Ground.VECTORS_PRICE.charge(40 * 4, 0));
    }

    @Test
    void anAgentsServiceIsPaidWithAVoucherOfItsPriceAndItsReplyIsItsOwn() {
        JsonNode seen = client(escrow(USDC), "service");

        assertThat(seen.path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("text").asText()).isEqualTo(ScriptedNode.echo("{\"city\": \"Łódź\" }"));
        agreeing(seen, Ground.SERVICE_PRICE);
    }

    @Test
    void aNamedPurchaseIsChargedAndBookedOnce() {
        JsonNode seen = client(escrow(USDC), "named");

        assertThat(seen.path("jobs").path(0)).isEqualTo(seen.path("jobs").path(1));
        agreeing(seen, CHARGE);
    }

    @Test
    void aReplyThatWasLostIsEndedWithWhatItCost() {
        JsonNode seen = client(escrow(USDC), "lost");

        assertThat(seen.path("error").asText()).isEqualTo("fetch failed");
        assertThat(seen.path("openBefore").asInt()).isEqualTo(1);
        agreeing(seen, CHARGE);
    }

    @Test
    void aDepositThatDoesNotCoverARequestCostsNothing() {
        JsonNode seen = client(escrow(CHARGE), "poor");

        assertThat(seen.path("refused").asBoolean()).isTrue();
        assertThat(seen.path("status").asInt()).isEqualTo(402);
        agreeing(seen, 0);
    }
}
