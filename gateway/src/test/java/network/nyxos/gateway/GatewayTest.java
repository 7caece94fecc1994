package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.JobRecord.Outcome;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.ServiceCall;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.gateway.job.JobLostException;
import network.nyxos.gateway.store.InstanceStore;
import network.nyxos.gateway.store.JobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/// Requests from end to end: a real chain, a real database, nodes over the real link.
@Timeout(120)
class GatewayTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final long USDC = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo", " wor", "ld");

    private static Ground ground;
    private String schema;
    private Gateway gateway;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void lay() {
        ground = new Ground();
    }

    @AfterAll
    static void clear() {
        if (ground != null) {
            ground.close();
        }
    }

    @BeforeEach
    void start() {
        ground.relayerAnswers(200);
        ground.blind(false);
        schema = ground.schema();
        gateway = Gateway.start(ground.config(schema, Ground.timing(), Optional.empty()));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        gateway.close();
    }

    private ScriptedNode node(ScriptedNode.Script script, Tier... tiers) throws InterruptedException {
        Tier[] offered = tiers.length == 0 ? new Tier[] {Tier.OPEN} : tiers;
        ScriptedNode.Keys keys = ground.register(offered);
        awaitRegistered(keys);
        ScriptedNode node = ScriptedNode.join(gateway, keys, script, offered);
        open.add(node);
        return node;
    }

    /// The gateway hears of a registration a moment later; a node that comes too early is refused and comes again.
    private void awaitRegistered(ScriptedNode.Keys keys) {
        await().atMost(SOON).until(() -> {
            try (ScriptedNode probe = ScriptedNode.dial(gateway, keys, HELLO, 1, Optional.empty(), Tier.OPEN)) {
                await().atMost(SOON).until(() -> probe.welcomed() || !probe.refused().isEmpty());
                return probe.welcomed() || !probe.refused().getFirst().code().equals("node_unregistered");
            }
        });
    }

    private ExactClient exact(Keypair wallet) {
        return new ExactClient(Ground.url(gateway), wallet, Ground.USDC, USDC);
    }

    private EscrowClient escrow(Ground.Escrow escrow) {
        return EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), USDC, SOON);
    }

    private static ChatCall call(String prompt) {
        return ChatCall.of(Ground.MODEL, prompt, 32).greedy();
    }

    private List<Outcome> outcomes(String job) {
        return ground.told(Hash.fromHex(job)).stream().map(JobRecord::outcome).toList();
    }

    private String state(String job) {
        return Posted.json(Posted.get(gateway, "/v1/jobs/" + job).body()).path("state").asText();
    }

    // --- offers ------------------------------------------------------------------------------------------------------

    @Test
    void anUnpaidRequestIsToldHowToPayInBothVersions() throws Exception {
        node(HELLO);

        HttpResponse<String> answer = Posted.post(gateway, CHAT, Posted.chat("hi", false));

        assertThat(answer.statusCode()).isEqualTo(402);
        assertThat(answer.headers().firstValue("PAYMENT-REQUIRED").orElseThrow()).hasSizeLessThan(3_000);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("Access-Control-Expose-Headers").orElseThrow()).contains("PAYMENT-REQUIRED", "PAYMENT-RESPONSE", "X-PAYMENT-RESPONSE");
        JsonNode v2 = Posted.header(answer, "PAYMENT-REQUIRED");
        assertThat(v2.path("x402Version").asInt()).isEqualTo(2);
        assertThat(v2.path("accepts")).extracting(offer -> offer.path("scheme").asText()).containsExactly("exact", "escrow");
        JsonNode exact = v2.path("accepts").get(0);
        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 32);
        assertThat(exact.path("amount").asText()).isEqualTo(Long.toString(ceiling));
        assertThat(exact.path("payTo").asText()).isEqualTo(ground.pool.pool().toBase58());
        assertThat(exact.path("extra").path("paymentFlow").asText()).isEqualTo("upfront");
        assertThat(exact.path("extra").path("memo").asText()).hasSizeLessThanOrEqualTo(64);
        assertThat(exact.path("extra").path("recentBlockhash").asText()).isNotEmpty();
        JsonNode v1 = Posted.json(answer.body());
        assertThat(v1.path("x402Version").asInt()).isEqualTo(1);
        assertThat(v1.path("accepts")).hasSize(1);
        assertThat(v1.path("accepts").get(0).path("network").asText()).isEqualTo("solana-devnet");
        assertThat(v1.path("accepts").get(0).path("maxAmountRequired").asText()).isEqualTo(Long.toString(ceiling));
    }

    @Test
    void whoCannotBeServedIsToldBeforePaying() {
        HttpResponse<String> answer = Posted.post(gateway, CHAT, Posted.chat("hi", false));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(Posted.code(answer)).isEqualTo("no_node");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void aPaymentIsNotTakenWhenEveryNodeIsBusy() throws Exception {
        var hold = new CountDownLatch(1);
        ScriptedNode.Keys keys = ground.register(Tier.OPEN);
        awaitRegistered(keys);
        ScriptedNode node = ScriptedNode.dial(gateway, keys, HELLO.heldBy(hold), 1, Optional.empty(), Tier.OPEN);
        open.add(node);
        await().atMost(SOON).until(node::welcomed);
        Keypair wallet = ground.wallet(USDC);
        HttpResponse<String> challenge = Posted.post(gateway, CHAT, Posted.chat("second", false));
        ObjectNode offer = Posted.exactOffer(challenge);
        try (ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ChatReply> first = background.submit(() -> exact(ground.wallet(USDC)).complete(call("first")));
            await().atMost(SOON).until(() -> !node.assigned().isEmpty());

            HttpResponse<String> refused = Posted.post(gateway, CHAT, Posted.chat("second", false), "PAYMENT-SIGNATURE",
                Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true)));

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(Posted.code(refused)).isEqualTo("no_capacity");
            assertThat(ground.chain.tokenBalance(ground.chain.mintTo(Ground.USDC, wallet.publicKey(), 0))).isEqualTo(USDC);
            hold.countDown();
            assertThat(first.get().text()).isEqualTo("Hello world");
        }
    }

    @Test
    void modelsShowPricesContextAndCapacity() throws Exception {
        node(HELLO, Tier.OPEN, Tier.VERIFIED);

        JsonNode model = Posted.json(Posted.get(gateway, "/v1/models").body()).path("data").get(0);

        assertThat(model.path("id").asText()).isEqualTo(Ground.MODEL);
        assertThat(model.path("context_length").asInt()).isEqualTo(Ground.CONTEXT);
        assertThat(model.path("tiers").path("verified").path("capacity").path("nodes").asInt()).isEqualTo(1);
        assertThat(model.path("tiers").path("confidential").path("capacity").path("nodes").asInt()).isZero();
        assertThat(model.path("tiers").path("open").path("pricing").get(0).path("per_million_out").asText()).isEqualTo("2000000");
    }

    @Test
    void aModelIsListedOnceMoreForEachTierThatIsAskedForByItsName() throws Exception {
        node(HELLO, Tier.OPEN, Tier.VERIFIED);

        JsonNode data = Posted.json(Posted.get(gateway, "/v1/models").body()).path("data");

        assertThat(data).extracting(model -> model.path("id").asText()).containsExactly(Ground.MODEL, Ground.MODEL + ":verified", Ground.MODEL + ":confidential", Ground.VECTORS,
            Ground.VECTORS + ":confidential", Ground.SERVICE);
        assertThat(data.get(0).path("tiers")).hasSize(3);
        assertThat(data.get(1).path("tiers")).hasSize(1);
        assertThat(data.get(1).path("tiers").path("verified")).isEqualTo(data.get(0).path("tiers").path("verified"));
        assertThat(Posted.json(Posted.get(gateway, "/v1/models/" + Ground.MODEL + ":verified").body())).isEqualTo(data.get(1));
        assertThat(Posted.json(Posted.get(gateway, "/v1/models/" + Ground.MODEL + "%3Averified").body())).isEqualTo(data.get(1));
        assertThat(Posted.code(Posted.get(gateway, "/v1/models/other:verified"))).isEqualTo("model_not_found");
    }

    @Test
    void theTierBehindAModelsNameIsTheOneThatIsServed() throws Exception {
        node(HELLO, Tier.OPEN);
        ScriptedNode verified = node(HELLO, Tier.VERIFIED);
        String body = Posted.chat("hi", false).replace(Ground.MODEL, Ground.MODEL + ":verified");
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));

        HttpResponse<String> answer = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE",
            Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true)));

        JsonNode reply = Posted.json(answer.body());
        assertThat(reply.path("model").asText()).isEqualTo(Ground.MODEL);
        assertThat(reply.path("nyxos").path("tier").asText()).isEqualTo("verified");
        assertThat(reply.path("nyxos").path("node").asText()).isEqualTo(verified.key().toBase58());
    }

    // --- exact -------------------------------------------------------------------------------------------------------

    @Test
    void aTransferIsSettledBeforeTheWorkAndServed() throws Exception {
        ScriptedNode node = node(HELLO);
        long vault = ground.vault();
        long sponsor = ground.chain.balance(ground.sponsor.publicKey());

        ChatReply reply = exact(ground.wallet(USDC)).complete(call("hi"));

        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 32);
        assertThat(reply.text()).isEqualTo("Hello world");
        assertThat(reply.charge()).isEqualTo(ceiling);
        assertThat(reply.completionTokens()).isEqualTo(4);
        assertThat(reply.receipt().receipt().node()).isEqualTo(node.key());
        assertThat(ground.vault() - vault).isEqualTo(ceiling);
        assertThat(sponsor - ground.chain.balance(ground.sponsor.publicKey())).isBetween(10_000L, 11_000L);
        assertThat(state(reply.job())).isEqualTo("executed");
        await().atMost(SOON).untilAsserted(() -> assertThat(outcomes(reply.job())).containsExactly(Outcome.RESERVED, Outcome.COMPLETED));
        JobRecord told = ground.told(Hash.fromHex(reply.job())).getLast();
        assertThat(told.charge()).isEqualTo(ceiling);
        assertThat(told.assignment().orElseThrow().assignment().node()).isEqualTo(node.key());
    }

    @Test
    void aStreamCarriesTheTextTheUsageAndTheEnd() throws Exception {
        node(HELLO);
        var pieces = new ArrayList<String>();

        ChatReply reply = exact(ground.wallet(USDC)).stream(call("hi"), pieces::add);

        assertThat(pieces).containsExactly("Hel", "lo", " wor", "ld");
        assertThat(reply.finishReason()).isEqualTo("stop");
        assertThat(reply.promptTokens()).isEqualTo(5);
        assertThat(reply.transaction()).isPresent();
    }

    @Test
    void aStreamArrivesAsItIsMadeAndNotAtItsEnd() throws Exception {
        var read = new CountDownLatch(1);
        node(HELLO.heldBy(read, 1));

        ChatReply reply = escrow(ground.escrow(USDC)).stream(call("hi"), _ -> read.countDown());

        assertThat(reply.text()).isEqualTo("Hello world");
    }

    @Test
    void aClientThatLeavesPaysForWhatWasMadeAndTheNodeIsToldToStop() throws Exception {
        var gone = new CountDownLatch(1);
        String[] pieces = Collections.nCopies(30, "x".repeat(40_000)).toArray(String[]::new);
        ScriptedNode node = node(ScriptedNode.Script.saying(pieces).heldBy(gone, 1));
        EscrowClient client = escrow(ground.escrow(USDC));

        assertThatThrownBy(() -> client.stream(call("hi"), _ -> {
            throw new IllegalStateException("the reader gives up");
        })).isInstanceOf(IllegalStateException.class);
        gone.countDown();

        await().atMost(SOON).untilAsserted(() -> assertThat(state(node.assigned().getFirst().job().hex())).isEqualTo("executed"));
        assertThat(client.balance().used()).isBetween(Ground.PRICE.charge(5, 1), Ground.PRICE.charge(5, 30));
        assertThat(client.balance().reserved()).isZero();
    }

    @Test
    void twoGatewaysOnOneDatabaseServeAPaymentOnce() throws Exception {
        ScriptedNode here = node(HELLO);
        ScriptedNode.Keys keys = ground.register(Tier.OPEN);
        try (Gateway second = Gateway.start(ground.config(schema, Ground.timing(), Optional.empty()));
             ScriptedNode there = ScriptedNode.join(second, keys, HELLO, Tier.OPEN); ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            String body = Posted.chat("hi", false);
            ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
            String payment = Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true));
            Callable<HttpResponse<String>> first = () -> Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);
            Callable<HttpResponse<String>> other = () -> Posted.post(second, CHAT, body, "PAYMENT-SIGNATURE", payment);

            List<Integer> statuses = side.invokeAll(List.of(first, other, first, other, first, other)).stream().map(Future::resultNow).map(HttpResponse::statusCode).toList();

            assertThat(statuses.stream().filter(status -> status == 200)).hasSize(1);
            assertThat(here.assigned().size() + there.assigned().size()).isEqualTo(1);
        }
    }

    @Test
    void eightCopiesOfOnePaymentAreServedOnce() throws Exception {
        ScriptedNode node = node(HELLO);
        Keypair wallet = ground.wallet(USDC);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        String payment = Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true));

        List<HttpResponse<String>> answers;
        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<HttpResponse<String>> copy = () -> Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);
            answers = side.invokeAll(Collections.nCopies(8, copy)).stream().map(Future::resultNow).toList();
        }

        assertThat(answers.stream().filter(answer -> answer.statusCode() == 200)).hasSize(1);
        assertThat(answers.stream().filter(answer -> answer.statusCode() != 200)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isIn(409, 503);
            assertThat(Posted.code(answer)).isIn("duplicate_settlement", "settlement_pending", "already_served");
        });
        assertThat(node.assigned()).hasSize(1);
        HttpResponse<String> later = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);
        assertThat(later.statusCode()).isEqualTo(409);
        assertThat(Posted.code(later)).isEqualTo("already_served");
        assertThat(Posted.json(later.body()).path("error").path("job").asText()).hasSize(64);
    }

    @Test
    void onePaymentThroughBothVersionsAndTheFacilitatorIsServedOnce() throws Exception {
        ScriptedNode node = node(HELLO);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        String transaction = Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true);

        assertThat(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", Posted.v2(offer, transaction)).statusCode()).isEqualTo(200);
        HttpResponse<String> again = Posted.post(gateway, CHAT, body, "X-PAYMENT", Posted.v1(transaction));
        HttpResponse<String> settle = Posted.post(gateway, "/facilitator/settle", facilitate(offer, transaction));

        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(Posted.json(settle.body()).path("errorReason").asText()).isEqualTo("duplicate_settlement");
        assertThat(node.assigned()).hasSize(1);
    }

    private static String facilitate(ObjectNode offer, String transaction) {
        return "{\"x402Version\":2,\"paymentPayload\":{\"x402Version\":2,\"accepted\":" + offer + ",\"payload\":{\"transaction\":\"" + transaction
            + "\"}},\"paymentRequirements\":" + offer + "}";
    }

    @Test
    void aLegacyPaymentWithoutMemoIsServedAndItsTwinIsADuplicate() throws Exception {
        node(HELLO);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        Hash blockhash = ground.blockhash();
        Keypair wallet = ground.wallet(USDC);

        HttpResponse<String> first = Posted.post(gateway, CHAT, body, "X-PAYMENT", Posted.v1(Posted.transaction(offer, wallet, blockhash, false)));
        HttpResponse<String> second = Posted.post(gateway, CHAT, body, "X-PAYMENT", Posted.v1(Posted.transaction(offer, wallet, blockhash, false)));

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(Posted.header(first, "X-PAYMENT-RESPONSE").path("success").asBoolean()).isTrue();
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(Posted.code(second)).isEqualTo("duplicate_settlement");
    }

    @Test
    void aPaymentForOneBodyDoesNotPayForAnotherOfTheSamePrice() throws Exception {
        ScriptedNode node = node(HELLO);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, Posted.chat("good", false)));
        String transaction = Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true);
        String swapped = Posted.chat("evil", false);

        HttpResponse<String> v2 = Posted.post(gateway, CHAT, swapped, "PAYMENT-SIGNATURE", Posted.v2(offer, transaction));
        HttpResponse<String> v1 = Posted.post(gateway, CHAT, swapped, "X-PAYMENT", Posted.v1(transaction));

        for (HttpResponse<String> refused : List.of(v2, v1)) {
            assertThat(refused.statusCode()).isEqualTo(402);
            assertThat(Posted.json(refused.body()).path("error").asText()).isEqualTo("invalid_exact_svm_payload_memo_mismatch");
        }
        assertThat(Posted.header(v2, "PAYMENT-RESPONSE").path("success").asBoolean()).isFalse();
        assertThat(node.assigned()).isEmpty();
    }

    @Test
    void aWalletThatCannotPayMayTryAgainWhenItCan() throws Exception {
        node(HELLO);
        Keypair wallet = ground.wallet(1);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        String payment = Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true));

        HttpResponse<String> poor = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);
        ground.chain.mintTo(Ground.USDC, wallet.publicKey(), USDC);
        HttpResponse<String> rich = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);

        assertThat(poor.statusCode()).isEqualTo(402);
        assertThat(Posted.json(poor.body()).path("error").asText()).isEqualTo("insufficient_funds");
        assertThat(rich.statusCode()).isEqualTo(200);
    }

    /// Starts the gateway anew on a node that does not say what becomes of transactions.
    private void startInTheDark(Duration unserved) {
        gateway.close();
        GatewayConfig.Timing usual = Ground.timing();
        var hasty = new GatewayConfig.Timing(Duration.ofMillis(300), unserved, usual.settleMargin(), usual.evidence(), usual.lease(), usual.poll(), usual.ping(), usual.silence(),
            usual.job());
        ground.blind(true);
        gateway = Gateway.start(ground.behindSlowNode(ground.config(schema, hasty, Optional.empty())));
    }

    @Test
    void anUnknownOutcomeIsPendingAndThePaymentIsServedOnceLater() throws Exception {
        startInTheDark(Duration.ofMinutes(10));
        ScriptedNode node = node(HELLO);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        String payment = Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true));

        HttpResponse<String> pending = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);

        assertThat(pending.statusCode()).isEqualTo(503);
        assertThat(Posted.code(pending)).isEqualTo("settlement_pending");
        assertThat(pending.headers().firstValue("Retry-After")).isPresent();
        assertThat(pending.headers().firstValue("PAYMENT-REQUIRED")).as("a payer must not be asked to pay twice").isEmpty();
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment))).isEqualTo("settlement_pending");
        String job = Posted.json(pending.body()).path("error").path("job").asText();
        assertThat(state(job)).isEqualTo("pending");
        ground.blind(false);
        await().atMost(SOON).untilAsserted(() -> assertThat(state(job)).isEqualTo("reserved"));
        assertThat(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment).statusCode()).isEqualTo(200);
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment))).isEqualTo("already_served");
        assertThat(node.assigned()).hasSize(1);
    }

    @Test
    void aPaymentNobodyComesBackForGoesBack() throws Exception {
        startInTheDark(Duration.ofMillis(500));
        node(HELLO);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        String payment = Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true));
        String job = Posted.json(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment).body()).path("error").path("job").asText();
        ground.blind(false);

        await().atMost(SOON).untilAsserted(() -> assertThat(outcomes(job)).containsExactly(Outcome.RESERVED, Outcome.FAILED));

        assertThat(state(job)).isEqualTo("refunding");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment))).isEqualTo("payment_refunding");
    }

    // --- escrow ------------------------------------------------------------------------------------------------------

    @Test
    void aVoucherIsChargedByRealCounts() throws Exception {
        ScriptedNode node = node(HELLO);
        EscrowClient client = escrow(ground.escrow(USDC));

        ChatReply first = client.complete(call("hi"));
        ChatReply second = client.stream(call("hi again"), _ -> { });

        long charge = Ground.PRICE.charge(5, 4);
        assertThat(first.charge()).isEqualTo(charge);
        assertThat(second.used()).hasValue(2 * charge);
        assertThat(node.assigned()).as("the node is given what it needs to settle by itself")
            .allSatisfy(assign -> assertThat(assign.voucher()).hasValueSatisfying(voucher -> assertThat(voucher.jobId()).isEqualTo(assign.job())));
        assertThat(client.balance()).isEqualTo(new EscrowClient.Balance(USDC, 0, 2 * charge, 0, USDC - 2 * charge));
        await().atMost(SOON).untilAsserted(() -> assertThat(outcomes(first.job())).containsExactly(Outcome.COMPLETED));
    }

    @Test
    void vouchersSideBySideNeverSpendMoreThanTheDeposit() throws Exception {
        ScriptedNode node = node(HELLO);
        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 32);
        EscrowClient client = escrow(ground.escrow(3 * ceiling));
        var codes = new ConcurrentLinkedQueue<String>();

        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            side.invokeAll(Collections.nCopies(12, () -> {
                try {
                    codes.add("served " + client.complete(call("hi")).charge());
                } catch (AgentException e) {
                    codes.add(e.code());
                }
                return null;
            }));
        }

        long served = codes.stream().filter(code -> code.startsWith("served")).count();
        assertThat(codes).allMatch(code -> code.startsWith("served") || code.startsWith("voucher_"));
        assertThat(node.assigned()).hasSize((int) served);
        assertThat(client.balance().used()).isEqualTo(served * Ground.PRICE.charge(5, 4)).isLessThanOrEqualTo(3 * ceiling);
        assertThat(client.balance().reserved()).isZero();
    }

    @Test
    void aForeignSessionKeyBuysNothing() throws Exception {
        ScriptedNode node = node(HELLO);
        Ground.Escrow rich = ground.escrow(USDC);
        EscrowClient thief = escrow(new Ground.Escrow(rich.address(), Keypair.generate()));

        assertThatThrownBy(() -> thief.complete(call("hi"))).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("voucher_signature_invalid"));
        assertThat(node.assigned()).isEmpty();
    }

    // --- nodes -------------------------------------------------------------------------------------------------------

    @Test
    void aNodeThatDiesMidStreamIsReplacedAndNothingIsSentTwice() throws Exception {
        ScriptedNode dying = node(HELLO.dyingAfter(2));
        EscrowClient client = escrow(ground.escrow(USDC));
        var pieces = new ArrayList<String>();
        ScriptedNode healthy = nodeAfter(dying);

        ChatReply reply = client.stream(call("hi"), pieces::add);

        assertThat(String.join("", pieces)).isEqualTo("Hello world").isEqualTo(reply.text());
        Assignment first = dying.assigned().getFirst().assignment().assignment();
        Assignment second = healthy.assigned().getFirst().assignment().assignment();
        assertThat(second.attempt()).isEqualTo(1);
        assertThat(second.seed()).isEqualTo(first.seed());
        assertThat(reply.receipt().receipt().node()).isEqualTo(healthy.key());
    }

    @Test
    void whyANodeGotAJobIsSaidInAHeaderAndBesideTheReceipt() throws Exception {
        ScriptedNode dying = node(HELLO.dyingAfter(0));
        ScriptedNode healthy = nodeAfter(dying);
        for (boolean stream : new boolean[] {false, true}) {
            String body = Posted.chat("hi", stream);
            ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));

            HttpResponse<String> answer = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE",
                Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true)));

            String header = answer.headers().firstValue("Nyxos-Routing").orElseThrow();
            assertThat(header).startsWith("node=\"" + healthy.key().toBase58() + "\", attempt=" + (stream ? 1 : 2) + ", by=rating").contains("able=1, free=1, cost_ms=", "first_token_ms=",
                "success=", "in_flight=0, capacity=16").doesNotContain("next_ms");
            String last = answer.body().lines().filter(line -> line.contains("\"nyxos\"")).findFirst().orElseThrow();
            JsonNode nyxos = Posted.json(last.startsWith("data: ") ? last.substring("data: ".length()) : last).path("nyxos");
            JsonNode routing = nyxos.path("routing");
            JsonNode served = routing.path(routing.size() - 1);
            Receipt receipt = Receipt.decode(Base64.getDecoder().decode(nyxos.path("receipt").asText()));
            var assignment = new SignedAssignment(Assignment.decode(Base64.getDecoder().decode(nyxos.path("assignment").asText())),
                Signature.fromBase64(nyxos.path("assignmentSignature").asText()));
            assertThat(assignment.verify()).isTrue();
            assertThat(receipt.assignmentHash()).isEqualTo(assignment.assignment().digest());
            assertThat(served.path("said").asText()).isEqualTo(header);
            assertThat(assignment.assignment().routing()).as("what the client is told is what was signed").isEqualTo(Digests.routing(header));
            assertThat(served.path("node").asText()).isEqualTo(healthy.key().toBase58());
            assertThat(served.has("failed")).isFalse();
            if (!stream) {
                assertThat(routing).hasSize(2);
                assertThat(routing.path(0).path("node").asText()).isEqualTo(dying.key().toBase58());
                assertThat(routing.path(0).path("failed").asText()).isEqualTo("node_lost");
                assertThat(routing.path(0).path("able").asInt()).isEqualTo(2);
                assertThat(routing.path(0).path("nextMs").asLong()).isEqualTo(routing.path(0).path("costMs").asLong()).as("two that were never seen are rated alike");
                assertThat(routing.path(0).path("seen").asBoolean()).isFalse();
            }
        }
    }

    @Test
    void aClientSaysWhichNodesItWants() throws Exception {
        ScriptedNode one = node(HELLO);
        ScriptedNode other = nodeAfter(one);
        Keypair payer = ground.wallet(10 * USDC);

        assertThat(served("\"order\":[\"" + other.key() + "\"]", payer).headers().firstValue("Nyxos-Routing").orElseThrow())
            .startsWith("node=\"" + other.key() + "\", attempt=1, by=order, able=2");
        assertThat(served("\"ignore\":[\"" + one.key() + "\"],\"sort\":\"throughput\"", payer).headers().firstValue("Nyxos-Routing").orElseThrow())
            .startsWith("node=\"" + other.key() + "\", attempt=1, by=throughput, able=1");
        assertThat(served("\"only\":[\"" + one.key() + "\"]", payer).headers().firstValue("Nyxos-Routing").orElseThrow()).startsWith("node=\"" + one.key() + "\"");

        HttpResponse<String> nobody = Posted.post(gateway, CHAT, wanting("\"only\":[\"" + Keypair.generate().publicKey() + "\"]"));
        assertThat(nobody.statusCode()).isEqualTo(503);
        assertThat(nobody.body()).contains("\"no_node\"", "that 'provider' allows", "nothing was charged");
    }

    @Test
    void aJobThatMayNotFallBackGoesToNoSecondNode() throws Exception {
        ScriptedNode dying = node(HELLO.dyingAfter(0));
        ScriptedNode healthy = nodeAfter(dying);

        HttpResponse<String> answer = asked("\"allow_fallbacks\":false", ground.wallet(USDC));

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("node_lost");
        assertThat(healthy.assigned()).isEmpty();
    }

    @Test
    void aNodeThatKeepsFailingIsLeftAloneForAWhile() throws Exception {
        ScriptedNode broken = node(HELLO.rejecting("engine_broken"));
        Keypair payer = ground.wallet(10 * USDC);
        for (int i = 0; i < 3; i++) {
            assertThat(asked("\"sort\":\"price\"", payer).body()).contains("engine_broken");
        }

        HttpResponse<String> resting = Posted.post(gateway, CHAT, wanting("\"sort\":\"price\""));

        assertThat(resting.statusCode()).isEqualTo(503);
        assertThat(resting.body()).contains("\"no_capacity\"", "failed its last jobs", "nothing was charged");
        assertThat(resting.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 5L);
        nodeAfter(broken);
        assertThat(served("\"sort\":\"price\"", payer).headers().firstValue("Nyxos-Routing").orElseThrow()).contains("able=2, free=1");
        assertThat(broken.assigned()).hasSize(3);
    }

    @Test
    void anAssignmentCommitsToTheStopTextsAndConfirmsNoGuessOfThem() throws Exception {
        ScriptedNode node = node(HELLO);
        Keypair payer = ground.wallet(10 * USDC);
        for (String with : List.of("\"stop\":[\"END\",\"###\"]", "\"stop\":[\"END\",\"###\"],\"seed\":1", "\"seed\":1")) {
            assertThat(bought(chatWith(with), payer).statusCode()).isEqualTo(200);
        }

        List<Constraints> sent = node.assigned().stream().map(assign -> ((WireMessage.Ask.Clear) assign.ask()).constraints()).toList();
        assertThat(sent).extracting(Constraints::stop).containsExactly(List.of("END", "###"), List.of("END", "###"), List.of());
        List<Hash> signed = node.assigned().stream().map(assign -> assign.assignment().assignment().constraints()).toList();
        assertThat(signed).isEqualTo(sent.stream().map(Constraints::hash).toList()).doesNotHaveDuplicates();
        assertThat(sent).as("the prompt among them, under a nonce").extracting(Constraints::prompt).doesNotContain(Hash.ZERO).doesNotHaveDuplicates();
    }

    private static String wanting(String provider) {
        return chatWith("\"provider\":{" + provider + "}");
    }

    private static String chatWith(String members) {
        String chat = Posted.chat("hi", false);
        return chat.substring(0, chat.length() - 1) + "," + members + "}";
    }

    private HttpResponse<String> asked(String provider, Keypair payer) throws Exception {
        return bought(wanting(provider), payer);
    }

    private HttpResponse<String> bought(String body, Keypair payer) throws Exception {
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        return Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", Posted.v2(offer, Posted.transaction(offer, payer, ground.blockhash(), true)));
    }

    private HttpResponse<String> served(String provider, Keypair payer) throws Exception {
        HttpResponse<String> answer = asked(provider, payer);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    /// A healthy node that is asked second: among equals the lower key goes first.
    private ScriptedNode nodeAfter(ScriptedNode first) throws InterruptedException {
        while (true) {
            ScriptedNode.Keys keys = ground.register(Tier.OPEN);
            if (keys.node().publicKey().compareTo(first.key()) > 0) {
                awaitRegistered(keys);
                ScriptedNode node = ScriptedNode.join(gateway, keys, HELLO, Tier.OPEN);
                open.add(node);
                return node;
            }
        }
    }

    @Test
    void aReplyThatAnotherNodeContinuesDifferentlyFailsAndIsNotCharged() throws Exception {
        ScriptedNode dying = node(ScriptedNode.Script.saying("Bye", " now").dyingAfter(1));
        nodeAfter(dying);
        EscrowClient client = escrow(ground.escrow(USDC));
        var pieces = new ArrayList<String>();

        assertThatThrownBy(() -> client.stream(call("hi"), pieces::add))
            .isInstanceOfSatisfying(AgentException.class, e -> {
                assertThat(e.code()).isEqualTo("failover_mismatch");
                assertThat(state(e.job().orElseThrow())).isEqualTo("released");
            });
        assertThat(client.balance().used()).isZero();
        assertThat(client.balance().reserved()).isZero();
    }

    @Test
    void aReceiptThatChargesTooMuchFailsTheJobAndThePaymentGoesBack() throws Exception {
        node(HELLO.lying(r -> new Receipt(r.jobId(), r.node(), r.modelId(), r.engine(), r.tier(), r.seed(), r.sampler(), r.promptCommitment(), r.outputHash(), r.tokensIn(),
            r.tokensOut(), r.mint(), r.charge() + 1, r.finish(), r.traceRoot(), r.quoteHash(), r.assignmentHash(), r.startMs(), r.endMs())));

        assertThatThrownBy(() -> exact(ground.wallet(USDC)).complete(call("hi"))).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.status()).isEqualTo(502);
            assertThat(e.code()).isEqualTo("receipt_invalid");
            assertThat(state(e.job().orElseThrow())).isEqualTo("refunding");
            await().atMost(SOON).untilAsserted(() -> assertThat(outcomes(e.job().orElseThrow())).containsExactly(Outcome.RESERVED, Outcome.FAILED));
        });
    }

    @Test
    void aRequestThatNoNodeCanTakeIsTheClientsFaultAndFree() throws Exception {
        node(HELLO.rejecting("context_exceeded"));
        EscrowClient client = escrow(ground.escrow(USDC));

        assertThatThrownBy(() -> client.complete(call("hi"))).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.code()).isEqualTo("context_length_exceeded");
        });
        assertThat(client.balance().used()).isZero();
    }

    @Test
    void aNodeThatIsNotRegisteredIsNotLetIn() {
        ScriptedNode stranger = ScriptedNode.dial(gateway, new ScriptedNode.Keys(Keypair.generate(), Keypair.generate()), HELLO, 1, Optional.empty(), Tier.OPEN);
        open.add(stranger);

        await().atMost(SOON).until(() -> !stranger.refused().isEmpty());

        assertThat(stranger.refused().getFirst().code()).isEqualTo("node_unregistered");
    }

    // --- the relayer -------------------------------------------------------------------------------------------------

    @Test
    void theRelayerIsToldAgainUntilItTakesNote() throws Exception {
        node(HELLO);
        ground.relayerAnswers(503);
        ChatReply reply = escrow(ground.escrow(USDC)).complete(call("hi"));
        assertThat(outcomes(reply.job())).isEmpty();

        ground.relayerAnswers(200);

        await().atMost(SOON).untilAsserted(() -> assertThat(outcomes(reply.job())).containsExactly(Outcome.COMPLETED));
    }

    // --- restarts and neighbours -------------------------------------------------------------------------------------

    @Test
    void aGatewayThatStopsFailsWhatItServedAndTellsTheRelayerAfterItsRestart() throws Exception {
        ScriptedNode node = node(HELLO.heldBy(new CountDownLatch(1)));
        Ground.Escrow escrow = ground.escrow(USDC);
        EscrowClient client = escrow(escrow);
        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ChatReply> cut = side.submit(() -> client.complete(call("hi")));
            await().atMost(SOON).until(() -> !node.assigned().isEmpty());
            String job = node.assigned().getFirst().job().hex();
            ground.relayerAnswers(503);
            gateway.close();
            assertThatThrownBy(cut::get).hasCauseInstanceOf(AgentException.class);

            ground.relayerAnswers(200);
            gateway = Gateway.start(ground.config(schema, Ground.timing(), Optional.empty()));

            await().atMost(SOON).untilAsserted(() -> assertThat(outcomes(job)).containsExactly(Outcome.FAILED));
            assertThat(state(job)).isEqualTo("released");
            EscrowClient.Balance balance = escrow(escrow).balance();
            assertThat(balance.used()).isZero();
            assertThat(balance.reserved()).isZero();
        }
    }

    @Test
    void theJobsOfAGatewayThatDiedAreFailedByItsNeighbour() throws Exception {
        UUID dead = UUID.randomUUID();
        Ground.Escrow escrow = ground.escrow(USDC);
        escrow(escrow);
        Voucher voucher = new Voucher(escrow.address(), 500, 0);
        EscrowPayload payload = EscrowPayload.sign(voucher, Hash.sha256(new byte[] {3}), Hash.sha256(new byte[] {4}), escrow.session());
        var record = payload.record(Ground.USDC);
        try (Database database = Database.open(ground.jdbcUrl(), schema, "classpath:network/nyxos/gateway/migration")) {
            var neighbour = new JobStore(database, dead, () -> { });
            var reservation = new JobStore.Reservation(payload, 500, new JobStore.Request(Hash.sha256(new byte[] {4}), Ground.MODEL, Tier.OPEN), record, 0, Optional.empty());
            new InstanceStore(database, dead, Duration.ofMillis(1)).renew();

            assertThat(neighbour.reserve(reservation)).isInstanceOf(JobStore.Claim.New.class);
            assertThat(neighbour.reserve(reservation)).isInstanceOf(JobStore.Claim.Known.class);

            await().atMost(SOON).untilAsserted(() -> assertThat(state(record.jobId().hex())).isEqualTo("released"));
            assertThatThrownBy(() -> neighbour.assigned(record.jobId(), null)).as("a gateway taken for dead can do nothing more").isInstanceOf(JobLostException.class);
        }
    }

    @Test
    void aDatabaseThatDropsItsConnectionsCostsNoJob() throws Exception {
        var hold = new CountDownLatch(1);
        ScriptedNode node = node(HELLO.heldBy(hold, 2));
        EscrowClient client = escrow(ground.escrow(USDC));
        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ChatReply> reply = side.submit(() -> client.stream(call("hi"), _ -> { }));
            await().atMost(SOON).until(() -> !node.assigned().isEmpty());

            ground.dropConnections(schema);
            hold.countDown();

            assertThat(reply.get().charge()).isEqualTo(Ground.PRICE.charge(5, 4));
            assertThat(client.balance().reserved()).isZero();
        }
    }

    @Test
    void nothingOfPromptOrReplyIsKept() throws Exception {
        String prompt = "xyzzy-prompt-marker";
        ScriptedNode node = node(ScriptedNode.Script.saying("plugh-", "reply-", "marker")).saying(_ -> List.of("\"plugh-service-marker\""));
        var told = new ServiceCall(Ground.SERVICE, ServiceBody.request("{\"city\":\"xyzzy-city-marker\"}".getBytes(StandardCharsets.UTF_8)));
        var lines = new ListAppender<ILoggingEvent>();
        List<ch.qos.logback.classic.Logger> loggers = Stream.of("network.nyxos", "io.modelcontextprotocol", "reactor").map(LoggerFactory::getLogger)
            .map(ch.qos.logback.classic.Logger.class::cast).toList();
        List<Level> before = loggers.stream().map(ch.qos.logback.classic.Logger::getLevel).toList();
        lines.start();
        loggers.forEach(logger -> {
            logger.setLevel(Level.TRACE);
            logger.addAppender(lines);
        });
        try {
            assertThat(exact(ground.wallet(USDC)).stream(call(prompt), _ -> { }).text()).isEqualTo("plugh-reply-marker");
            assertThat(escrow(ground.escrow(USDC)).complete(call(prompt)).text()).isEqualTo("plugh-reply-marker");
            assertThat(asTool(prompt)).contains("plugh-reply-marker");
            assertThat(exact(ground.wallet(USDC)).call(told).body()).isEqualTo(ServiceBody.reply("\"plugh-service-marker\"".getBytes(StandardCharsets.UTF_8)));
            node.saying(_ -> List.of("\"plugh\"", "\"plugh\""));
            assertThatThrownBy(() -> exact(ground.wallet(USDC)).call(told)).hasMessageContaining("than one reply");
        } finally {
            for (int at = 0; at < before.size(); at++) {
                loggers.get(at).detachAppender(lines);
                loggers.get(at).setLevel(before.get(at));
            }
        }

        List<String> rows = ground.rows(schema);
        assertThat(rows).as("the jobs are there").anyMatch(row -> row.startsWith("job "));
        assertThat(rows).noneMatch(GatewayTest::holds);
        assertThat(lines.list).extracting(ILoggingEvent::getFormattedMessage).isNotEmpty().noneMatch(GatewayTest::holds);
        assertThat(holds(Posted.get(gateway, "/metrics").body())).isFalse();
    }

    /// A call of the tool `infer`, paid for by a transfer.
    private String asTool(String prompt) {
        String arguments = Posted.chat(prompt, false);
        ObjectNode offer = Posted.tool(gateway, "infer", arguments, "{}").path("structuredContent").path("accepts").path(0).deepCopy();
        String payment = Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true));
        return Posted.tool(gateway, "infer", arguments, "{\"x402/payment\":" + Posted.decoded(payment) + "}").toString();
    }

    private static boolean holds(String text) {
        String hex = HexFormat.of().formatHex("xyzzy".getBytes());
        return text.contains("xyzzy") || text.contains("plugh") || text.contains(hex) || text.contains(HexFormat.of().formatHex("plugh".getBytes()));
    }

    // --- confidential ------------------------------------------------------------------------------------------------

    @Test
    void confidentialWorkGoesOnlyToANodeWhoseEvidenceHolds() throws Exception {
        gateway.close();
        DevelopmentTee hardware = DevelopmentTee.create(Instant.now());
        gateway = Gateway.start(ground.config(schema, Ground.timing(), Optional.of(Policy.development(hardware.trustAnchor()))));
        ScriptedNode.Keys keys = ground.register(Tier.OPEN, Tier.CONFIDENTIAL);
        awaitRegistered(keys);
        open.add(ScriptedNode.dial(gateway, keys, HELLO, 4, Optional.of(DevelopmentTee.create(Instant.now())), Tier.OPEN, Tier.CONFIDENTIAL));
        EscrowClient client = escrow(ground.escrow(USDC));
        await().atMost(SOON).untilAsserted(() -> assertThat(client.complete(call("hi")).text()).isEqualTo("Hello world"));

        assertThatThrownBy(() -> client.complete(call("hi").withTier(Tier.CONFIDENTIAL))).as("evidence under another root")
            .isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("no_node"));

        ScriptedNode.Keys better = ground.register(Tier.CONFIDENTIAL);
        awaitRegistered(better);
        open.add(ScriptedNode.dial(gateway, better, HELLO, 4, Optional.of(hardware), Tier.CONFIDENTIAL));
        awaitCapacity();
        assertThat(client.complete(call("hi").withTier(Tier.CONFIDENTIAL)).receipt().receipt().node()).isEqualTo(better.node().publicKey());
    }

    @Test
    void aRegisteredModelShowsItsAuthorAndRoyaltyAndIsServedConfidentiallyOnlyAsItsAuthorAllows() throws Exception {
        gateway.close();
        DevelopmentTee hardware = DevelopmentTee.create(Instant.now());
        gateway = Gateway.start(ground.config(schema, Ground.timing(), Optional.of(Policy.development(hardware.trustAnchor()))));
        ScriptedNode.Keys keys = ground.register(Tier.CONFIDENTIAL);
        awaitRegistered(keys);
        open.add(ScriptedNode.dial(gateway, keys, HELLO, 4, Optional.of(hardware), Tier.CONFIDENTIAL));
        awaitCapacity();
        var served = new Measurement(DevelopmentTee.measurementOf("test").workload().toArray());
        var other = new Measurement(DevelopmentTee.measurementOf("another build").workload().toArray());

        Keypair author = ground.publish(300, List.of(other));
        await().atMost(SOON).untilAsserted(() -> assertThat(shown().path("author").asText()).isEqualTo(author.publicKey().toBase58()));
        assertThat(shown().path("royalty").path("bps").asInt()).isEqualTo(300);
        assertThat(shown().path("royalty").path("payee").asText()).isEqualTo(author.publicKey().toBase58());
        assertThat(shown().path("measurements").get(0).asText()).isEqualTo(HexFormat.of().formatHex(other.bytes()));
        EscrowClient client = escrow(ground.escrow(USDC));
        assertThatThrownBy(() -> client.complete(call("hi").withTier(Tier.CONFIDENTIAL))).as("a build that the author does not allow")
            .isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("no_node"));

        ground.republish(author, 500, List.of(other, served));
        awaitCapacity();
        assertThat(shown().path("royalty").path("bps").asInt()).as("a rise is announced").isEqualTo(300);
        assertThat(shown().path("royalty").path("announced").path("bps").asInt()).isEqualTo(500);
        assertThat(client.complete(call("hi").withTier(Tier.CONFIDENTIAL)).receipt().receipt().node()).isEqualTo(keys.node().publicKey());
    }

    private JsonNode shown() throws Exception {
        return Posted.json(Posted.get(gateway, "/v1/models").body()).path("data").get(0);
    }

    private void awaitCapacity() {
        await().atMost(SOON).until(() -> Posted.json(Posted.get(gateway, "/v1/models").body()).path("data").get(0).path("tiers").path("confidential").path("capacity")
            .path("nodes").asInt() == 1);
    }

    @Test
    void aProductionGatewayRefusesDevelopmentRoots() {
        GatewayConfig config = ground.config("never", Ground.timing(), Optional.of(Policy.development(DevelopmentTee.create(Instant.now()).trustAnchor())));

        assertThatThrownBy(() -> new GatewayConfig(config.listen(), config.jdbcUrl(), config.schema(), config.chain(), config.keys(), config.models(), config.mints(),
            config.relayer(), config.evidence(), config.timing(), config.sponsor(), true)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("development");
    }

    // --- bad input ---------------------------------------------------------------------------------------------------

    @Test
    void whatIsWrongIsSaidWithAStableCode() throws Exception {
        node(HELLO);
        String body = Posted.chat("hi", false);

        assertThat(Posted.code(Posted.post(gateway, CHAT, "{"))).isEqualTo("invalid_json");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body.replace(Ground.MODEL, "other")))).isEqualTo("model_not_found");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body.replace("\"max_tokens\":32", "\"max_tokens\":4096")))).isEqualTo("context_length_exceeded");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", "not base64!"))).isEqualTo("invalid_payload");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", "e30="))).isEqualTo("invalid_x402_version");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", "e30=", "PAYMENT-SIGNATURE", "e30="))).isEqualTo("duplicate_header");
        assertThat(Posted.code(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", "e30=", "X-PAYMENT", "e30="))).isEqualTo("duplicate_header");
        assertThat(Posted.post(gateway, CHAT, "x".repeat(300_000)).statusCode()).isEqualTo(413);
        assertThat(Posted.code(Posted.get(gateway, "/v1/jobs/zz"))).isEqualTo("invalid_job_id");
        assertThat(Posted.get(gateway, "/v1/jobs/" + "00".repeat(32)).statusCode()).isEqualTo(404);
        assertThat(Posted.get(gateway, "/v1/escrows/" + Ground.USDC.toBase58()).statusCode()).isEqualTo(404);
        assertThat(Posted.code(Posted.get(gateway, "/v1/nothing"))).isEqualTo("not_found");
        HttpResponse<String> method = Posted.get(gateway, CHAT);
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(Posted.code(method)).isEqualTo("method_not_allowed");
        assertThat(method.headers().firstValue("Allow")).contains("POST");
        assertThat(Posted.post(gateway, "/v1/models/" + Ground.MODEL, "{}").statusCode()).isEqualTo(405);
        assertThat(Posted.get(gateway, "/health").statusCode()).isEqualTo(200);
        assertThat(Posted.get(gateway, "/health").body()).contains("\"deployment\":{\"cluster\":", network.nyxos.escrow.program.escrow.EscrowIdl.SHA256);
        assertThat(Posted.get(gateway, "/metrics").body()).contains("nyxos_gateway_nodes");
    }

    @Test
    void everyAnswerHasAnIdOfItsOwnAndBrowsersMayReadIt() {
        List<HttpResponse<String>> answers = List.of(Posted.get(gateway, "/v1/models"), Posted.get(gateway, "/v1/nothing"), Posted.post(gateway, CHAT, "{"), Posted.get(gateway, CHAT),
            Posted.get(gateway, "/health"), Posted.options(gateway, CHAT, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,payment-signature"));

        assertThat(answers).extracting(answer -> answer.headers().firstValue("X-Request-Id").orElseThrow()).doesNotHaveDuplicates().allMatch(id -> id.matches("req_[0-9a-f]{24}"));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains("*"));
        assertThat(answers.getLast().statusCode()).isEqualTo(204);
        assertThat(answers.getLast().headers().firstValue("Access-Control-Allow-Headers")).contains("authorization,payment-signature");
        assertThat(answers.getLast().headers().firstValue("Access-Control-Allow-Methods").orElseThrow()).contains("POST");
        JsonNode error = Posted.json(answers.get(2).body()).path("error");
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.properties()).extracting(java.util.Map.Entry::getKey).containsExactly("message", "type", "code", "param");
    }

    // --- facilitator -------------------------------------------------------------------------------------------------

    @Test
    void theFacilitatorVerifiesAndSettlesForOthers() {
        Keypair seller = ground.wallet(0);
        ObjectNode requirements = (ObjectNode) Posted.json("{\"scheme\":\"exact\",\"network\":\"solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1\",\"amount\":\"1000\",\"asset\":\""
            + Ground.USDC.toBase58() + "\",\"payTo\":\"" + seller.publicKey().toBase58() + "\",\"maxTimeoutSeconds\":60,\"extra\":{\"feePayer\":\""
            + ground.sponsor.publicKey().toBase58() + "\",\"memo\":\"order 7\"}}");
        String body = facilitate(requirements, Posted.transaction(requirements, ground.wallet(USDC), ground.blockhash(), true));

        assertThat(Posted.json(Posted.get(gateway, "/facilitator/supported").body()).path("kinds").get(0).path("extra").path("maxLamports").asInt()).isEqualTo(11_000);
        assertThat(Posted.json(Posted.post(gateway, "/facilitator/verify", body).body()).path("isValid").asBoolean()).isTrue();
        assertThat(Posted.json(Posted.post(gateway, "/facilitator/settle", body).body()).path("success").asBoolean()).isTrue();
        assertThat(Posted.json(Posted.post(gateway, "/facilitator/settle", body).body()).path("errorReason").asText()).isEqualTo("duplicate_settlement");
        assertThat(Posted.post(gateway, "/facilitator/settle", "{}").statusCode()).isEqualTo(400);
        assertThat(ground.chain.tokenBalance(ground.chain.mintTo(Ground.USDC, seller.publicKey(), 0))).isEqualTo(1_000);
    }

    @Test
    void whoWasToldThatASettlementIsPendingIsToldItsEndOnce() throws Exception {
        startInTheDark(Duration.ofMinutes(10));
        Keypair seller = ground.wallet(0);
        ObjectNode requirements = (ObjectNode) Posted.json("{\"scheme\":\"exact\",\"network\":\"solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1\",\"amount\":\"1000\",\"asset\":\""
            + Ground.USDC.toBase58() + "\",\"payTo\":\"" + seller.publicKey().toBase58() + "\",\"maxTimeoutSeconds\":60,\"extra\":{\"feePayer\":\""
            + ground.sponsor.publicKey().toBase58() + "\",\"memo\":\"order 8\"}}");
        String body = facilitate(requirements, Posted.transaction(requirements, ground.wallet(USDC), ground.blockhash(), true));

        JsonNode pending = Posted.json(Posted.post(gateway, "/facilitator/settle", body).body());
        JsonNode stillPending = Posted.json(Posted.post(gateway, "/facilitator/settle", body).body());
        ground.blind(false);
        JsonNode settled = await().atMost(SOON).until(() -> Posted.json(Posted.post(gateway, "/facilitator/settle", body).body()), answer -> answer.path("success").asBoolean());
        JsonNode again = Posted.json(Posted.post(gateway, "/facilitator/settle", body).body());

        assertThat(pending.path("errorReason").asText()).isEqualTo("settlement_pending");
        assertThat(stillPending).isEqualTo(pending);
        assertThat(settled.path("transaction").asText()).isNotEmpty().isEqualTo(pending.path("transaction").asText());
        assertThat(again.path("errorReason").asText()).isEqualTo("duplicate_settlement");
    }
}
