package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.PayingProxy;
import network.nyxos.gateway.client.ServiceCall;
import network.nyxos.gateway.client.ServiceReply;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Other agents' services: what a call costs, how it is paid, who does it, and what is not believed.
@Timeout(120)
class ServicesTest extends WithGateway {
    private static final String PATH = "/v1/services/" + Ground.SERVICE;
    private static final long USDC = 1_000_000;
    private static final long PRICE = Ground.SERVICE_PRICE;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HONEST = ScriptedNode.Script.saying("Hello");
    /// With a space that no parser would write again.
    private static final String BODY = "{\"city\": \"Łódź\" }";
    private static final ServiceCall CALL = new ServiceCall(Ground.SERVICE, request(BODY));

    private static ServiceBody request(String body) {
        return ServiceBody.request(body.getBytes(StandardCharsets.UTF_8));
    }

    private static ServiceBody reply(String body) {
        return ServiceBody.reply(body.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> paid(String body) {
        return paid(PATH, body, ground.wallet(USDC));
    }

    private EscrowClient vouchers(long deposit) {
        Ground.Escrow escrow = ground.escrow(deposit);
        return EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), deposit, SOON);
    }

    private static JsonNode served(HttpResponse<String> answer) {
        return Posted.header(answer, "Nyxos-Served");
    }

    private static Receipt receipt(HttpResponse<String> answer) {
        return Receipt.decode(Base64.getDecoder().decode(served(answer).path("receipt").asText()));
    }

    private static ProtocolException failing(String code) {
        return new ProtocolException(code, "the service answered with status 500");
    }

    @Test
    void aCallCostsWhatItsOfferSaysAndComesBackToTheByte() {
        ScriptedNode node = node(HONEST);
        long vault = ground.vault();

        HttpResponse<String> challenge = Posted.post(gateway, PATH, BODY);
        assertThat(Posted.exactOffer(challenge).path("amount").asLong()).isEqualTo(PRICE);
        assertThat(challenge.body()).contains("\"description\":\"A call of service weather\"");
        HttpResponse<String> answer = paid(BODY);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(ScriptedNode.echo(BODY));
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Nyxos-Routing").orElseThrow()).contains(node.key().toBase58());
        assertThat(answer.headers().firstValue("PAYMENT-RESPONSE")).isPresent();
        assertThat(answer.headers().map().toString().length()).as("clients bound what they read of headers, Node.js at 16 KiB").isLessThan(12 * 1024);
        assertThat(served(answer).path("charge").asLong()).isEqualTo(PRICE);
        assertThat(ground.vault() - vault).isEqualTo(PRICE);
        Receipt receipt = receipt(answer);
        assertThat(receipt.promptCommitment()).isEqualTo(request(BODY).hash());
        assertThat(receipt.outputHash()).isEqualTo(reply(answer.body()).hash());
        assertThat(receipt.tokensIn()).isZero();
        assertThat(receipt.tokensOut()).isEqualTo(1);
        WireMessage.Assign given = node.assigned().getLast();
        assertThat(given.ask()).as("the body and nothing else").isEqualTo(new WireMessage.Ask.Call(request(BODY)));
        Assignment order = given.assignment().assignment();
        assertThat(order.maxOutput()).isEqualTo(1);
        assertThat(order.ceiling()).isEqualTo(PRICE);
        assertThat(order.seed()).isZero();
        assertThat(order.sampler()).isEqualTo(Sampler.GREEDY);
        assertThat(order.constraints()).isEqualTo(Hash.ZERO);
        await().atMost(SOON).until(() -> ground.told(receipt.jobId()).stream().anyMatch(record -> record.outcome() == JobRecord.Outcome.COMPLETED));
    }

    @Test
    void everyWayToPayPaysForIt() throws Exception {
        node(HONEST);
        ServiceBody said = reply(ScriptedNode.echo(BODY));

        HttpResponse<String> challenge = Posted.post(gateway, PATH, BODY);
        assertThat(Posted.json(challenge.body()).path("accepts").path(0).path("maxAmountRequired").asLong()).isEqualTo(PRICE);
        HttpResponse<String> byVersion1 = Posted.post(gateway, PATH, BODY, "X-PAYMENT", Posted.v1(Posted.transaction(Posted.exactOffer(challenge), ground.wallet(USDC), ground.blockhash(), true)));
        assertThat(byVersion1.statusCode()).as(byVersion1.body()).isEqualTo(200);

        ServiceReply exact = new ExactClient(Ground.url(gateway), ground.wallet(USDC), Ground.USDC, PRICE).call(CALL);
        assertThat(exact.body()).isEqualTo(said);
        assertThat(exact.charge()).isEqualTo(PRICE);
        assertThat(exact.transaction()).isPresent();

        EscrowClient vouchers = vouchers(2 * PRICE);
        assertThat(vouchers.call(CALL).used()).hasValue(PRICE);
        assertThat(vouchers.call(CALL).used()).hasValue(2 * PRICE);
        assertThat(vouchers.balance().reserved()).as("nothing is held above the charge").isZero();
        assertThatThrownBy(() -> vouchers.call(CALL)).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("voucher_exceeds_deposit"));

        BearerKey key = BearerKey.generate();
        ground.escrow(ground.wallet(PRICE), PRICE, key.session());
        await().atMost(SOON).until(() -> Posted.get(gateway, "/credits", "Authorization", "Bearer " + key.text()).body().contains("\"open\""));
        assertThat(Posted.post(gateway, PATH, BODY, "Authorization", "Bearer " + key.text()).body()).isEqualTo(ScriptedNode.echo(BODY));
        assertThat(Posted.code(Posted.post(gateway, PATH, BODY, "Authorization", "Bearer " + key.text()))).isEqualTo("insufficient_quota");

        Keypair wallet = ground.wallet(USDC);
        try (PayingProxy proxy = PayingProxy.start(Ground.url(gateway), wallet, Ground.USDC, new PayingProxy.Budget(PRICE, USDC), 0); HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(proxy.baseUrl() + "/services/" + Ground.SERVICE)).header("Authorization", "Bearer " + proxy.key())
                .POST(HttpRequest.BodyPublishers.ofString(BODY)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo(ScriptedNode.echo(BODY));
            assertThat(receipt(answer).charge()).isEqualTo(PRICE);
        }
        assertThat(ground.holds(wallet.publicKey())).isEqualTo(USDC - PRICE);
    }

    @Test
    void aNamedPurchaseIsChargedOnceAndGivenAgainToTheByte() {
        ScriptedNode node = node(HONEST);

        List<HttpResponse<String>> answers = boughtTwice(PATH, BODY, PRICE);

        assertThat(answers.getLast().headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(served(answers.getLast())).isEqualTo(served(answers.getFirst()));
        assertThat(node.assigned()).hasSize(1);
    }

    private void refused(int status, String code, String path, String body, String... said) {
        HttpResponse<String> answer = Posted.post(gateway, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(Posted.code(answer)).as(answer.body()).isEqualTo(code);
        assertThat(List.of(said)).allSatisfy(each -> assertThat(answer.body()).contains(each));
    }

    @Test
    void whatCannotBeServedIsRefusedBeforeItIsPaidFor() {
        node(HONEST);
        String longest = "\"" + "x".repeat(ServiceBody.MAX_REQUEST - 2) + "\"";

        assertThat(Posted.post(gateway, PATH, longest).statusCode()).isEqualTo(402);
        refused(413, "request_too_large", PATH, longest + " ", "65536 bytes");
        refused(413, "request_too_large", PATH, " ".repeat(300_000));
        for (String wrong : List.of("", "{", "{} {}", "city", "{\"city\":NaN}", "[".repeat(500) + "]".repeat(500))) {
            refused(400, "invalid_json", PATH, wrong, "one JSON value");
        }
        refused(400, "unknown_parameter", PATH + "?city=Rome", BODY, "leave the query out");
        refused(404, "model_not_found", "/v1/services/nobody", BODY);
        refused(404, "not_found", "/v1/services/weather/admin", BODY);
        refused(400, "unsupported_model", "/v1/services/" + Ground.MODEL, BODY, "continues chats", "/v1/chat/completions");
        refused(400, "unsupported_model", "/v1/services/" + Ground.VECTORS, BODY, "/v1/embeddings");
        refused(400, "unsupported_model", "/v1/chat/completions", Posted.chat("hi", false).replace(Ground.MODEL, Ground.SERVICE), "/v1/services/weather");
        refused(400, "unsupported_model", "/v1/embeddings", "{\"model\":\"weather\",\"input\":\"a\"}", "/v1/services/weather");
    }

    @Test
    void onlyTheOpenTierSellsWhatNobodyCanCheck() {
        node(HONEST);

        refused(400, "tier_unavailable", PATH + ":verified", BODY, "which nobody can check");
        refused(400, "tier_unavailable", PATH + ":confidential", BODY, "which nobody can check");
        var service = (Product.Service) Ground.service(Set.of()).product();
        for (Tier tier : List.of(Tier.VERIFIED, Tier.CONFIDENTIAL)) {
            assertThatThrownBy(() -> new ModelTerms("weather", Optional.of(Ground.SERVICE_ID), 65_536, service, Map.of(tier, Map.of(Ground.USDC, Ground.PRICE)))).hasMessageContaining("tier open alone");
        }
        assertThatThrownBy(() -> new ModelTerms("weather", Optional.of(Ground.SERVICE_ID), 65_536, service, Map.of(Tier.OPEN, Map.of(Ground.USDC, Ground.PRICE)))).hasMessageContaining("for a call");
        assertThatThrownBy(() -> new ModelTerms("weather", Optional.of(Ground.MODEL_ID), 65_536, service, Map.of(Tier.OPEN, Map.of(Ground.USDC, Price.ofCall(1))))).hasMessageContaining("model id");
        assertThatThrownBy(() -> ModelTerms.service("../admin", service, Map.of(Ground.USDC, 1L))).hasMessageContaining("small letters");
        assertThatThrownBy(() -> ModelTerms.service("weather", service, Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whereNobodyServesItNothingIsPaid() {
        refused(503, "no_node", PATH, BODY);
    }

    @Test
    void anotherNodeDoesWhatOneDidWrongly() {
        for (String code : List.of("service_failed", "service_timeout", "service_reply_too_large")) {
            doneByTheOther(code, _ -> {
                throw failing(code);
            });
        }
        doneByTheOther("output_invalid", _ -> List.of());
        doneByTheOther("output_invalid", _ -> List.of("1", "2"));
        doneByTheOther("node_lost", node -> {
            node.close();
            return List.of();
        });
    }

    /// Two nodes, of which the one that is given the call first does this, and the other what it should.
    private void doneByTheOther(String code, Function<ScriptedNode, List<String>> wrong) {
        List<ScriptedNode> nodes = List.of(node(HONEST), node(HONEST));
        var first = new AtomicBoolean(true);
        nodes.forEach(node -> node.saying(said -> first.getAndSet(false) ? wrong.apply(node) : List.of(ScriptedNode.echo(new String(said, StandardCharsets.UTF_8)))));

        HttpResponse<String> answer = paid(BODY);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(ScriptedNode.echo(BODY));
        assertThat(served(answer).path("routing")).hasSize(2);
        assertThat(served(answer).path("routing").path(0).path("failed").asText()).isEqualTo(code);
        assertThat(served(answer).path("routing").path(1).path("node").asText()).isEqualTo(receipt(answer).node().toBase58());
        nodes.forEach(ScriptedNode::close);
        await().atMost(SOON).until(() -> Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").isEmpty());
    }

    @Test
    void aCallThatFailsEverywhereIsNotChargedFor() {
        node(HONEST).saying(_ -> {
            throw failing("service_failed");
        });

        HttpResponse<String> answer = paid(BODY);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(Posted.code(answer)).isEqualTo("service_failed");
        assertThat(answer.body()).contains("status 500", "goes back to the payer");
        Hash job = Hash.fromHex(Posted.json(answer.body()).path("error").path("job").asText());
        await().atMost(SOON).until(() -> ground.told(job).stream().anyMatch(record -> record.outcome() == JobRecord.Outcome.FAILED));
    }

    @Test
    void aRequestThatTheServiceRefusesIsTheClientsMatterAndCostsNothing() {
        List<ScriptedNode> nodes = List.of(node(HONEST), node(HONEST));
        nodes.forEach(node -> node.saying(_ -> {
            throw failing("service_refused");
        }));
        EscrowClient vouchers = vouchers(PRICE);

        assertThatThrownBy(() -> vouchers.call(CALL)).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.code()).isEqualTo("service_refused");
        }).hasMessageContaining("nothing was charged");
        assertThat(nodes.stream().mapToInt(node -> node.assigned().size()).sum()).as("it would be refused elsewhere too").isEqualTo(1);
        assertThat(vouchers.balance().spendable()).isEqualTo(PRICE);
    }

    /// The gateway of these models in place of the usual one.
    private void selling(ModelTerms service) {
        gateway.close();
        GatewayConfig usual = ground.config(ground.schema(), Ground.timing(), Optional.empty());
        gateway = Gateway.start(new GatewayConfig(usual.listen(), usual.jdbcUrl(), usual.schema(), usual.chain(), usual.keys(), List.of(service), usual.mints(), usual.relayer(), usual.evidence(),
            usual.timing(), usual.sponsor(), usual.production()));
    }

    @Test
    void aCallThatTakesLongerThanIsSoldIsNotChargedFor() {
        var service = new Product.Service("Sleeps.", Optional.empty(), Optional.empty(), Set.of(), Duration.ofSeconds(1));
        selling(ModelTerms.service(Ground.SERVICE, service, Map.of(Ground.USDC, PRICE)));
        var never = new CountDownLatch(1);
        node(HONEST.heldBy(never));
        EscrowClient vouchers = vouchers(PRICE);

        assertThatThrownBy(() -> vouchers.call(CALL)).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("node_timeout")).hasMessageContaining("nothing was charged");
        assertThat(vouchers.balance().spendable()).isEqualTo(PRICE);
        never.countDown();
    }

    @Test
    void itIsBoughtOfThoseWhoSellItAndOfNobodyElse() {
        ScriptedNode.Keys seller = ground.register(Tier.OPEN);
        selling(Ground.service(Set.of(seller.node().publicKey())));
        ScriptedNode other = node(HONEST);

        refused(503, "no_node", PATH, BODY);
        assertThat(Posted.json(Posted.get(gateway, "/v1/models/" + Ground.SERVICE).body()).path("tiers").path("open").path("capacity").path("nodes").asInt()).isZero();
        try (ScriptedNode sells = ScriptedNode.joined(gateway, seller, HONEST, Tier.OPEN)) {
            assertThat(receipt(paid(BODY)).node()).isEqualTo(sells.key());
        }
        assertThat(other.assigned()).isEmpty();
    }

    private static Receipt with(Receipt r, Hash request, Hash reply, int calls, long charge) {
        return new Receipt(r.jobId(), r.node(), r.modelId(), r.engine(), r.tier(), r.seed(), r.sampler(), request, reply, r.tokensIn(), calls, r.mint(), charge, r.finish(), r.traceRoot(), r.quoteHash(),
            r.assignmentHash(), r.startMs(), r.endMs());
    }

    @Test
    void aReceiptOfAnotherRequestReplyOrCountIsNotBelieved() {
        EscrowClient vouchers = vouchers(PRICE);
        Hash other = Hash.sha256(new byte[] {1});
        List<UnaryOperator<Receipt>> lies = List.of(r -> with(r, other, r.outputHash(), 1, r.charge()), r -> with(r, r.promptCommitment(), other, 1, r.charge()),
            r -> with(r, r.promptCommitment(), r.outputHash(), 0, 1), r -> with(r, r.promptCommitment(), r.outputHash(), 2, r.charge()));
        for (UnaryOperator<Receipt> lie : lies) {
            ScriptedNode liar = node(HONEST.lying(lie));
            assertThatThrownBy(() -> vouchers.call(CALL)).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("receipt_invalid"))
                .hasMessageContaining("nothing was charged");
            liar.close();
            await().atMost(SOON).until(() -> Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").isEmpty());
        }
        assertThat(vouchers.balance().spendable()).isEqualTo(PRICE);
    }

    @Test
    void agentsFindItWithItsPriceAndWhatItTakes() {
        ScriptedNode node = node(HONEST);

        JsonNode model = Posted.json(Posted.get(gateway, "/v1/models/" + Ground.SERVICE).body());
        assertThat(model.path("kind").asText()).isEqualTo("service");
        assertThat(model.path("endpoint").asText()).isEqualTo(PATH);
        assertThat(model.path("description").asText()).isEqualTo("Tells the weather of a city.");
        assertThat(model.path("input_schema").path("required").path(0).asText()).isEqualTo("city");
        assertThat(model.has("output_schema")).isFalse();
        assertThat(model.has("context_length")).isFalse();
        assertThat(model.path("tiers").path("open").path("capacity").path("nodes").asInt()).isEqualTo(1);
        JsonNode price = model.path("tiers").path("open").path("pricing").path(0);
        assertThat(price.path("per_call").asText()).isEqualTo("2500");
        assertThat(price.path("per_million_in").asText()).isEqualTo("0");
        assertThat(price.path("per_million_out").asText()).isEqualTo("2500000000");
        assertThat(model.path("tiers").size()).isEqualTo(1);
        JsonNode offered = Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").path(0);
        assertThat(offered.path("node").asText()).isEqualTo(node.key().toBase58());
        assertThat(offered.path("models").path(2).path("service").asBoolean()).isTrue();

        JsonNode forSale = Posted.json(Posted.get(gateway, "/discovery/resources").body()).path("items");
        JsonNode listed = forSale.valueStream().filter(each -> each.path("resource").asText().equals(Ground.url(gateway) + PATH)).findFirst().orElseThrow();
        assertThat(listed.path("description").asText()).isEqualTo("Tells the weather of a city.");
        assertThat(listed.path("accepts").path(0).path("amount").asLong()).isEqualTo(PRICE);
        JsonNode bazaar = listed.path("extensions").path("bazaar");
        assertThat(bazaar.path("info").path("input").path("body")).as("its seller's example").isEqualTo(Posted.json("{\"city\":\"Lisbon\"}"));
        assertThat(bazaar.path("schema").path("properties").path("input").path("properties").path("body")).isEqualTo(model.path("input_schema"));
    }

    @Test
    void anAgentCallsItAsAToolOfItsOwn() {
        node(HONEST);
        String arguments = "{\"city\":\"Lisbon\"}";

        JsonNode unpaid = Posted.tool(gateway, "call_weather", arguments, "{}");
        assertThat(unpaid.path("isError").asBoolean()).isTrue();
        ObjectNode offer = unpaid.path("structuredContent").path("accepts").path(0).deepCopy();
        assertThat(offer.path("amount").asLong()).isEqualTo(PRICE);
        String payment = Posted.v2(offer, Posted.transaction(offer, ground.wallet(USDC), ground.blockhash(), true));
        JsonNode result = Posted.tool(gateway, "call_weather", arguments, "{\"x402/payment\":" + Posted.decoded(payment) + "}");

        assertThat(result.path("isError").asBoolean(true)).as("%s", result).isFalse();
        String text = result.path("content").path(0).path("text").asText();
        assertThat(text).as("to the byte").isEqualTo(ScriptedNode.echo(arguments));
        assertThat(result.path("structuredContent").path("output")).isEqualTo(Posted.json(text));
        Receipt receipt = Receipt.decode(Base64.getDecoder().decode(result.path("structuredContent").path("nyxos").path("receipt").asText()));
        assertThat(receipt.outputHash()).isEqualTo(reply(text).hash());
        assertThat(receipt.promptCommitment()).isEqualTo(request(arguments).hash());
        assertThat(result.path("_meta").path("x402/payment-response").path("success").asBoolean()).isTrue();
    }

    @Test
    void aClientPaysNoMoreThanItAllows() {
        node(HONEST);
        var frugal = new ExactClient(Ground.url(gateway), ground.wallet(USDC), Ground.USDC, PRICE - 1);

        assertThatThrownBy(() -> frugal.call(CALL)).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("too_expensive"));
        assertThatThrownBy(() -> new ServiceCall("weather/../admin", request(BODY))).isInstanceOf(IllegalArgumentException.class);
    }
}
