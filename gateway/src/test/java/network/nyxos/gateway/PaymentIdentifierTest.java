package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

/// A purchase with a name is charged once, however often it is asked for, at whichever gateway and with whichever payment.
@Timeout(120)
class PaymentIdentifierTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String PAYMENT = "PAYMENT-SIGNATURE";
    private static final long USDC = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String ID = "pay_7d5d747be160e280504c099d984bcfe0";
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo", " wor", "ld");

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
        ground.close();
    }

    @BeforeEach
    void start() {
        schema = ground.schema();
        gateway = started(ground.config(schema, Ground.timing(), Optional.empty()));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Gateway started(GatewayConfig config) {
        Gateway started = Gateway.start(config);
        open.add(started);
        return started;
    }

    private ScriptedNode node(ScriptedNode.Script script) throws InterruptedException {
        ScriptedNode node = ScriptedNode.join(gateway, keys, script, Tier.OPEN);
        open.add(node);
        return node;
    }

    private ObjectNode offer(String body) {
        return Posted.exactOffer(Posted.post(gateway, CHAT, body));
    }

    private String payment(ObjectNode offer, Keypair wallet, String id) {
        return Posted.named(offer, Posted.transaction(offer, wallet, ground.blockhash(), true), id);
    }

    private static long left(Keypair wallet) {
        return ground.chain.tokenBalance(ground.chain.mintTo(Ground.USDC, wallet.publicKey(), 0));
    }

    private static void same(HttpResponse<String> again, HttpResponse<String> first) {
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        for (String header : List.of("PAYMENT-RESPONSE", "Content-Type", "Cache-Control")) {
            assertThat(again.headers().allValues(header)).as(header).isEqualTo(first.headers().allValues(header)).hasSize(1);
        }
        assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    }

    @Test
    void theChallengeOffersNames() throws Exception {
        node(HELLO);

        JsonNode offered = Posted.header(Posted.post(gateway, CHAT, Posted.chat("hi", false)), "PAYMENT-REQUIRED").path("extensions").path("payment-identifier");

        assertThat(offered.path("info").path("required").isBoolean()).isTrue();
        assertThat(offered.path("info").path("required").asBoolean()).isFalse();
        assertThat(offered.path("schema").path("properties").path("id").path("minLength").asInt()).isEqualTo(16);
    }

    @Test
    void theSamePaymentGetsTheSameAnswerToTheLastByte() throws Exception {
        ScriptedNode node = node(HELLO);
        for (boolean stream : new boolean[] {false, true}) {
            Keypair wallet = ground.wallet(USDC);
            String body = Posted.chat("hi", stream);
            ObjectNode offer = offer(body);
            String payment = payment(offer, wallet, ID);
            int jobs = node.assigned().size();

            HttpResponse<String> first = Posted.post(gateway, CHAT, body, PAYMENT, payment);
            HttpResponse<String> again = Posted.post(gateway, CHAT, body, PAYMENT, payment);

            assertThat(first.statusCode()).isEqualTo(200);
            same(again, first);
            assertThat(node.assigned()).hasSize(jobs + 1);
            assertThat(USDC - left(wallet)).isEqualTo(offer.path("amount").asLong());
        }
    }

    @Test
    void aStockClientThatPaysAnewUnderTheSameNameIsNotChargedAgain() throws Exception {
        ScriptedNode node = node(HELLO);
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        ObjectNode offer = offer(body);

        HttpResponse<String> first = Posted.post(gateway, CHAT, body, PAYMENT, payment(offer, wallet, ID));
        HttpResponse<String> again = Posted.post(gateway, CHAT, body, PAYMENT, payment(offer(body), wallet, ID));

        same(again, first);
        assertThat(node.assigned()).hasSize(1);
        assertThat(USDC - left(wallet)).isEqualTo(offer.path("amount").asLong());
    }

    @Test
    void aNameOfAnotherPurchaseIsAConflictAndChargesNothing() throws Exception {
        node(HELLO);
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        String other = Posted.chat("ho", false);
        String payment = payment(offer(body), wallet, ID);
        assertThat(Posted.post(gateway, CHAT, body, PAYMENT, payment).statusCode()).isEqualTo(200);
        long left = left(wallet);

        HttpResponse<String> otherPayment = Posted.post(gateway, CHAT, other, PAYMENT, payment(offer(other), wallet, ID));
        HttpResponse<String> samePayment = Posted.post(gateway, CHAT, other, PAYMENT, payment);

        assertThat(otherPayment.statusCode()).isEqualTo(409);
        assertThat(Posted.code(otherPayment)).isEqualTo("payment_identifier_conflict");
        assertThat(Posted.code(samePayment)).isEqualTo("payment_identifier_conflict");
        assertThat(left(wallet)).isEqualTo(left);
    }

    @Test
    void aNameIsItsPayersOwn() throws Exception {
        ScriptedNode node = node(HELLO);
        String body = Posted.chat("hi", false);
        ObjectNode offer = offer(body);
        Keypair one = ground.wallet(USDC);
        Keypair two = ground.wallet(USDC);

        HttpResponse<String> first = Posted.post(gateway, CHAT, body, PAYMENT, payment(offer, one, ID));
        HttpResponse<String> second = Posted.post(gateway, CHAT, body, PAYMENT, payment(offer, two, ID));

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(Posted.header(second, "PAYMENT-RESPONSE").path("payer").asText()).isEqualTo(two.publicKey().toBase58());
        assertThat(node.assigned()).hasSize(2);
    }

    @Test
    void aNameThatIsNoneIsRefusedBeforeAnythingIsCharged() throws Exception {
        node(HELLO);
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        ObjectNode offer = offer(body);

        for (String bad : List.of("short", "x".repeat(129), "sixteen letters?", "")) {
            HttpResponse<String> refused = Posted.post(gateway, CHAT, body, PAYMENT, payment(offer, wallet, bad));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(Posted.code(refused)).isEqualTo("invalid_payment_identifier");
        }
        assertThat(left(wallet)).isEqualTo(USDC);
    }

    @Test
    void twoGatewaysAnswerAsOneAndWhatIsGoneIsNotChargedAgain() throws Exception {
        ScriptedNode node = node(HELLO);
        Gateway neighbour = started(ground.config(schema, Ground.timing(), Optional.empty()));
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", true);
        ObjectNode offer = offer(body);
        String payment = payment(offer, wallet, ID);
        HttpResponse<String> first = Posted.post(gateway, CHAT, body, PAYMENT, payment);

        same(Posted.post(neighbour, CHAT, body, PAYMENT, payment), first);
        same(Posted.post(neighbour, CHAT, body, PAYMENT, payment(offer(body), wallet, ID)), first);
        assertThat(Posted.code(Posted.post(neighbour, CHAT, Posted.chat("ho", true), PAYMENT, payment))).isEqualTo("payment_identifier_conflict");

        gateway.close();
        HttpResponse<String> gone = Posted.post(neighbour, CHAT, body, PAYMENT, payment);
        assertThat(gone.statusCode()).isEqualTo(410);
        assertThat(Posted.code(gone)).isEqualTo("reply_gone");
        assertThat(Posted.header(gone, "PAYMENT-RESPONSE").path("transaction")).isEqualTo(Posted.header(first, "PAYMENT-RESPONSE").path("transaction"));
        JsonNode job = Posted.json(Posted.get(neighbour, "/v1/jobs/" + Posted.json(gone.body()).path("error").path("job").asText()).body());
        assertThat(first.body()).contains(job.path("receipt").asText());
        assertThat(job.path("charge").asText()).isEqualTo(offer.path("amount").asText());
        assertThat(node.assigned()).hasSize(1);
        assertThat(USDC - left(wallet)).isEqualTo(offer.path("amount").asLong());
    }

    @Test
    void whoAsksAgainWhileTheFirstIsServedWaitsForItsAnswer() throws Exception {
        var hold = new CountDownLatch(1);
        ScriptedNode node = node(HELLO.heldBy(hold, 2));
        Gateway neighbour = started(ground.config(schema, Ground.timing(), Optional.empty()));
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        String payment = payment(offer(body), wallet, ID);
        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> first = side.submit(() -> Posted.post(gateway, CHAT, body, PAYMENT, payment));
            await().atMost(SOON).until(() -> !node.assigned().isEmpty());

            Future<HttpResponse<String>> again = side.submit(() -> Posted.post(gateway, CHAT, body, PAYMENT, payment));
            Future<HttpResponse<String>> elsewhere = side.submit(() -> Posted.post(neighbour, CHAT, body, PAYMENT, payment));
            hold.countDown();

            same(again.get(), first.get());
            same(elsewhere.get(), first.get());
        }
        assertThat(node.assigned()).hasSize(1);
    }

    @Test
    void manyAtOnceUnderOneNameAreOnePurchase() throws Exception {
        ScriptedNode node = node(HELLO);
        Gateway neighbour = started(ground.config(schema, Ground.timing(), Optional.empty()));
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        ObjectNode offer = offer(body);
        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<HttpResponse<String>>>();
            for (int i = 0; i < 6; i++) {
                Gateway at = i % 2 == 0 ? gateway : neighbour;
                String payment = payment(offer(body), wallet, ID);
                // The neighbour has no node: what comes there first is told so, and charged nothing.
                answers.add(side.submit(() -> await().atMost(SOON).until(() -> Posted.post(at, CHAT, body, PAYMENT, payment), answer -> answer.statusCode() == 200)));
            }
            String text = answers.getFirst().get().body();
            for (Future<HttpResponse<String>> each : answers) {
                assertThat(each.get().body()).isEqualTo(text);
            }
        }
        assertThat(node.assigned()).hasSize(1);
        assertThat(USDC - left(wallet)).isEqualTo(offer.path("amount").asLong());
    }

    @Test
    void aPayerWhosePaymentIsPendingPaysOnceWhateverItSendsAgain() throws Exception {
        GatewayConfig.Timing usual = Ground.timing();
        var hasty = new GatewayConfig.Timing(Duration.ofMillis(300), usual.unserved(), usual.settleMargin(), usual.evidence(), usual.lease(), usual.poll(), usual.ping(),
            usual.silence(), usual.job());
        gateway = started(ground.behindSlowNode(ground.config(schema, hasty, Optional.empty())));
        ScriptedNode node = node(HELLO);
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        ObjectNode offer = offer(body);
        String payment = payment(offer, wallet, ID);
        ground.blind(true);
        try {
            HttpResponse<String> pending = Posted.post(gateway, CHAT, body, PAYMENT, payment);
            HttpResponse<String> anew = Posted.post(gateway, CHAT, body, PAYMENT, payment(offer(body), wallet, ID));

            assertThat(Posted.code(pending)).isEqualTo("settlement_pending");
            assertThat(Posted.header(pending, "PAYMENT-RESPONSE").path("success").asBoolean()).isFalse();
            assertThat(Posted.header(pending, "PAYMENT-RESPONSE").path("errorReason").asText()).isEqualTo("settlement_pending");
            assertThat(Posted.code(anew)).isEqualTo("settlement_pending");
            assertThat(Posted.header(anew, "PAYMENT-RESPONSE").path("transaction").asText()).isNotEmpty()
                .isEqualTo(Posted.header(pending, "PAYMENT-RESPONSE").path("transaction").asText());
        } finally {
            ground.blind(false);
        }
        HttpResponse<String> served = await().atMost(SOON).until(() -> Posted.post(gateway, CHAT, body, PAYMENT, payment(offer(body), wallet, ID)),
            answer -> answer.statusCode() == 200);
        same(Posted.post(gateway, CHAT, body, PAYMENT, payment), served);
        assertThat(node.assigned()).hasSize(1);
        assertThat(USDC - left(wallet)).isEqualTo(offer.path("amount").asLong());
    }

    @Test
    void whoLosesAStreamGetsAllOfItAgain() throws Exception {
        var hold = new CountDownLatch(1);
        ScriptedNode node = node(HELLO.heldBy(hold, 2));
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", true);
        String payment = payment(offer(body), wallet, ID);
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> cut = http.send(HttpRequest.newBuilder(URI.create(Ground.url(gateway) + CHAT)).header(PAYMENT, payment)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(cut.body().read()).isNotNegative();
            cut.body().close();
            http.shutdownNow();
        }
        hold.countDown();

        HttpResponse<String> again = await().atMost(SOON).until(() -> Posted.post(gateway, CHAT, body, PAYMENT, payment), answer -> answer.statusCode() == 200);

        assertThat(again.body()).contains("\"Hel\"", "\"ld\"", "\"usage\"", "[DONE]");
        assertThat(node.assigned()).hasSize(1);
    }

    @Test
    void whatFailedMayBeBoughtAnewUnderTheSameName() throws Exception {
        ScriptedNode liar = node(HELLO.rejecting("out_of_memory"));
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        String payment = payment(offer(body), wallet, ID);
        assertThat(Posted.post(gateway, CHAT, body, PAYMENT, payment).statusCode()).isEqualTo(502);
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, PAYMENT, payment))).isEqualTo("payment_refunding");
        liar.close();
        node(HELLO);

        assertThat(Posted.post(gateway, CHAT, body, PAYMENT, payment(offer(body), wallet, ID)).statusCode()).isEqualTo(200);
    }

    @Test
    void aReplyThatIsKeptForItsPayerIsInNoTableAndNeitherIsItsName() throws Exception {
        node(ScriptedNode.Script.saying("plugh"));
        String body = Posted.chat("xyzzy", false);
        String payment = payment(offer(body), ground.wallet(USDC), ID);
        assertThat(Posted.post(gateway, CHAT, body, PAYMENT, payment).body()).contains("plugh");

        List<String> rows = ground.rows(schema);
        assertThat(rows).anyMatch(row -> row.startsWith("payment_identifier "));
        assertThat(rows).noneMatch(row -> row.contains("plugh") || row.contains("xyzzy") || row.contains(ID) || row.contains(HexFormat.of().formatHex("plugh".getBytes())));
    }

    @Test
    void aVouchersPurchaseIsChargedOnceToo() throws Exception {
        ScriptedNode node = node(HELLO);
        Ground.Escrow escrow = ground.escrow(USDC);
        await().atMost(SOON).until(() -> Posted.get(gateway, "/v1/escrows/" + escrow.address().toBase58()).statusCode() == 200);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.header(Posted.post(gateway, CHAT, body), "PAYMENT-REQUIRED").path("accepts").get(1).deepCopy();

        HttpResponse<String> first = Posted.post(gateway, CHAT, body, PAYMENT, voucher(escrow, offer, body, 1));
        HttpResponse<String> again = Posted.post(gateway, CHAT, body, PAYMENT, voucher(escrow, offer, body, 1));
        HttpResponse<String> anew = Posted.post(gateway, CHAT, body, PAYMENT, voucher(escrow, offer, body, 2));

        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        same(again, first);
        same(anew, first);
        assertThat(node.assigned()).hasSize(1);
        JsonNode balance = Posted.json(Posted.get(gateway, "/v1/escrows/" + escrow.address().toBase58()).body());
        assertThat(balance.path("used").asLong()).isEqualTo(Ground.PRICE.charge(5, 4));
        assertThat(balance.path("reserved").asLong()).isZero();
    }

    @Test
    void aWalletSeesWhatItsEscrowsPaidForAndTheReplyAtWhicheverGateway() throws Exception {
        URI publicUrl = URI.create("https://gateway.example");
        GatewayConfig config = ground.config(schema, Ground.timing(), Optional.empty());
        var known = new GatewayConfig(new GatewayConfig.Listen("127.0.0.1", 0, Optional.of(publicUrl)), config.jdbcUrl(), config.schema(), config.chain(), config.keys(),
            config.models(), config.mints(), config.relayer(), config.evidence(), config.timing(), config.sponsor(), config.production());
        gateway = started(known);
        Gateway neighbour = started(known);
        node(HELLO);
        Keypair payer = ground.wallet(USDC);
        Ground.Escrow escrow = ground.escrow(payer, USDC);
        await().atMost(SOON).until(() -> Posted.get(gateway, "/v1/escrows/" + escrow.address().toBase58()).statusCode() == 200);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.header(Posted.post(gateway, CHAT, body), "PAYMENT-REQUIRED").path("accepts").get(1).deepCopy();
        HttpResponse<String> bought = Posted.post(gateway, CHAT, body, PAYMENT, voucher(escrow, offer, body, 1));
        String job = Posted.json(bought.body()).path("nyxos").path("job").asText();

        JsonNode list = Posted.json(signedIn(neighbour, "/v1/purchases", payer).body());
        HttpResponse<String> reply = signedIn(neighbour, "/v1/purchases/" + job + "/reply", payer);

        assertThat(list.path("purchases")).hasSize(1);
        assertThat(list.path("purchases").path(0).path("job").asText()).isEqualTo(job);
        assertThat(list.path("purchases").path(0).path("charge").asLong()).isEqualTo(Ground.PRICE.charge(5, 4));
        same(reply, bought);
        assertThat(signedIn(neighbour, "/v1/purchases/" + job + "/reply", Keypair.generate()).statusCode()).isEqualTo(404);
    }

    private static HttpResponse<String> signedIn(Gateway at, String path, Keypair wallet) {
        JsonNode info = Posted.header(Posted.get(at, path), "PAYMENT-REQUIRED").path("extensions").path("sign-in-with-x").path("info");
        String address = wallet.publicKey().toBase58();
        String message = info.path("domain").asText() + " wants you to sign in with your Solana account:\n" + address + "\n\n" + info.path("statement").asText() + "\n\nURI: "
            + info.path("uri").asText() + "\nVersion: 1\nChain ID: EtWTRABZaYq6iMfeYKouRu166VU2xqa1\nNonce: " + info.path("nonce").asText() + "\nIssued At: "
            + info.path("issuedAt").asText() + "\nExpiration Time: " + info.path("expirationTime").asText() + "\nResources:\n- " + info.path("uri").asText();
        ObjectNode proof = info.deepCopy();
        proof.put("address", address).put("chainId", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1").put("type", "ed25519").put("signature", wallet.sign(message.getBytes()).base58());
        return Posted.get(at, path, "SIGN-IN-WITH-X", Posted.base64(proof));
    }

    private static String voucher(Ground.Escrow escrow, ObjectNode offer, String body, int nonce) throws IOException {
        Voucher voucher = new Voucher(escrow.address(), offer.path("amount").asLong() * 2, 0);
        EscrowPayload payload = EscrowPayload.sign(voucher, Hash.sha256(new byte[] {(byte) nonce}), RequestBinding.requestHash("POST", CHAT, body.getBytes()), escrow.session());
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("x402Version", 2);
        root.set("accepted", offer);
        root.set("payload", Posted.json(new String(payload.encode())));
        return Posted.base64(Posted.named(root, ID));
    }
}
