package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.wire.EscrowPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** What the payer signs, against a gateway that says whatever a test wants it to say. */
class PayTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CEILING = "179";
    private static final long CHARGE = 55;

    @TempDir
    private Path folder;
    private final Keypair session = Keypair.generate();
    private final PublicKey escrow = Keypair.generate().publicKey();
    private final List<EscrowPayload> paid = new ArrayList<>();
    private HttpServer gateway;
    private long used;
    private long receiptCharge = CHARGE;
    private long replyCharge = CHARGE;
    private boolean serves = true;

    @BeforeEach
    void start() throws IOException {
        Keypair.generate().write(folder.resolve("agent.json"));
        session.write(folder.resolve("agent-session.json"));
        gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gateway.createContext("/v1/models", exchange -> answer(exchange, 200, JSON.readTree("{\"data\": [{\"id\": \"tiny\"}], \"tiers\": {\"open\": {\"pricing\": [{\"mint\": \""
                + Mint.USDC.address() + "\", \"per_million_in\": \"500000\", \"per_million_out\": \"2000000\"}]}}}")));
        gateway.createContext("/v1/escrows/", exchange -> answer(exchange, 200, JSON.createObjectNode().put("deposited", "10000").put("used", Long.toString(used)).put("reserved", "0")));
        gateway.createContext("/v1/chat/completions", this::chat);
        gateway.start();
    }

    @AfterEach
    void stop() {
        gateway.stop(0);
    }

    private void chat(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String header = exchange.getRequestHeaders().getFirst("PAYMENT-SIGNATURE");
        if (header == null) {
            ObjectNode required = JSON.createObjectNode().put("x402Version", 2);
            required.putArray("accepts").addObject().put("scheme", "escrow").put("amount", CEILING).put("asset", Mint.USDC.address().toBase58()).put("payTo", escrow.toBase58());
            exchange.getResponseHeaders().add("PAYMENT-REQUIRED", Base64.getEncoder().encodeToString(JSON.writeValueAsBytes(required)));
            answer(exchange, 402, required);
            return;
        }
        JsonNode payment = JSON.readTree(Base64.getDecoder().decode(header)).path("payload");
        EscrowPayload payload = EscrowPayload.decode(JSON.writeValueAsBytes(payment));
        assertThat(payload.verify(session.publicKey(), RequestBinding.requestHash("POST", "/v1/chat/completions", body))).isTrue();
        paid.add(payload);
        if (!serves) {
            ObjectNode failed = JSON.createObjectNode();
            failed.putObject("error").put("code", "node_lost").put("message", "the node is gone").put("job", JobId.voucher(escrow, payload.nonce()).hex());
            answer(exchange, 502, failed);
            return;
        }
        Hash job = JobId.voucher(escrow, payload.nonce());
        int asked = JSON.readTree(body).path("n").asInt(1);
        List<ReplyChoice> choices = Collections.nCopies(asked, new ReplyChoice(Hash.ZERO, Finish.STOP, 20 / asked));
        var receipt = new Receipt(job, escrow, Hash.ZERO, "engine", Tier.OPEN, 0, Sampler.GREEDY, Hash.ZERO, asked == 1 ? Hash.ZERO : ReplyChoice.hash(choices), 30, 20, Mint.USDC.address(), receiptCharge, Finish.STOP,
                Hash.ZERO, Hash.ZERO, Hash.ZERO, 1, 2);
        used += CHARGE;
        ObjectNode reply = JSON.createObjectNode();
        ArrayNode said = reply.putArray("choices");
        ObjectNode nyxos = reply.putObject("nyxos");
        ArrayNode counted = nyxos.putArray("choices");
        for (int i = 0; i < asked; i++) {
            said.addObject().put("index", i).putObject("message").put("content", i == 0 ? "Hello." : "Hello " + i + ".");
            counted.addObject().put("output", Hash.ZERO.hex()).put("finish", "stop").put("tokens", 20 / asked);
        }
        nyxos.put("job", job.hex()).put("charge", Long.toString(replyCharge)).put("used", Long.toString(used))
                .put("receipt", Base64.getEncoder().encodeToString(receipt.encode())).put("receiptSignature", receipt.sign(session).signature().base64());
        answer(exchange, 200, reply);
    }

    private static void answer(HttpExchange exchange, int status, JsonNode json) throws IOException {
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private Ran pay(String... more) {
        var arguments = new ArrayList<>(List.of("pay", "--gateway", "http://127.0.0.1:" + gateway.getAddress().getPort(), "--wallet", folder.resolve("agent.json").toString(),
                "--escrow", escrow.toBase58()));
        arguments.addAll(List.of(more));
        arguments.add("Hello?");
        return Ran.command(arguments.toArray(String[]::new));
    }

    @Test
    void the_reply_goes_to_standard_output_and_its_price_to_standard_error() {
        Ran ran = pay();
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).isEqualToNormalizingNewlines("Hello.\n");
        assertThat(ran.err()).contains("NOT CHECKED, no chain is known", "no: the gateway could read prompt and reply");
        assertThat(ran.err()).contains("0.000055 USDC (30 tokens in, 20 out)", JobId.voucher(escrow, paid.getFirst().nonce()).hex(), "paid by voucher");
    }

    @Test
    void each_voucher_signs_for_what_was_used_and_this_request_alone() {
        pay();
        pay();
        assertThat(paid).extracting(payload -> payload.voucher().cumulative()).containsExactly(179L, CHARGE + 179);
        assertThat(paid.get(0).nonce()).isNotEqualTo(paid.get(1).nonce());
    }

    @Test
    void several_choices_are_signed_for_together_and_shown_one_after_another() {
        Ran ran = pay("--choices", "2");
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).isEqualToNormalizingNewlines("Hello.\n\nHello 1.\n");
        assertThat(paid).extracting(payload -> payload.voucher().cumulative()).as("64 tokens more, at 2 each").containsExactly(179L + 2 * 64);
        assertThat(pay("--choices", "9").err()).contains("choices_range", "1 to 8");
        assertThat(pay("--choices", "0").code()).isNotZero();
        assertThat(paid).hasSize(1);
    }

    @Test
    void what_a_gateway_claims_to_be_used_is_not_signed_for() {
        pay();
        used = 9_000;
        assertThat(pay().code()).isZero();
        assertThat(paid).extracting(payload -> payload.voucher().cumulative()).containsExactly(179L, CHARGE + 179);
    }

    @Test
    void a_payer_whose_book_is_elsewhere_says_itself_what_was_used() {
        Ran ran = pay("--used", "0.004");
        assertThat(ran.code()).isZero();
        assertThat(paid.getFirst().voucher().cumulative()).isEqualTo(4_179);
    }

    @Test
    void a_charge_that_the_token_counts_do_not_cost_is_not_booked() {
        receiptCharge = CHARGE + 1;
        replyCharge = receiptCharge;
        assertThat(pay().err()).contains("30 tokens in and 20 out, which cost 55", "[receipt_invalid]");
    }

    @Test
    void a_request_that_may_cost_more_than_allowed_is_not_paid() {
        Ran ran = pay("--most", "0.000178");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("nothing was paid", "[too_expensive]");
        assertThat(paid).isEmpty();
    }

    @Test
    void an_offer_in_another_mint_is_not_paid() {
        Ran ran = pay("--mint", "nyxos");
        assertThat(ran.err()).contains("[not_offered]");
        assertThat(paid).isEmpty();
    }

    @Test
    void a_receipt_of_another_charge_is_not_passed_over() {
        receiptCharge = CHARGE + 1;
        Ran ran = pay();
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("[receipt_invalid]");
    }

    @Test
    void a_job_that_was_not_served_is_told_with_its_code_and_its_id() {
        serves = false;
        Ran ran = pay();
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("the node is gone", JobId.voucher(escrow, paid.getFirst().nonce()).hex(), "[node_lost]");
    }
}
