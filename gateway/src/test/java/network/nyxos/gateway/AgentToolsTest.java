package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Tools over the Model Context Protocol: what is paid for there is held to the same rules as what is paid for over HTTP. The official client is in {@link StockClientsTest}.
@Timeout(120)
class AgentToolsTest {
    private static final long USDC = 1_000_000;
    private static final String ASK = Posted.chat("hi", false);
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo");

    private static Ground ground;
    private static ScriptedNode.Keys keys;
    private final List<AutoCloseable> open = new ArrayList<>();
    private String schema;
    private Gateway gateway;

    @BeforeAll
    static void lay() {
        ground = new Ground();
        keys = ground.register(Tier.OPEN);
    }

    @AfterAll
    static void clear() {
        if (ground != null) {
            ground.close();
        }
    }

    @BeforeEach
    void start() {
        schema = ground.schema();
        gateway = started();
    }

    private Gateway started() {
        Gateway started = Gateway.start(ground.config(schema, Ground.timing(), Optional.empty()));
        open.add(started);
        return started;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private ScriptedNode node(ScriptedNode.Script script) throws InterruptedException {
        ScriptedNode node = ScriptedNode.join(gateway, keys, script, Tier.OPEN);
        open.add(node);
        return node;
    }

    private ObjectNode offer(int at) {
        return Posted.tool(gateway, "infer", ASK, "{}").path("structuredContent").path("accepts").path(at).deepCopy();
    }

    private static JsonNode paid(Gateway at, JsonNode payment) {
        return Posted.tool(at, "infer", ASK, "{\"x402/payment\":" + payment + "}");
    }

    private JsonNode payment(Keypair wallet) {
        ObjectNode offer = offer(0);
        return Posted.decoded(Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true)));
    }

    private static String code(JsonNode result) {
        return result.path("structuredContent").path("error").path("code").asText();
    }

    @Test
    void nobodyIsAskedToPayForWhatNobodyCanServe() {
        JsonNode result = Posted.tool(gateway, "infer", ASK, "{}");

        assertThat(result.path("isError").asBoolean()).isTrue();
        assertThat(code(result)).isEqualTo("no_node");
        assertThat(result.path("structuredContent").path("error").path("retry_after").asInt()).isPositive();
        assertThat(Posted.json(result.path("content").path(0).path("text").asText())).isEqualTo(result.path("structuredContent"));
    }

    @Test
    void aPurchaseWithANameIsChargedOnceAtAnyGateway() throws Exception {
        ScriptedNode node = node(HELLO);
        Gateway other = started();
        Keypair wallet = ground.wallet(USDC);
        JsonNode payment = Posted.named((ObjectNode) payment(wallet), "pay_" + UUID.randomUUID());
        long vault = ground.vault();

        JsonNode first = paid(gateway, payment);
        JsonNode again = paid(gateway, payment);
        JsonNode elsewhere = paid(other, payment);

        assertThat(first.path("content").path(0).path("text").asText()).as("%s", first).isEqualTo("Hello");
        assertThat(again).isEqualTo(first);
        assertThat(elsewhere).as("handed on to the gateway that holds it").isEqualTo(first);
        assertThat(node.assigned()).hasSize(1);
        assertThat(ground.vault() - vault).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 32));
    }

    @Test
    void eachOfSeveralChoicesIsATextOfTheContent() throws Exception {
        node(HELLO);
        String three = ASK.replaceFirst("\\{", "{\"n\":3,");
        ObjectNode offer = Posted.tool(gateway, "infer", three, "{}").path("structuredContent").path("accepts").path(0).deepCopy();
        assertThat(offer.path("amount").asLong()).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 3 * 32));

        JsonNode payment = Posted.decoded(Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true)));
        JsonNode result = Posted.tool(gateway, "infer", three, "{\"x402/payment\":" + payment + "}");

        assertThat(result.path("content")).extracting(each -> each.path("text").asText()).containsExactly("Hello", "Hello #1", "Hello #2");
        assertThat(result.path("structuredContent").path("choices")).hasSize(3);
    }

    @Test
    void aVoucherPaysForACallByTheHashOfItsArguments() throws Exception {
        node(HELLO);
        Ground.Escrow escrow = ground.escrow(USDC);
        await().until(() -> Posted.get(gateway, "/v1/escrows/" + escrow.address().toBase58()).statusCode() == 200);
        ObjectNode offer = offer(1);
        assertThat(offer.path("scheme").asText()).isEqualTo("escrow");
        String canonical = "{\"max_tokens\":32,\"messages\":[{\"content\":\"hi\",\"role\":\"user\"}],\"model\":\"" + Ground.MODEL + "\",\"stream\":false,\"temperature\":0}";
        var voucher = new Voucher(escrow.address(), offer.path("amount").asLong(), 0);
        EscrowPayload payload = EscrowPayload.sign(voucher, Hash.sha256(new byte[] {5}),
            RequestBinding.requestHash("MCP", "mcp://tool/infer", canonical.getBytes()), escrow.session());
        ObjectNode payment = (ObjectNode) Posted.json("{\"x402Version\":2}");
        payment.set("accepted", offer);
        payment.set("payload", Posted.json(new String(payload.encode())));

        JsonNode result = paid(gateway, payment);

        assertThat(result.path("isError").asBoolean()).as("%s", result).isFalse();
        assertThat(result.path("structuredContent").path("nyxos").path("used").asLong()).isEqualTo(Ground.PRICE.charge(5, 2));
        assertThat(result.path("_meta").path("x402/payment-response").path("extra").path("escrow").asText()).isEqualTo(escrow.address().toBase58());
    }

    @Test
    void aFailureSaysThatItWasPaidForAndGoesBack() throws Exception {
        node(HELLO.dyingAfter(1));

        JsonNode result = paid(gateway, payment(ground.wallet(USDC)));

        assertThat(result.path("isError").asBoolean()).isTrue();
        assertThat(code(result)).isEqualTo("node_lost");
        assertThat(result.path("structuredContent").path("error").path("message").asText()).contains("goes back");
        assertThat(result.path("_meta").path("x402/payment-response").path("success").asBoolean()).isTrue();
        assertThat(Posted.json(Posted.get(gateway, "/v1/jobs/" + result.path("structuredContent").path("error").path("job").asText()).body()).path("state").asText()).isEqualTo("refunding");
    }

    @Test
    void aPaymentThatIsNoneIsRefusedAndChargesNothing() throws Exception {
        node(HELLO);

        assertThat(code(Posted.tool(gateway, "infer", ASK, "{\"x402/payment\":7}"))).startsWith("invalid_");
        assertThat(code(Posted.tool(gateway, "infer", ASK, "{\"x402/payment\":{\"x402Version\":1,\"scheme\":\"exact\",\"network\":\"solana-devnet\",\"payload\":{\"transaction\":\"\"}}}")))
            .isEqualTo("invalid_x402_version");
        assertThat(code(Posted.tool(gateway, "verify_receipt", "{\"receipt\":\"!\",\"signature\":\"\"}", "{}"))).isEqualTo("invalid_value");
        assertThat(code(Posted.tool(gateway, "verify_receipt", "{\"receipt\":\"AAAA\",\"signature\":\"AAAA\"}", "{}"))).isEqualTo("receipt_malformed");
        assertThat(code(Posted.tool(gateway, "verify_receipt", "{}", "{}"))).isEqualTo("missing_required_parameter");
    }
}
