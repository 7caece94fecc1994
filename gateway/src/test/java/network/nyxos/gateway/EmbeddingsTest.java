package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.EmbeddingCall;
import network.nyxos.gateway.client.EmbeddingReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.gateway.credit.BearerKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Texts as vectors: what they cost, how they are paid, who makes them, and what is not believed.
@Timeout(120)
class EmbeddingsTest extends WithGateway {
    private static final String EMBEDDINGS = "/v1/embeddings";
    private static final long USDC = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HONEST = ScriptedNode.Script.saying("Hello");
    /// `[CLS] hello world [SEP]`, three base units a token.
    private static final String INPUT = "hello world";
    private static final long PRICE = 12;

    private static String body(String input, String... more) {
        return "{\"model\":\"" + Ground.VECTORS + "\",\"input\":" + input + String.join("", List.of(more).stream().map(each -> "," + each).toList()) + "}";
    }

    private HttpResponse<String> paid(String body, Keypair wallet) {
        return paid(EMBEDDINGS, body, wallet);
    }

    private HttpResponse<String> paid(String body) {
        return paid(body, ground.wallet(USDC));
    }

    private static Embedding vector(JsonNode numbers) {
        var values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers.get(i).floatValue();
        }
        return Embedding.of(values);
    }

    private static Receipt receipt(JsonNode reply) {
        return Receipt.decode(Base64.getDecoder().decode(reply.path("nyxos").path("receipt").asText()));
    }

    @Test
    void theirPriceIsExactAndKnownBeforehand() {
        ScriptedNode node = node(HONEST);
        long vault = ground.vault();

        HttpResponse<String> challenge = Posted.post(gateway, EMBEDDINGS, body("\"" + INPUT + "\""));
        assertThat(Posted.exactOffer(challenge).path("amount").asLong()).isEqualTo(PRICE);
        assertThat(challenge.body()).contains("\"description\":\"Embeddings\"");
        HttpResponse<String> answer = paid(body("\"" + INPUT + "\""));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode reply = Posted.json(answer.body());
        assertThat(reply.path("object").asText()).isEqualTo("list");
        assertThat(reply.path("model").asText()).isEqualTo(Ground.VECTORS);
        assertThat(reply.path("usage")).isEqualTo(Posted.json("{\"prompt_tokens\":4,\"total_tokens\":4}"));
        assertThat(reply.path("data")).hasSize(1);
        assertThat(reply.path("data").path(0).path("object").asText()).isEqualTo("embedding");
        Embedding vector = vector(reply.path("data").path(0).path("embedding"));
        assertThat(vector).as("not a bit is lost on the way").isEqualTo(ScriptedNode.vector(INPUT));
        assertThat(reply.path("nyxos").path("charge").asLong()).isEqualTo(PRICE);
        assertThat(ground.vault() - vault).isEqualTo(PRICE);
        assertThat(answer.headers().firstValue("Nyxos-Routing").orElseThrow()).contains(node.key().toBase58());
        Receipt receipt = receipt(reply);
        assertThat(receipt.outputHash()).isEqualTo(Embedding.hash(List.of(vector)));
        assertThat(receipt.tokensIn()).isEqualTo(4);
        assertThat(receipt.tokensOut()).isZero();
        Assignment order = node.assigned().getLast().assignment().assignment();
        assertThat(order.maxOutput()).isZero();
        assertThat(order.ceiling()).isEqualTo(PRICE);
        assertThat(order.seed()).isZero();
        assertThat(order.sampler()).isEqualTo(Sampler.GREEDY);
        assertThat(order.constraints()).isEqualTo(Hash.ZERO);
        await().atMost(SOON).until(() -> ground.told(receipt.jobId()).stream().anyMatch(record -> record.outcome() == JobRecord.Outcome.COMPLETED));
    }

    @Test
    void manyInputsComeBackInTheirOrderAndAsBase64WhereThatIsAskedFor() {
        ScriptedNode node = node(HONEST);

        JsonNode reply = Posted.json(paid(body("[\"world\",\"hello hello\",\"worlds\"]", "\"encoding_format\":\"base64\"", "\"dimensions\":4", "\"user\":\"me\"")).body());

        assertThat(((WireMessage.Ask.Embed) node.assigned().getLast().ask()).request().inputs()).containsExactly("world", "hello hello", "worlds");
        assertThat(reply.path("data")).extracting(each -> each.path("index").asInt()).containsExactly(0, 1, 2);
        assertThat(reply.path("data")).extracting(each -> Embedding.decode(Base64.getDecoder().decode(each.path("embedding").asText())))
            .containsExactly(ScriptedNode.vector("world"), ScriptedNode.vector("hello hello"), ScriptedNode.vector("worlds"));
        assertThat(reply.path("usage").path("prompt_tokens").asInt()).isEqualTo(3 + 4 + 4);
    }

    @Test
    void everyWayToPayPaysForThem() {
        node(HONEST);
        String body = body("\"" + INPUT + "\"");
        EmbeddingCall call = EmbeddingCall.of(Ground.VECTORS, INPUT, "world");

        HttpResponse<String> challenge = Posted.post(gateway, EMBEDDINGS, body);
        ObjectNode v1 = (ObjectNode) Posted.json(challenge.body()).path("accepts").path(0);
        assertThat(v1.path("maxAmountRequired").asLong()).isEqualTo(PRICE);

        HttpResponse<String> byVersion1 = Posted.post(gateway, EMBEDDINGS, body, "X-PAYMENT", Posted.v1(Posted.transaction(Posted.exactOffer(challenge), ground.wallet(USDC), ground.blockhash(), true)));
        assertThat(byVersion1.statusCode()).as(byVersion1.body()).isEqualTo(200);
        assertThat(byVersion1.headers().firstValue("X-PAYMENT-RESPONSE")).isPresent();

        EmbeddingReply exact = new ExactClient(Ground.url(gateway), ground.wallet(USDC), Ground.USDC, 1_000).embed(call);
        assertThat(exact.vectors()).containsExactly(ScriptedNode.vector(INPUT), ScriptedNode.vector("world"));
        assertThat(exact.charge()).isEqualTo(21);
        assertThat(exact.tokens()).isEqualTo(7);
        assertThat(exact.transaction()).isPresent();

        Ground.Escrow escrow = ground.escrow(1_000);
        EscrowClient vouchers = EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), 1_000, SOON);
        assertThat(vouchers.embed(call).used()).hasValue(21);
        assertThat(vouchers.embed(EmbeddingCall.of(Ground.VECTORS, "hello")).used()).hasValue(30);
        assertThat(vouchers.balance().used()).isEqualTo(30);
        assertThat(vouchers.balance().reserved()).as("nothing is held above the charge").isZero();

        BearerKey key = BearerKey.generate();
        ground.escrow(ground.wallet(2 * PRICE), 2 * PRICE, key.session());
        await().atMost(SOON).until(() -> Posted.get(gateway, "/credits", "Authorization", "Bearer " + key.text()).body().contains("\"open\""));
        for (int i = 0; i < 2; i++) {
            assertThat(Posted.post(gateway, EMBEDDINGS, body, "Authorization", "Bearer " + key.text()).statusCode()).isEqualTo(200);
        }
        HttpResponse<String> spent = Posted.post(gateway, EMBEDDINGS, body, "Authorization", "Bearer " + key.text());
        assertThat(spent.statusCode()).isEqualTo(402);
        assertThat(Posted.code(spent)).isEqualTo("insufficient_quota");
    }

    @Test
    void aNamedPurchaseIsChargedOnceAndGivenAgainToTheByte() {
        ScriptedNode node = node(HONEST);

        boughtTwice(EMBEDDINGS, body("\"" + INPUT + "\""), PRICE);

        assertThat(node.assigned()).hasSize(1);
    }

    @Test
    void aClientSignsForNoMoreThanItsTextsCanCostAndBelievesNoReceiptOfOtherVectors() {
        node(HONEST);
        var frugal = new ExactClient(Ground.url(gateway), ground.wallet(USDC), Ground.USDC, PRICE - 1);
        assertThatThrownBy(() -> frugal.embed(EmbeddingCall.of(Ground.VECTORS, INPUT))).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("too_expensive"));
        assertThatThrownBy(() -> frugal.embed(EmbeddingCall.of(Ground.MODEL, INPUT))).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("unsupported_model"));
    }

    private void refused(String body, String code, String param, String... said) {
        HttpResponse<String> answer = Posted.post(gateway, EMBEDDINGS, body);
        JsonNode error = Posted.json(answer.body()).path("error");
        assertThat(answer.statusCode() / 100).as(answer.body()).isEqualTo(4);
        assertThat(error.path("code").asText()).as(answer.body()).isEqualTo(code);
        assertThat(error.path("param").asText()).as(answer.body()).isEqualTo(param);
        assertThat(List.of(said)).allSatisfy(each -> assertThat(error.path("message").asText()).contains(each));
    }

    @Test
    void whatCannotBeEmbeddedIsRefusedBeforeItIsPaidFor() {
        node(HONEST);

        refused("{\"model\":\"" + Ground.VECTORS + "\"}", "missing_required_parameter", "input");
        refused(body("\"\""), "empty_string", "input");
        refused(body("[]"), "empty_array", "input");
        refused(body("[\"a\",\"\"]"), "empty_string", "input[1]");
        refused(body("[\"a\",{}]"), "invalid_type", "input[1]");
        refused(body("7"), "invalid_type", "input");
        refused(body("[1,2,3]"), "unsupported_value", "input", "tokenizer", "check_embedding_ctx_length");
        refused(body("[[1,2],[3]]"), "unsupported_value", "input");
        refused(body("[" + "\"a\",".repeat(2_048) + "\"a\"]"), "array_above_max_length", "input");
        refused(body("\"hello hello hello hello hello hello hello\""), "context_length_exceeded", "input", "8 tokens", "input 0 has 9", "never cut");
    }

    @Test
    void whatTheModelCannotDoIsRefusedByName() {
        node(HONEST);

        refused(body("\"a\"", "\"dimensions\":3"), "unsupported_value", "dimensions", "have 4 numbers");
        refused(body("\"a\"", "\"dimensions\":0"), "integer_below_min_value", "dimensions");
        refused(body("\"a\"", "\"encoding_format\":\"int8\""), "invalid_value", "encoding_format");
        refused(body("\"a\"", "\"stream\":true"), "unsupported_parameter", "stream");
        refused(body("\"a\"", "\"temperature\":1"), "unknown_parameter", "temperature");
        refused(body("\"a\"", "\"peer_tier\":\"verified\""), "tier_unavailable", "peer_tier", "no replay can check");
        refused(body("\"a\"").replace(Ground.VECTORS, Ground.VECTORS + ":verified"), "tier_unavailable", "peer_tier");
        refused(body("\"a\"").replace(Ground.VECTORS, Ground.MODEL), "unsupported_model", "model", "continues chats");
        refused(body("\"a\"").replace(Ground.VECTORS, "none"), "model_not_found", "null");
        HttpResponse<String> chat = Posted.post(gateway, "/v1/chat/completions", "{\"model\":\"" + Ground.VECTORS + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
        assertThat(chat.statusCode()).isEqualTo(400);
        assertThat(Posted.code(chat)).isEqualTo("unsupported_model");
        assertThat(chat.body()).contains("/v1/embeddings");
    }

    @Test
    void whereNobodyMakesThemNothingIsPaid() {
        HttpResponse<String> answer = Posted.post(gateway, EMBEDDINGS, body("\"a\""));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(Posted.code(answer)).isEqualTo("no_node");
    }

    @Test
    void theModelIsListedWithWhatItMakes() {
        ScriptedNode node = node(HONEST);

        JsonNode model = Posted.json(Posted.get(gateway, "/v1/models/" + Ground.VECTORS).body());
        assertThat(model.path("kind").asText()).isEqualTo("embedding");
        assertThat(model.path("dimensions").asInt()).isEqualTo(Ground.DIMENSIONS);
        assertThat(model.path("context_length").asInt()).isEqualTo(Ground.VECTORS_CONTEXT);
        assertThat(model.has("default_max_tokens")).isFalse();
        assertThat(model.path("tiers").path("open").path("capacity").path("nodes").asInt()).isEqualTo(1);
        assertThat(model.path("tiers").path("open").path("pricing").path(0).path("per_million_in").asText()).isEqualTo("3000000");
        assertThat(model.path("tiers").has("verified")).isFalse();
        assertThat(Posted.json(Posted.get(gateway, "/v1/models/" + Ground.MODEL).body()).path("kind").asText()).isEqualTo("chat");
        JsonNode offered = Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").path(0);
        assertThat(offered.path("node").asText()).isEqualTo(node.key().toBase58());
        assertThat(offered.path("models").path(1).path("dimensions").asInt()).isEqualTo(Ground.DIMENSIONS);
        JsonNode forSale = Posted.json(Posted.get(gateway, "/discovery/resources").body()).path("items");
        assertThat(forSale).extracting(each -> each.path("resource").asText()).contains(Ground.url(gateway) + "/v1/chat/completions", Ground.url(gateway) + EMBEDDINGS);
    }

    private static UnaryOperator<List<Embedding>> last(Embedding other) {
        return vectors -> {
            var changed = new ArrayList<>(vectors);
            changed.set(changed.size() - 1, other);
            return changed;
        };
    }

    @Test
    void anotherNodeDoesWhatOneDidWrongly() {
        List<UnaryOperator<List<Embedding>>> wrongs = List.of(last(Embedding.of(new float[] {1, 2, 3})), last(Embedding.of(new float[] {1, 2, Float.NaN, 3})),
            last(Embedding.of(new float[] {1, 2, 3, Float.POSITIVE_INFINITY})), vectors -> vectors.subList(0, vectors.size() - 1), vectors -> {
                var more = new ArrayList<>(vectors);
                more.add(vectors.getFirst());
                return more;
            });
        ScriptedNode honest = node(HONEST);
        for (UnaryOperator<List<Embedding>> wrong : wrongs) {
            ScriptedNode liar = node(HONEST.embedding(wrong));
            String first = "\"provider\":{\"order\":[\"" + liar.key().toBase58() + "\",\"" + honest.key().toBase58() + "\"]}";

            HttpResponse<String> answer = paid(body("[\"hello\",\"world\"]", first));

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonNode reply = Posted.json(answer.body());
            assertThat(reply.path("data")).extracting(each -> vector(each.path("embedding"))).containsExactly(ScriptedNode.vector("hello"), ScriptedNode.vector("world"));
            assertThat(receipt(reply).node()).isEqualTo(honest.key());
            assertThat(reply.path("nyxos").path("routing").path(0).path("failed").asText()).isEqualTo("vector_invalid");
            liar.close();
        }
    }

    @Test
    void aNodeThatDiesInTheMiddleIsReplaced() {
        ScriptedNode dying = node(HONEST.dyingAfter(1));
        ScriptedNode honest = node(HONEST);
        String first = "\"provider\":{\"order\":[\"" + dying.key().toBase58() + "\",\"" + honest.key().toBase58() + "\"]}";

        JsonNode reply = Posted.json(paid(body("[\"hello\",\"world\"]", first)).body());

        assertThat(reply.path("data")).hasSize(2);
        assertThat(reply.path("nyxos").path("routing").path(0).path("failed").asText()).isEqualTo("node_lost");
    }

    @Test
    void whatNobodyDoesRightIsNotChargedFor() {
        node(HONEST.embedding(last(Embedding.of(new float[] {Float.NaN, 0, 0, 0}))));
        HttpResponse<String> answer = paid(body("\"hello\""));
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(Posted.code(answer)).isEqualTo("vector_invalid");
        Hash job = Hash.fromHex(Posted.json(answer.body()).path("error").path("job").asText());
        await().atMost(SOON).until(() -> ground.told(job).stream().anyMatch(record -> record.outcome() == JobRecord.Outcome.FAILED));
    }

    @Test
    void aReceiptOfOtherVectorsOrOtherCountsIsNotBelieved() {
        Ground.Escrow escrow = ground.escrow(1_000);
        EscrowClient vouchers = EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), 1_000, SOON);
        List<UnaryOperator<Receipt>> lies = List.of(
            r -> new Receipt(r.jobId(), r.node(), r.modelId(), r.engine(), r.tier(), r.seed(), r.sampler(), r.promptCommitment(), Hash.sha256(new byte[] {1}), r.tokensIn(), r.tokensOut(), r.mint(),
                r.charge(), r.finish(), r.traceRoot(), r.quoteHash(), r.assignmentHash(), r.startMs(), r.endMs()),
            r -> new Receipt(r.jobId(), r.node(), r.modelId(), r.engine(), r.tier(), r.seed(), r.sampler(), r.promptCommitment(), r.outputHash(), r.tokensIn() - 1, r.tokensOut(), r.mint(),
                r.charge() - 3, r.finish(), r.traceRoot(), r.quoteHash(), r.assignmentHash(), r.startMs(), r.endMs()));
        for (UnaryOperator<Receipt> lie : lies) {
            ScriptedNode liar = node(HONEST.lying(lie));
            assertThatThrownBy(() -> vouchers.embed(EmbeddingCall.of(Ground.VECTORS, "hello"))).isInstanceOfSatisfying(AgentException.class,
                e -> assertThat(e.code()).isEqualTo("receipt_invalid")).hasMessageContaining("nothing was charged");
            liar.close();
            await().atMost(SOON).until(() -> Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").isEmpty());
        }
        assertThat(vouchers.balance().used()).isZero();
        assertThat(vouchers.balance().spendable()).isEqualTo(1_000);
    }
}
