package network.nyxos.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.nvidia.Devices.Device;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.tdx.Quote;
import network.nyxos.attestation.tdx.QuoteBody;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplyOpener;
import network.nyxos.escrow.seal.SealingPublicKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.EmbeddingEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.HttpService;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.TokenSink;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.evidence.BoundGpuEvidence;
import network.nyxos.node.evidence.DevelopmentEvidence;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.link.LinkTiming;
import network.nyxos.node.outbox.UnsettledJobs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/** A node between a gateway and a relayer, over real sockets, with a real if tiny model. */
@Timeout(90)
class NodeServiceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** No peer here is silent of itself, and a busy machine is for seconds. */
    private static final LinkTiming QUICK = new LinkTiming(Duration.ofMillis(200), Duration.ofSeconds(20), Duration.ofMillis(20), Duration.ofMillis(100));
    private static final LinkTiming IMPATIENT = new LinkTiming(Duration.ofMillis(200), Duration.ofSeconds(2), Duration.ofMillis(20), Duration.ofMillis(100));
    private static final Sampler WARM = new Sampler(2_000_000, 1_000_000, 0);
    private static final Keypair MINT = Keypair.generate();
    private static final Keypair SESSION = Keypair.generate();
    private static final PublicKey ESCROW = Keypair.generate().publicKey();
    private static final Hash REQUEST = Hash.sha256(new byte[1]);
    private static final Price PRICE = new Price(100_000, 400_000);

    @TempDir
    private static Path models;
    private static Model model;

    @TempDir
    private Path data;
    private final TestPeer gateway = new TestPeer();
    private final TestPeer relayer = new TestPeer();
    private final NodeKeys keys = NodeKeys.of(Keypair.generate(), Keypair.generate()).withSealing(SealingSuite.X_WING);
    private final List<NodeService> started = new ArrayList<>();
    private final Map<Hash, PaymentRecord.ByVoucher> vouchers = new HashMap<>();
    private int jobs;

    @BeforeAll
    static void load() {
        model = Model.load(TinyModel.write(models, 43), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE));
    }

    @AfterAll
    static void unload() {
        model.close();
    }

    @AfterEach
    void close() {
        started.forEach(NodeService::close);
        gateway.close();
        relayer.close();
    }

    private NodeConfig.Builder config() {
        return NodeConfig.builder().gateway(gateway.uri(), gateway.key.publicKey()).relayer(relayer.uri(), relayer.key.publicKey())
                .tiers(Set.of(Tier.OPEN, Tier.VERIFIED)).data(data).price(MINT.publicKey(), PRICE).timing(QUICK).resend(Duration.ofMillis(300));
    }

    private NodeService start(NodeConfig config, Optional<EvidenceSource> evidence) {
        return start(config, evidence, new DeterministicEngine(model));
    }

    private NodeService start(NodeConfig config, Optional<EvidenceSource> evidence, Engine engine) {
        NodeService service = new NodeService(config, keys, List.of(engine), evidence, NodeEvents.NONE);
        started.add(service);
        service.start();
        return service;
    }

    private NodeService startLinked() throws InterruptedException {
        NodeService service = start(config().build(), Optional.empty());
        gateway.next("hello");
        relayer.until("hello");
        return service;
    }

    private static final PromptText TEXT = new PromptText(Hash.sha256(new byte[] {9}), List.of(new WireMessage.ChatMessage("user", "Say something")));
    /** The prompt alone. */
    private static final Constraints PROMPTED = new Constraints(List.of(), "", TEXT.hash());

    private Assignment order(Tier tier, Payment payment, int maxOutput, Duration deadline) {
        long now = System.currentTimeMillis();
        Hash nonce = Hash.domain("test-nonce", new byte[] {(byte) ++jobs});
        var voucher = new Voucher(ESCROW, 1_000_000, 0);
        var words = new PaymentRecord.ByVoucher(voucher, voucher.sign(SESSION), nonce, new RequestBinding(ESCROW, 1_000_000, nonce, REQUEST).sign(SESSION), MINT.publicKey());
        Hash job = payment == Payment.VOUCHER ? words.jobId() : nonce;
        vouchers.put(job, words);
        return new Assignment(job, gateway.key.publicKey(), keys.node().publicKey(), Hash.fromHex(model.card().id()), tier, 0, maxOutput, MINT.publicKey(), PRICE,
                PRICE.ceiling(List.of("Say something"), maxOutput), payment, REQUEST, 7, WARM, PROMPTED.hash(), Hash.ZERO, now, now + deadline.toMillis());
    }

    private JsonNode words(Assignment order) {
        try {
            return JSON.readTree(vouchers.get(order.jobId()).encode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ObjectNode assign(SignedAssignment signed, int maxTokens) {
        return assign(signed, maxTokens, PROMPTED);
    }

    private ObjectNode assign(SignedAssignment signed, int maxTokens, Constraints constraints) {
        ObjectNode frame = JSON.createObjectNode().put("type", "assign").put("job", signed.assignment().jobId().hex())
                .put("assignment", Base64.getEncoder().encodeToString(signed.assignment().encode())).put("signature", signed.signature().base64());
        if (signed.assignment().payment() == Payment.VOUCHER) {
            frame.set("payment", words(signed.assignment()));
        }
        ObjectNode request = frame.putObject("request").put("maxTokens", maxTokens).put("format", constraints.format()).put("nonce", TEXT.nonce().hex());
        request.putArray("messages").addObject().put("role", "user").put("content", "Say something");
        request.putArray("stop").addAll(constraints.stop().stream().map(JSON.getNodeFactory()::textNode).toList());
        return frame;
    }

    private record Served(List<JsonNode> deltas, JsonNode done) {
        String text() {
            return String.join("", deltas.stream().map(delta -> delta.path("text").asText()).toList());
        }

        SignedReceipt receipt() {
            return new SignedReceipt(Receipt.decode(Base64.getDecoder().decode(done.path("receipt").asText())), Signature.fromBase64(done.path("signature").asText()));
        }
    }

    private Served serve(Assignment order, int maxTokens) throws InterruptedException {
        return serve(order, maxTokens, PROMPTED);
    }

    private Served serve(Assignment order, int maxTokens, Constraints constraints) throws InterruptedException {
        gateway.send(assign(order.sign(gateway.key), maxTokens, constraints));
        return served();
    }

    private Served served() throws InterruptedException {
        gateway.next("accepted");
        List<JsonNode> deltas = new ArrayList<>();
        while (true) {
            JsonNode frame = gateway.frames.take();
            if (!frame.path("type").asText().equals("delta")) {
                assertThat(frame.path("type").asText()).as("%s", frame).isEqualTo("done");
                return new Served(deltas, frame);
            }
            deltas.add(frame);
        }
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }

    private void record(Hash job) {
        relayer.send(JSON.createObjectNode().put("type", "recorded").put("job", job.hex()).put("state", "executed"));
    }

    private List<Path> outbox() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("outbox"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void introducesItself() throws InterruptedException {
        start(config().capacity(3).build(), Optional.empty());
        JsonNode hello = gateway.next("hello");
        assertThat(hello.path("node").asText()).isEqualTo(keys.node().publicKey().toBase58());
        assertThat(hello.path("tiers")).hasToString("[\"open\",\"verified\"]");
        assertThat(hello.path("capacity").asInt()).isEqualTo(3);
        assertThat(hello.path("models").get(0).path("id").asText()).isEqualTo(model.card().id());
        assertThat(hello.path("models").get(0).path("deterministic").asBoolean()).isTrue();
    }

    @Test
    void streamsAJobAndSignsItsReceipt() throws Exception {
        NodeService service = startLinked();
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 20, Duration.ofMinutes(1));
        Served served = serve(order, 12);
        assertThat(served.deltas()).isNotEmpty();
        for (int i = 0; i < served.deltas().size(); i++) {
            assertThat(served.deltas().get(i).path("index").asInt()).isEqualTo(i);
        }
        Receipt receipt = served.receipt().receipt();
        assertThat(served.receipt().verify(keys.receipt().publicKey())).isTrue();
        assertThat(receipt.assignmentHash()).isEqualTo(order.digest());
        assertThat(receipt.tokensOut()).isEqualTo(12).isEqualTo(served.done().path("tokensOut").asInt());
        assertThat(receipt.finish()).isEqualTo(Finish.LENGTH);
        assertThat(receipt.charge()).isEqualTo(PRICE.charge(receipt.tokensIn(), 12)).isLessThan(order.ceiling());
        assertThat(receipt.quoteHash().isZero()).isTrue();

        JsonNode sent = relayer.next("receipt");
        assertThat(sent.path("receipt")).isEqualTo(served.done().path("receipt"));
        assertThat(Assignment.decode(Base64.getDecoder().decode(sent.path("assignment").asText()))).isEqualTo(order);
        record(order.jobId());
        await().until(() -> service.status().waiting() == 0);
        assertThat(outbox()).isEmpty();
    }

    private static final ServiceBody ASKED = ServiceBody.request("{\"city\": \"Lisbon\"}".getBytes(StandardCharsets.UTF_8));

    /** Two numbers of each text; a token a character. */
    private static final class Lengths implements EmbeddingEngine {
        @Override
        public ModelCard model() {
            return new ModelCard("cd".repeat(32), "lengths", "lengths-v1", 16, false, new ModelKind.Embedding(2));
        }

        @Override
        public long tokensAtMost(List<String> inputs) {
            if (inputs.stream().anyMatch(input -> input.length() > 16)) {
                throw new EngineException(EngineException.Code.CONTEXT_EXCEEDED, "too long");
            }
            return inputs.stream().mapToLong(String::length).sum();
        }

        @Override
        public Embedded embed(List<String> inputs, Consumer<Embedding> sink, Cancellation cancellation) {
            List<Embedding> vectors = inputs.stream().map(input -> Embedding.of(new float[] {input.length(), 1})).toList();
            vectors.forEach(sink);
            return new Embedded(inputs.stream().flatMapToInt(String::chars).toArray(), (int) tokensAtMost(inputs), vectors);
        }

        @Override
        public void close() {
        }
    }

    private Assignment embedding(Tier tier, Price price, long ceiling) {
        Assignment a = order(tier, Payment.EXACT, 1, Duration.ofMinutes(1));
        return new Assignment(a.jobId(), a.gateway(), a.node(), Hash.fromHex(new Lengths().model().id()), tier, 0, 0, a.mint(), price, ceiling, a.payment(), a.requestHash(), 0, Sampler.GREEDY, Hash.ZERO,
                a.routing(), a.issuedMs(), a.deadlineMs());
    }

    private void embed(Assignment order, String... inputs) throws IOException {
        gateway.send((ObjectNode) JSON.readTree(WireCodec.encode(new WireMessage.Assign(order.jobId(), order.sign(gateway.key), Optional.empty(),
                new WireMessage.Ask.Embed(new WireMessage.EmbeddingRequest(List.of(inputs)))))));
    }

    private String rejectedEmbedding(Assignment order, String... inputs) throws Exception {
        embed(order, inputs);
        return gateway.next("rejected").path("code").asText();
    }

    @Test
    void makesVectorsBesideChatsAtAPriceOfTheirOwn() throws Exception {
        Price price = new Price(2_000_000, 0);
        NodeService service = new NodeService(config().embeddingPrice(MINT.publicKey(), 2_000_000).build(), keys, List.of(new DeterministicEngine(model), new Lengths()), Optional.empty(), NodeEvents.NONE);
        started.add(service);
        service.start();
        assertThat(gateway.next("hello").path("models").get(1).path("dimensions").asInt()).isEqualTo(2);
        relayer.until("hello");

        Assignment order = embedding(Tier.OPEN, price, 14);
        embed(order, "hello", "hi");
        gateway.next("accepted");
        JsonNode first = gateway.next("vector");
        assertThat(first.path("index").asInt()).isZero();
        List<Embedding> vectors = List.of(Embedding.of(new float[] {5, 1}), Embedding.of(new float[] {2, 1}));
        assertThat(first.path("vector").asText()).isEqualTo(Base64.getEncoder().encodeToString(vectors.getFirst().encode()));
        assertThat(gateway.next("vector").path("index").asInt()).isEqualTo(1);
        Receipt receipt = new Served(List.of(), gateway.next("done")).receipt().receipt();
        assertThat(receipt.outputHash()).isEqualTo(Embedding.hash(vectors));
        assertThat(receipt.tokensIn()).isEqualTo(7);
        assertThat(receipt.tokensOut()).isZero();
        assertThat(receipt.charge()).isEqualTo(14);
        assertThat(receipt.traceRoot()).isEqualTo(Hash.ZERO);
        assertThat(relayer.next("receipt").path("receipt").asText()).isEqualTo(Base64.getEncoder().encodeToString(receipt.encode()));
        relayer.send(JSON.createObjectNode().put("type", "reveal").put("job", order.jobId().hex()));
        assertThat(ids(relayer.next("revealed").path("promptIds"))).as("of all inputs, one after another").isEqualTo("hellohi".chars().toArray());

        assertThat(serve(order(Tier.OPEN, Payment.EXACT, 5, Duration.ofMinutes(1)), 5).receipt().receipt().tokensOut()).as("and chats are what they were").isPositive();
        assertThat(rejectedEmbedding(embedding(Tier.OPEN, new Price(1_999_999, 0), 100), "hello")).isEqualTo("price_too_low");
        assertThat(rejectedEmbedding(embedding(Tier.OPEN, price, 13), "hello", "hi")).isEqualTo("ceiling_too_low");
        assertThat(rejectedEmbedding(embedding(Tier.VERIFIED, price, 100), "hello")).isEqualTo("tier_unserved");
        assertThat(rejectedEmbedding(embedding(Tier.OPEN, price, 100), "x".repeat(17))).isEqualTo("context_exceeded");
        assertThat(rejectedEmbedding(with(order(Tier.OPEN, Payment.EXACT, 5, Duration.ofMinutes(1)), Constraints.NONE), "hello")).as("a chat's model").isEqualTo("job_kind");
        gateway.send(assign(with(embedding(Tier.OPEN, price, 100_000), PROMPTED).sign(gateway.key), 1));
        assertThat(gateway.next("rejected").path("code").asText()).as("a chat with a model that makes vectors").isEqualTo("job_kind");
    }

    private Served serveChoices(Assignment order, int choices, int maxTokens) throws InterruptedException {
        gateway.send(assignChoices(order.sign(gateway.key), choices, maxTokens));
        return served();
    }

    private ObjectNode assignChoices(SignedAssignment signed, int choices, int maxTokens) {
        ObjectNode frame = assign(signed, maxTokens);
        frame.withObject("/request").put("choices", choices);
        return frame;
    }

    private static List<ReplyChoice> choices(Served served) {
        return StreamSupport.stream(served.done().path("choices").spliterator(), false)
                .map(each -> new ReplyChoice(Hash.fromHex(each.path("output").asText()), Finish.ofWireName(each.path("finish").asText()), each.path("tokens").asInt())).toList();
    }

    private static String text(Served served, int choice) {
        return String.join("", served.deltas().stream().filter(delta -> delta.path("choice").asInt() == choice).map(delta -> delta.path("text").asText()).toList());
    }

    private static Assignment drawn(Assignment a, Sampler sampler, long seed) {
        return new Assignment(a.jobId(), a.gateway(), a.node(), a.modelId(), a.tier(), a.attempt(), a.maxOutput(), a.mint(), a.price(), a.ceiling(), a.payment(), a.requestHash(), seed, sampler,
                a.constraints(), a.routing(), a.issuedMs(), a.deadlineMs());
    }

    @Test
    void severalChoicesAreOneJobWithOneReceiptOverAllOfThem() throws Exception {
        NodeService service = startLinked();
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 36, Duration.ofMinutes(1));
        Served three = serveChoices(order, 3, 12);
        for (int i = 0; i < three.deltas().size(); i++) {
            assertThat(three.deltas().get(i).path("index").asInt()).as("one count for all choices").isEqualTo(i);
        }
        List<ReplyChoice> choices = choices(three);
        Receipt receipt = three.receipt().receipt();
        assertThat(choices).hasSize(3);
        assertThat(receipt.outputHash()).isEqualTo(ReplyChoice.hash(choices));
        assertThat(receipt.tokensOut()).isEqualTo(choices.stream().mapToInt(ReplyChoice::tokens).sum()).isLessThanOrEqualTo(order.maxOutput());
        assertThat(receipt.traceRoot()).as("a trace is of one sequence").isEqualTo(Hash.ZERO);
        assertThat(receipt.finish()).isEqualTo(ReplyChoice.finish(choices));

        // Each is what a job of one choice says by that choice's seed; the first by the job's own.
        for (int choice = 0; choice < 3; choice++) {
            Served alone = serve(drawn(order(Tier.OPEN, Payment.VOUCHER, 12, Duration.ofMinutes(1)), WARM, ReplyChoice.seed(order.seed(), choice)), 12);
            Receipt one = alone.receipt().receipt();
            assertThat(text(three, choice)).isEqualTo(alone.text());
            assertThat(choices.get(choice)).isEqualTo(new ReplyChoice(one.outputHash(), one.finish(), one.tokensOut()));
            assertThat(alone.done().has("choices")).isFalse();
            assertThat(receipt.tokensIn()).as("the prompt is counted once").isEqualTo(one.tokensIn());
        }
        assertThat(List.of(text(three, 0), text(three, 1), text(three, 2))).doesNotHaveDuplicates();
        assertThat(receipt.charge()).isEqualTo(PRICE.charge(receipt.tokensIn(), receipt.tokensOut())).isLessThanOrEqualTo(order.ceiling());
        assertThat(unsettled().stream().filter(kept -> kept.assignment().assignment().equals(order)).findFirst().orElseThrow().payment().direct(SESSION.publicKey(), order.sign(gateway.key),
                three.receipt()).jobId()).as("and can be settled by the node itself").isEqualTo(order.jobId());

        Served greedy = serveChoices(drawn(order(Tier.OPEN, Payment.EXACT, 8, Duration.ofMinutes(1)), Sampler.GREEDY, 7), 2, 4);
        assertThat(text(greedy, 0)).as("the likeliest is the same every time").isEqualTo(text(greedy, 1)).isNotEmpty();
        record(order.jobId());
        relayer.send(JSON.createObjectNode().put("type", "reveal").put("job", order.jobId().hex()));
        assertThat(relayer.until("failed").path("code").asText()).as("nobody replays several choices").isEqualTo("not_revealable");
        assertThat(service.status().running()).isZero();
    }

    @Test
    void choicesThatWereNotBegunWhenTheClientLeftCostNothing() throws Exception {
        startHanging(1);
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 15, Duration.ofMinutes(1));
        gateway.send(assignChoices(order.sign(gateway.key), 3, 5));
        gateway.next("accepted");
        gateway.next("delta");
        gateway.send(JSON.createObjectNode().put("type", "cancel").put("job", order.jobId().hex()));
        var done = new Served(List.of(), gateway.next("done"));
        ReplyChoice never = new ReplyChoice(TokenHash.output(new int[0]), Finish.CANCELLED, 0);
        assertThat(choices(done)).containsExactly(new ReplyChoice(TokenHash.output(new int[] {3}), Finish.CANCELLED, 1), never, never);
        assertThat(done.receipt().receipt().finish()).isEqualTo(Finish.CANCELLED);
        assertThat(done.receipt().receipt().charge()).isEqualTo(PRICE.charge(1, 1));
    }

    @Test
    void takesNoMoreChoicesThanTheAssignmentsOutputAndItsCeilingPayForAndOneOfAVerifiedJob() throws Exception {
        startLinked();
        Assignment good = order(Tier.OPEN, Payment.VOUCHER, 12, Duration.ofMinutes(1));
        Map<ObjectNode, String> orders = new HashMap<>();
        orders.put(assignChoices(good.sign(gateway.key), 3, 5), "max_tokens_range");
        orders.put(assignChoices(good.sign(gateway.key), 8, Integer.MAX_VALUE), "max_tokens_range");
        orders.put(assignChoices(with(good, good.node(), good.modelId(), good.tier(), PRICE.ceiling(List.of("Say something"), 4), good.price(), good.deadlineMs()), 3, 4), "ceiling_too_low");
        orders.put(assignChoices(order(Tier.VERIFIED, Payment.VOUCHER, 10, Duration.ofMinutes(1)).sign(gateway.key), 2, 5), "choices_unsupported");
        for (Map.Entry<ObjectNode, String> entry : orders.entrySet()) {
            gateway.send(entry.getKey());
            assertThat(gateway.next("rejected").path("code").asText()).isEqualTo(entry.getValue());
        }
        assertThat(serveChoices(good, 3, 4).receipt().receipt().tokensOut()).isLessThanOrEqualTo(12);
    }

    private Assignment ofService(Tier tier, long price, long ceiling) {
        Assignment a = order(tier, Payment.EXACT, 1, Duration.ofMinutes(1));
        return new Assignment(a.jobId(), a.gateway(), a.node(), ModelId.ofService("weather"), tier, 0, 1, a.mint(), Price.ofCall(price), ceiling, a.payment(), a.requestHash(), 0, Sampler.GREEDY,
                Hash.ZERO, a.routing(), a.issuedMs(), a.deadlineMs());
    }

    private void call(Assignment order) throws IOException {
        gateway.send((ObjectNode) JSON.readTree(WireCodec.encode(new WireMessage.Assign(order.jobId(), order.sign(gateway.key), Optional.empty(), new WireMessage.Ask.Call(ASKED)))));
    }

    private String rejectedCall(Assignment order) throws Exception {
        call(order);
        return gateway.next("rejected").path("code").asText();
    }

    @Test
    void sellsAnAgentsOwnServiceForAPriceACall() throws Exception {
        var status = new AtomicInteger(200);
        HttpServer agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        agent.createContext("/forecast", exchange -> {
            byte[] said = exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status.get(), said.length);
            exchange.getResponseBody().write(said);
            exchange.close();
        });
        agent.start();
        var weather = new HttpService("weather", URI.create("http://127.0.0.1:" + agent.getAddress().getPort() + "/forecast"), Duration.ofSeconds(20), 1_000);
        try (weather) {
            NodeService service = new NodeService(config().servicePrice("weather", MINT.publicKey(), 2_500).build(), keys, List.of(new DeterministicEngine(model), weather), Optional.empty(), NodeEvents.NONE);
            started.add(service);
            service.start();
            assertThat(gateway.next("hello").path("models").get(1).path("service").asBoolean()).isTrue();
            relayer.until("hello");

            Assignment order = ofService(Tier.OPEN, 2_500, 2_500);
            call(order);
            gateway.next("accepted");
            assertThat(gateway.next("output").path("body").asText()).isEqualTo(Base64.getEncoder().encodeToString(ASKED.bytes()));
            Receipt receipt = new Served(List.of(), gateway.next("done")).receipt().receipt();
            assertThat(receipt.promptCommitment()).isEqualTo(ASKED.hash());
            assertThat(receipt.outputHash()).isEqualTo(ServiceBody.reply(ASKED.bytes()).hash());
            assertThat(receipt.tokensIn()).isZero();
            assertThat(receipt.tokensOut()).isEqualTo(1);
            assertThat(receipt.charge()).isEqualTo(2_500);
            assertThat(relayer.next("receipt").path("receipt").asText()).isEqualTo(Base64.getEncoder().encodeToString(receipt.encode()));

            assertThat(rejectedCall(ofService(Tier.OPEN, 2_499, 2_500))).isEqualTo("price_too_low");
            assertThat(rejectedCall(ofService(Tier.OPEN, 2_500, 2_499))).isEqualTo("ceiling_too_low");
            assertThat(rejectedCall(ofService(Tier.VERIFIED, 2_500, 2_500))).isEqualTo("tier_unserved");
            assertThat(rejectedCall(with(order(Tier.OPEN, Payment.EXACT, 5, Duration.ofMinutes(1)), Constraints.NONE))).as("a chat's model").isEqualTo("job_kind");
            gateway.send(assign(with(ofService(Tier.OPEN, 100_000, 100_000), PROMPTED).sign(gateway.key), 1));
            assertThat(gateway.next("rejected").path("code").asText()).as("a chat with a service").isEqualTo("job_kind");

            status.set(503);
            call(ofService(Tier.OPEN, 2_500, 2_500));
            gateway.next("accepted");
            assertThat(gateway.next("failed").path("code").asText()).as("without a receipt").isEqualTo("service_failed");
            assertThat(serve(order(Tier.OPEN, Payment.EXACT, 5, Duration.ofMinutes(1)), 5).receipt().receipt().tokensOut()).as("and chats are what they were").isPositive();
        } finally {
            agent.stop(0);
        }
    }

    private List<UnsettledJobs.Entry> unsettled() throws IOException {
        return UnsettledJobs.in(data.resolve(NodeService.UNSETTLED));
    }

    private void state(Hash job, String state) {
        relayer.send(JSON.createObjectNode().put("type", "state").put("job", job.hex()).put("state", state).put("reason", ""));
    }

    @Test
    void whatSettlesAVoucherJobIsKeptUntilItsCreditIsFinal() throws Exception {
        NodeService service = startLinked();
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        SignedReceipt receipt = serve(order, 5).receipt();
        relayer.next("receipt");
        record(order.jobId());
        await().until(() -> service.status().waiting() == 0);
        UnsettledJobs.Entry kept = unsettled().getFirst();
        assertThat(kept).isEqualTo(new UnsettledJobs.Entry(vouchers.get(order.jobId()), order.sign(gateway.key), receipt, false));
        // What the program asks for is all there, and about one job.
        assertThat(kept.payment().direct(SESSION.publicKey(), kept.assignment(), kept.receipt()).jobId()).isEqualTo(order.jobId());

        state(order.jobId(), "batched");
        await().until(() -> unsettled().getFirst().batched());
        service.close();
        startLinked();
        assertThat(relayer.next("receipt").path("receipt").asText()).as("after a restart its state is asked for").isEqualTo(Base64.getEncoder().encodeToString(receipt.receipt().encode()));
        relayer.send(JSON.createObjectNode().put("type", "recorded").put("job", order.jobId().hex()).put("state", "verified"));
        await().until(() -> !unsettled().getFirst().batched());
        state(order.jobId(), "final");
        await().until(() -> unsettled().isEmpty());
    }

    @Test
    void aVoucherJobWithoutThePayersWordsIsNotTaken() throws Exception {
        startLinked();
        ObjectNode frame = assign(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1)).sign(gateway.key), 5);
        frame.remove("payment");
        gateway.send(frame);
        assertThat(gateway.next("rejected").path("code").asText()).isEqualTo("voucher_missing");
        assertThat(unsettled()).isEmpty();
    }

    @Test
    void aSealedPromptIsReadHereAndAnsweredSealed() throws Exception {
        start(config().build(), Optional.empty());
        SealingPublicKey sealing = TestPeer.sealing(gateway.next("hello"));
        relayer.next("hello");
        Assignment order = with(order(Tier.OPEN, Payment.VOUCHER, 12, Duration.ofMinutes(1)), Constraints.NONE);
        var request = new WireMessage.ChatRequest(List.of(new WireMessage.ChatMessage("user", "Say something")), 12, Constraints.NONE);
        PromptSeal.Sealed sealed = PromptSeal.seal(sealing, PromptTerms.of(order), WireCodec.encodeRequest(request));
        gateway.send((ObjectNode) JSON.readTree(WireCodec.encode(new WireMessage.Assign(order.jobId(), order.sign(gateway.key), Optional.of(vouchers.get(order.jobId())), new WireMessage.Ask.Sealed(sealed.prompt())))));

        Served served = served();
        ReplyOpener opener = sealed.reply().opener();
        var text = new ByteArrayOutputStream();
        served.text().lines().forEach(line -> text.writeBytes(opener.open(Base64.getDecoder().decode(line))));
        assertThat(opener.isWhole()).isTrue();
        assertThat(served.receipt().receipt().tokensOut()).isEqualTo(12);

        relayer.next("receipt");
        record(order.jobId());
        relayer.send(JSON.createObjectNode().put("type", "reveal").put("job", order.jobId().hex()));
        assertThat(relayer.next("failed").path("job").asText()).as("nothing sealed is revealed").isEqualTo(order.jobId().hex());

        Assignment clear = order(Tier.OPEN, Payment.VOUCHER, 12, Duration.ofMinutes(1));
        assertThat(text.toString(StandardCharsets.UTF_8)).as("the same words as in the clear").isEqualTo(serve(clear, 12).text());
    }

    @Test
    void aBrokenSealIsRejectedByName() throws Exception {
        start(config().build(), Optional.empty());
        SealingPublicKey sealing = TestPeer.sealing(gateway.next("hello"));
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 12, Duration.ofMinutes(1));
        Assignment other = order(Tier.OPEN, Payment.VOUCHER, 13, Duration.ofMinutes(1));
        PromptSeal.Sealed sealed = PromptSeal.seal(sealing, PromptTerms.of(other), new byte[2]);
        gateway.send((ObjectNode) JSON.readTree(WireCodec.encode(new WireMessage.Assign(order.jobId(), order.sign(gateway.key), Optional.of(vouchers.get(order.jobId())), new WireMessage.Ask.Sealed(sealed.prompt())))));
        assertThat(gateway.next("rejected").path("code").asText()).isEqualTo("seal_broken");
    }

    @Test
    void anExactPaymentIsChargedItsCeiling() throws Exception {
        startLinked();
        Assignment order = order(Tier.OPEN, Payment.EXACT, 5, Duration.ofMinutes(1));
        assertThat(serve(order, 5).receipt().receipt().charge()).isEqualTo(order.ceiling());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"schema\":{\"items\":{\"enum\":[\"yes\",\"no\"]},\"type\":\"array\"},\"type\":\"json_schema\"}"})
    void opensItsReceiptAndAnotherNodeReplaysIt(String format) throws Exception {
        startLinked();
        var constraints = new Constraints(format.isEmpty() ? List.of("no such words in a test") : List.of(), format, TEXT.hash());
        Assignment order = with(order(Tier.VERIFIED, Payment.VOUCHER, 20, Duration.ofMinutes(1)), constraints);
        Receipt receipt = serve(order, 20, constraints).receipt().receipt();
        relayer.next("receipt");
        record(order.jobId());
        relayer.send(JSON.createObjectNode().put("type", "reveal").put("job", order.jobId().hex()));
        JsonNode revealed = relayer.next("revealed");
        int[] prompt = ids(revealed.path("promptIds"));
        int[] output = ids(revealed.path("outputIds"));
        assertThat(TokenHash.prompt(Hash.fromHex(revealed.path("salt").asText()), prompt)).isEqualTo(receipt.promptCommitment());
        assertThat(TokenHash.output(output)).isEqualTo(receipt.outputHash());
        ReplayRequest again = new ReplayRequest(prompt, new Sampling(WARM.temperatureMicro(), WARM.topPMicro(), WARM.topK()), order.seed(), output.length, List.of(), format);
        Trace trace = new DeterministicEngine(model).replay(again, new Cancellation()).trace().orElseThrow();
        assertThat(receipt.traceRoot()).isEqualTo(trace.commitment(Hash.fromHex(revealed.path("salt").asText()))).isNotEqualTo(trace.root());

        ObjectNode replay = JSON.createObjectNode().put("type", "replay").put("id", order.jobId().hex()).put("model", model.card().id())
                .put("engine", "nyx-int8-v1").put("seed", Long.toUnsignedString(order.seed())).put("maxTokens", order.maxOutput());
        replay.set("promptIds", revealed.path("promptIds"));
        replay.putObject("sampler").put("temperatureMicro", WARM.temperatureMicro()).put("topPMicro", WARM.topPMicro()).put("topK", WARM.topK());
        replay.set("constraints", revealed.path("constraints"));
        replay.set("text", revealed.path("text"));
        replay.set("salt", revealed.path("salt"));
        relayer.send(replay);
        JsonNode replayed = relayer.next("replayed");
        assertThat(ids(replayed.path("outputIds"))).isEqualTo(output);
        assertThat(replayed.path("traceRoot").asText()).isEqualTo(receipt.traceRoot().hex());
        Hash given = Digests.replayOrder(Hash.fromHex(revealed.path("salt").asText()), order.modelId(), "nyx-int8-v1", prompt, order.seed(), order.sampler(),
                order.maxOutput(), constraints);
        Hash statement = Hash.domain("nyxos:replay:v2", order.jobId().bytes(), given.bytes(), receipt.outputHash().bytes(), receipt.traceRoot().bytes(),
                new byte[] {(byte) receipt.finish().code()});
        assertThat(Ed25519.fastest().verify(keys.receipt().publicKey(), statement.bytes(), Signature.fromBase64(replayed.path("signature").asText()))).isTrue();

        assertThat(WireCodec.decode(revealed.toString())).isInstanceOfSatisfying(WireMessage.Revealed.class, said -> assertThat(said.text()).isEqualTo(TEXT));
        replay.putArray("promptIds").add(prompt[0]);
        relayer.send(replay);
        JsonNode begunAtTheText = relayer.next("replayed");
        assertThat(ids(begunAtTheText.path("outputIds"))).as("whatever the ids are said to be").isEqualTo(output);
        assertThat(begunAtTheText.path("traceRoot").asText()).isEqualTo(receipt.traceRoot().hex());
        assertThat(begunAtTheText.path("signature").asText()).as("the statement names what was given").isNotEqualTo(replayed.path("signature").asText());

        replay.put("engine", "other");
        relayer.send(replay);
        assertThat(relayer.next("failed").path("code").asText()).isEqualTo("replay_unsupported");
        relayer.send(JSON.createObjectNode().put("type", "state").put("job", order.jobId().hex()).put("state", "batched").put("reason", ""));
        relayer.send(JSON.createObjectNode().put("type", "reveal").put("job", order.jobId().hex()));
        assertThat(relayer.next("failed").path("code").asText()).isEqualTo("not_revealable");
    }

    @Test
    void aNodeWithoutAnAccusersWalletSaysThatItOpensNoDisputes() throws Exception {
        startLinked();
        Assignment order = order(Tier.VERIFIED, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        serve(order, 5);
        ObjectNode accuse = ((ObjectNode) relayer.next("receipt")).deepCopy().put("type", "accuse").put("job", order.jobId().hex()).put("salt", Hash.ZERO.hex());
        accuse.putArray("promptIds").add(1);
        accuse.putArray("outputIds").add(2);
        accuse.putObject("constraints").putArray("stop");
        relayer.send(accuse);
        assertThat(relayer.next("failed").path("code").asText()).isEqualTo("accuse_off");
    }

    @Test
    void aFormIsHeldToOrNotTaken() throws Exception {
        Constraints formed = new Constraints(List.of(), "{\"type\":\"json_object\"}", TEXT.hash());
        Constraints nonsense = new Constraints(List.of(), "a poem", TEXT.hash());
        NodeService able = startLinked();
        Assignment good = order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1));

        assertThat(serve(with(good, formed), 5, formed).text()).startsWith("{");
        gateway.send(assign(with(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1)), nonsense).sign(gateway.key), 5, nonsense));
        gateway.next("accepted");
        assertThat(gateway.next("failed").path("code").asText()).isEqualTo("invalid_request");
        able.close();
        start(config().build(), Optional.empty(), new HangingEngine());
        assertThat(gateway.next("hello").path("models").get(0).path("formats").asBoolean(true)).isFalse();
        gateway.send(assign(with(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1)), formed).sign(gateway.key), 5, formed));
        assertThat(gateway.next("rejected").path("code").asText()).isEqualTo("format_unsupported");
    }

    @Test
    void refusesWhatItShouldNotDoAndOverlooksWhatItCannotRead() throws Exception {
        startLinked();
        Assignment good = order(Tier.OPEN, Payment.VOUCHER, 20, Duration.ofMinutes(1));
        Map<ObjectNode, String> orders = new HashMap<>();
        Keypair stranger = Keypair.generate();
        orders.put(assign(new SignedAssignment(good, stranger.sign(good.digest())), 5), "assignment_signature");
        Assignment foreign = new Assignment(good.jobId(), stranger.publicKey(), good.node(), good.modelId(), good.tier(), 0, 20, good.mint(), good.price(),
                good.ceiling(), good.payment(), good.requestHash(), 7, WARM, Hash.ZERO, Hash.ZERO, good.issuedMs(), good.deadlineMs());
        orders.put(assign(foreign.sign(stranger), 5), "gateway_unknown");
        orders.put(assign(with(good, stranger.publicKey(), good.modelId(), good.tier(), good.ceiling(), good.price(), good.deadlineMs()), 5), "assignment_node");
        orders.put(assign(with(good, good.node(), Hash.ZERO, good.tier(), good.ceiling(), good.price(), good.deadlineMs()), 5), "model_unknown");
        orders.put(assign(with(good, good.node(), good.modelId(), Tier.CONFIDENTIAL, good.ceiling(), good.price(), good.deadlineMs()), 5), "tier_unserved");
        orders.put(assign(with(good, good.node(), good.modelId(), good.tier(), 1, good.price(), good.deadlineMs()), 5), "ceiling_too_low");
        orders.put(assign(with(good, good.node(), good.modelId(), good.tier(), good.ceiling(), new Price(1, 1), good.deadlineMs()), 5), "price_too_low");
        orders.put(assign(with(good, good.node(), good.modelId(), good.tier(), good.ceiling(), good.price(), good.issuedMs() - 1), 5), "deadline_passed");
        orders.put(assign(good.sign(gateway.key), 21), "max_tokens_range");
        var ending = new Constraints(List.of("END"), "", TEXT.hash());
        orders.put(assign(good.sign(gateway.key), 5, ending), "constraints_mismatch");
        orders.put(assign(with(good, ending).sign(gateway.key), 5), "constraints_mismatch");
        ObjectNode otherNonce = assign(good.sign(gateway.key), 5);
        ((ObjectNode) otherNonce.path("request")).put("nonce", Hash.ZERO.hex());
        orders.put(otherNonce, "constraints_mismatch");
        ObjectNode otherPrompt = assign(good.sign(gateway.key), 5);
        ((ObjectNode) otherPrompt.path("request").path("messages").get(0)).put("content", "Say something else");
        orders.put(otherPrompt, "constraints_mismatch");
        orders.put(assign(order(Tier.VERIFIED, Payment.VOUCHER, 20, Duration.ofMinutes(1)).sign(gateway.key), 19), "max_tokens_range");
        gateway.send(assign(good.sign(gateway.key), 5).put("assignment", "AAAA"));
        gateway.send(JSON.createObjectNode().put("type", "sing"));
        for (Map.Entry<ObjectNode, String> entry : orders.entrySet()) {
            gateway.send(entry.getKey());
            assertThat(gateway.next("rejected").path("code").asText()).isEqualTo(entry.getValue());
        }
        assertThat(serve(good, 5).done().path("tokensOut").asInt()).isLessThanOrEqualTo(5);
        assertThat(outbox()).hasSize(1);
    }

    private static Assignment with(Assignment a, Constraints constraints) {
        return new Assignment(a.jobId(), a.gateway(), a.node(), a.modelId(), a.tier(), a.attempt(), a.maxOutput(), a.mint(), a.price(), a.ceiling(), a.payment(), a.requestHash(),
                a.seed(), a.sampler(), constraints.hash(), a.routing(), a.issuedMs(), a.deadlineMs());
    }

    private SignedAssignment with(Assignment a, software.sava.core.accounts.PublicKey node, Hash modelId, Tier tier, long ceiling, Price price, long deadlineMs) {
        return new Assignment(a.jobId(), a.gateway(), node, modelId, tier, a.attempt(), a.maxOutput(), a.mint(), price, ceiling, a.payment(), a.requestHash(),
                a.seed(), a.sampler(), a.constraints(), a.routing(), a.issuedMs(), deadlineMs).sign(gateway.key);
    }

    @Test
    void aCancelledJobIsPaidForWhatItProduced() throws Exception {
        startHanging(1);
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        gateway.send(assign(order.sign(gateway.key), 5));
        gateway.next("accepted");
        gateway.next("delta");
        gateway.send(JSON.createObjectNode().put("type", "cancel").put("job", order.jobId().hex()));
        Receipt receipt = new Served(List.of(), gateway.next("done")).receipt().receipt();
        assertThat(receipt.finish()).isEqualTo(Finish.CANCELLED);
        assertThat(receipt.charge()).isEqualTo(PRICE.charge(1, 1));
        assertThat(relayer.next("receipt").path("receipt").asText()).isNotEmpty();
    }

    @Test
    void comesBackAfterTheGatewayDroppedItInMidStream() throws Exception {
        NodeService service = startHanging(1);
        gateway.send(assign(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1)).sign(gateway.key), 5));
        gateway.next("accepted");
        gateway.next("delta");
        gateway.drop();
        gateway.next("hello");
        await().until(() -> service.status().gateways() == 1 && service.status().running() == 0);
        assertThat(service.status().waiting()).as("no receipt for a reply that nobody got").isZero();
        gateway.send(assign(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1)).sign(gateway.key), 5));
        gateway.next("accepted");
    }

    @Test
    void givesUpALinkThatHasGoneSilent() throws Exception {
        start(config().timing(IMPATIENT).build(), Optional.empty());
        gateway.next("hello");
        gateway.goSilent();
        await().until(() -> gateway.connections.get() >= 2);
    }

    /** Writes one word and then nothing until it is cancelled: a model that hangs. */
    private static final class HangingEngine implements Engine {
        @Override
        public ModelCard model() {
            ModelCard card = model.card();
            return new ModelCard(card.id(), card.name(), card.engine(), card.context(), card.deterministic(), false);
        }

        @Override
        public Completion generate(GenerationRequest request, TokenSink sink, Cancellation cancellation) {
            sink.accept("Well", 1);
            CountDownLatch cancelled = new CountDownLatch(1);
            cancellation.onCancel(cancelled::countDown);
            try {
                cancelled.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Completion(new int[] {2}, new int[] {3}, 1, 1, request.maxTokens(), Completion.Finish.CANCELLED);
        }

        @Override
        public Completion replay(ReplayRequest request, Cancellation cancellation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
        }
    }

    private NodeService startHanging(int capacity) throws InterruptedException {
        NodeService service = start(config().capacity(capacity).build(), Optional.empty(), new HangingEngine());
        gateway.next("hello");
        relayer.until("hello");
        return service;
    }

    @Test
    void aJobThatMissesItsDeadlineHasNoReceipt() throws Exception {
        NodeService service = startHanging(1);
        gateway.send(assign(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofSeconds(2)).sign(gateway.key), 5));
        gateway.next("accepted");
        gateway.next("delta");
        assertThat(gateway.next("failed").path("code").asText()).isEqualTo("deadline_exceeded");
        assertThat(service.status().waiting()).isZero();
    }

    @Test
    void takesNoMoreThanItsCapacity() throws Exception {
        startHanging(1);
        Assignment first = order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        gateway.send(assign(first.sign(gateway.key), 5));
        gateway.next("accepted");
        gateway.next("delta");
        gateway.send(assign(first.sign(gateway.key), 5));
        assertThat(gateway.next("rejected").path("code").asText()).isEqualTo("job_running");
        gateway.send(assign(order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1)).sign(gateway.key), 5));
        assertThat(gateway.next("rejected").path("code").asText()).isEqualTo("busy");
    }

    @Test
    void sendsReceiptsAgainAcrossARestartUntilTheyAreRecorded() throws Exception {
        NodeService first = startLinked();
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        Served served = serve(order, 5);
        relayer.next("receipt");
        assertThat(relayer.next("receipt").path("receipt")).as("unrecorded, so sent again").isEqualTo(served.done().path("receipt"));
        first.close();
        relayer.frames.clear();
        NodeService second = start(config().build(), Optional.empty());
        relayer.next("hello");
        assertThat(relayer.next("receipt").path("receipt")).as("after the restart").isEqualTo(served.done().path("receipt"));
        record(order.jobId());
        await().until(() -> second.status().waiting() == 0);
        second.close();
        NodeService third = new NodeService(config().build(), keys, List.of(new DeterministicEngine(model)), Optional.empty(), NodeEvents.NONE);
        started.add(third);
        assertThat(third.status().waiting()).isZero();
    }

    @Test
    void putsARejectedReceiptAside() throws Exception {
        NodeService service = startLinked();
        Assignment order = order(Tier.OPEN, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        serve(order, 5);
        relayer.next("receipt");
        relayer.send(JSON.createObjectNode().put("type", "recorded").put("job", order.jobId().hex()).put("state", "rejected").put("code", "x").put("message", "y"));
        await().until(() -> service.status().waiting() == 0);
        try (Stream<Path> kept = Files.list(data.resolve("outbox").resolve("rejected"))) {
            assertThat(kept).hasSize(1);
        }
    }

    @Test
    void aConfidentialJobNamesTheEvidenceThatTheRelayerHas() throws Exception {
        DevelopmentTee tee = DevelopmentTee.create(Instant.now());
        start(config().tiers(Set.of(Tier.CONFIDENTIAL)).build(),
                Optional.of(new DevelopmentEvidence(tee, DevelopmentTee.measurementOf("node"), InstantSource.system())));
        gateway.next("hello");
        relayer.next("hello");
        Assignment order = order(Tier.CONFIDENTIAL, Payment.VOUCHER, 5, Duration.ofMinutes(1));
        gateway.send(assign(order.sign(gateway.key), 5));
        assertThat(gateway.next("rejected").path("code").asText()).isEqualTo("evidence_missing");
        Hash nonce = Hash.sha256(new byte[] {9});
        relayer.send(JSON.createObjectNode().put("type", "attest").put("nonce", nonce.hex()));
        JsonNode evidence = relayer.next("evidence");
        assertThat(evidence.path("development").asBoolean()).isTrue();
        byte[] quote = Base64.getDecoder().decode(evidence.path("quote").asText());
        Bytes reportData = ReportData.bind(keys.node().publicKey().toByteArray(), keys.receipt().publicKey().toByteArray(), keys.sealingKey().toByteArray(), nonce.bytes());
        assertThat(Quote.parse(Bytes.of(quote)).body()).isInstanceOfSatisfying(QuoteBody.TrustDomain.class, td -> assertThat(td.report().reportData()).isEqualTo(reportData));
        Receipt receipt = retryUntilServed(order);
        assertThat(receipt.quoteHash()).isEqualTo(Hash.sha256(quote));
    }

    @Test
    void aReportOfAnSnpGuestIsNamedByItsOwnHash() throws Exception {
        DevelopmentSnp chip = DevelopmentSnp.create(Product.MILAN, Instant.now());
        start(config().tiers(Set.of(Tier.CONFIDENTIAL)).build(), Optional.of(reportData -> new EvidenceSource.Quoted("snp",
                Bytes.of(chip.report(reportData, DevelopmentSnp.measurementOf("node"))), Optional.of(chip.endorsements(Instant.now()).toJson()), true)));
        gateway.next("hello");
        relayer.next("hello");
        relayer.send(JSON.createObjectNode().put("type", "attest").put("nonce", Hash.sha256(new byte[] {9}).hex()));
        JsonNode evidence = relayer.next("evidence");
        assertThat(evidence.path("kind").asText()).isEqualTo("snp");
        assertThat(evidence.has("gpus")).as("none is shown where there is none").isFalse();
        byte[] report = Base64.getDecoder().decode(evidence.path("quote").asText());
        Receipt receipt = retryUntilServed(order(Tier.CONFIDENTIAL, Payment.VOUCHER, 5, Duration.ofMinutes(1)));
        assertThat(receipt.quoteHash()).isEqualTo(Hash.sha256(report));
    }

    @Test
    void evidenceOfGpusGoesWithTheCpus() throws Exception {
        Device gpu = new Device(Bytes.of(new byte[] {1, 2, 3}), "certificates");
        start(config().tiers(Set.of(Tier.CONFIDENTIAL)).build(), Optional.of(new BoundGpuEvidence(new DevelopmentEvidence(DevelopmentTee.create(Instant.now()),
                DevelopmentTee.measurementOf("node"), InstantSource.system()), nonce -> List.of(gpu, gpu))));
        relayer.next("hello");
        relayer.send(JSON.createObjectNode().put("type", "attest").put("nonce", Hash.sha256(new byte[] {9}).hex()));
        JsonNode shown = relayer.next("evidence").path("gpus");
        assertThat(shown).hasSize(2);
        assertThat(Base64.getDecoder().decode(shown.path(1).path("report").asText())).containsExactly(1, 2, 3);
        assertThat(new String(Base64.getDecoder().decode(shown.path(1).path("certificates").asText()), StandardCharsets.US_ASCII)).isEqualTo("certificates");
    }

    /** The relayer has the evidence a moment before the node knows that it went out. */
    private Receipt retryUntilServed(Assignment order) throws InterruptedException {
        while (true) {
            gateway.send(assign(order.sign(gateway.key), 5));
            JsonNode answer = gateway.frames.take();
            if (answer.path("type").asText().equals("accepted")) {
                JsonNode frame = gateway.frames.take();
                while (!frame.path("type").asText().equals("done")) {
                    frame = gateway.frames.take();
                }
                return new Served(List.of(), frame).receipt().receipt();
            }
            assertThat(answer.path("code").asText()).isEqualTo("evidence_missing");
        }
    }

    @Test
    void doesNotIntroduceItselfToAnotherThanTheConfiguredPeer() {
        gateway.impersonate(Keypair.generate().publicKey());
        start(config().build(), Optional.empty());
        await().until(() -> gateway.connections.get() >= 2);
        assertThat(gateway.frames).isEmpty();
    }

    @Test
    void refusesAConfigurationThatCannotWork() {
        assertThatThrownBy(() -> start(config().tiers(Set.of(Tier.CONFIDENTIAL)).build(), Optional.empty())).hasMessageContaining("evidence");
        assertThatThrownBy(() -> NodeConfig.of(Map.of("gateway.url", "ws://a/v1/node"))).hasMessageContaining("gateway.key");
        assertThatThrownBy(() -> NodeConfig.of(Map.of("gateway.url", "http://a", "gateway.key", keys.node().publicKey().toBase58(), "relayer.url", "ws://b",
                "relayer.key", keys.node().publicKey().toBase58(), "data", "d"))).hasMessageContaining("ws://");
        String key = keys.node().publicKey().toBase58();
        NodeConfig config = NodeConfig.of(Map.of("gateway.url", "ws://a/v1/node, wss://b/v1/node", "gateway.key", key + "," + key, "relayer.url", "ws://c/v1/node",
                "relayer.key", key, "data", "d", "tiers", "open,verified", "capacity", "4", "prices", key + ":10:20"));
        assertThat(config.gateways()).hasSize(2);
        assertThat(config.tiers()).containsExactlyInAnyOrder(Tier.OPEN, Tier.VERIFIED);
        assertThat(config.prices()).containsEntry(keys.node().publicKey(), new Price(10, 20));
    }
}
