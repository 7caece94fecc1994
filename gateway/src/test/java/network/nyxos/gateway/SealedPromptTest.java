package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplyOpener;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingPublicKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.JobProof;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.wire.WireMessage.ChatMessage;
import network.nyxos.escrow.wire.WireMessage.ChatRequest;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.NodeRegistry;
import network.nyxos.gateway.client.OnlyNodes;
import network.nyxos.gateway.client.ProofAudit;
import network.nyxos.gateway.client.ReceiptSigner;
import network.nyxos.gateway.client.Trust;
import network.nyxos.gateway.client.VoucherBook;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.sava.core.accounts.PublicKey;

/// Prompts that only a node can read, through the whole gateway (protocol §12).
@Timeout(120)
class SealedPromptTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String SECRET = "attack at dawn";
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Sampler GREEDY = new Sampler(0, 1_000_000, 0);
    private static final DevelopmentTee HARDWARE = DevelopmentTee.create(Instant.now());

    private static Ground ground;
    private String schema;
    private Gateway gateway;
    private ScriptedNode.Keys keys;
    private ScriptedNode node;

    @BeforeAll
    static void lay() {
        ground = new Ground();
    }

    @AfterAll
    static void clear() {
        ground.close();
    }

    @BeforeEach
    void start() {
        schema = ground.schema();
        gateway = Gateway.start(ground.config(schema, Ground.timing(), Optional.of(Policy.development(HARDWARE.trustAnchor()))));
        keys = ground.register(Tier.CONFIDENTIAL);
        dial();
    }

    private void dial() {
        // A moment passes until the gateway has heard of the registration.
        await().atMost(SOON).until(() -> {
            node = ScriptedNode.dial(gateway, keys, ScriptedNode.Script.saying("Hel", "lo", " wor", "ld"), 4, Optional.of(HARDWARE), Tier.CONFIDENTIAL);
            await().atMost(SOON).until(() -> node.welcomed() || !node.refused().isEmpty());
            if (!node.welcomed()) {
                node.close();
            }
            return node.welcomed();
        });
        await().atMost(SOON).until(() -> shown().has("evidence"));
    }

    @AfterEach
    void stop() {
        node.close();
        gateway.close();
    }

    private JsonNode shown() {
        return Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").path(0);
    }

    private PromptSeal.Sealed seal(int maxOutput) {
        JsonNode shown = shown();
        var terms = new PromptTerms(keys.node().publicKey(), Hash.fromHex(shown.path("models").get(0).path("model_id").asText()), maxOutput, GREEDY);
        var request = new ChatRequest(List.of(new ChatMessage("user", SECRET)), maxOutput, Constraints.NONE);
        return PromptSeal.seal(sealing(shown), terms, WireCodec.encodeRequest(request));
    }

    private static SealingPublicKey sealing(JsonNode shown) {
        return SealingPublicKey.of(shown.path("sealing").path("suite").asText(), Base64.getDecoder().decode(shown.path("sealing").path("key").asText()));
    }

    private HttpResponse<String> paid(String body) {
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        return Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", Posted.v2(offer, Posted.transaction(offer, ground.wallet(1_000_000), ground.blockhash(), true)));
    }

    @Test
    void a_client_checks_by_itself_that_a_sealing_key_lives_in_an_enclave() {
        JsonNode shown = shown();
        JsonNode evidence = shown.path("evidence");
        assertThat(evidence.path("development").asBoolean()).isTrue();
        Bytes bound = ReportData.bind(keys.node().publicKey().toByteArray(), keys.receipt().publicKey().toByteArray(),
            PublicKey.fromBase58Encoded(shown.path("sealing_key").asText()).toByteArray(), Hash.fromHex(evidence.path("nonce").asText()).bytes());
        assertThat(TdxVerifier.verify(Base64.getDecoder().decode(evidence.path("quote").asText()), CollateralSet.of(Collateral.fromJson(evidence.path("collateral").asText())),
            Policy.development(HARDWARE.trustAnchor()).withReportData(bound), Instant.now()).accepted()).isTrue();
    }

    @Test
    void the_node_reads_the_prompt_the_client_the_reply_and_the_gateway_neither() throws Exception {
        PromptSeal.Sealed sealed = seal(32);

        HttpResponse<String> answer = paid(Posted.sealed(keys.node().publicKey(), sealed.prompt()));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(node.read()).extracting(request -> request.messages().getFirst().content()).containsExactly(SECRET);
        ReplyOpener opener = sealed.reply().opener();
        var text = new StringBuilder();
        Posted.json(answer.body()).path("choices").get(0).path("message").path("content").asText().lines()
            .forEach(line -> text.append(new String(opener.open(Base64.getDecoder().decode(line)), StandardCharsets.UTF_8)));
        assertThat(text.toString()).isEqualTo("Hello world");
        assertThat(opener.isWhole()).isTrue();
        assertThat(answer.body()).doesNotContain(SECRET, "Hello");
        assertThat(stored()).isNotEmpty().noneMatch(row -> row.contains(SECRET) || row.contains("Hello world"));
    }

    /// Every row of every table of this gateway, as text.
    private List<String> stored() throws Exception {
        var rows = new ArrayList<String>();
        try (Connection connection = DriverManager.getConnection(ground.jdbcUrl()); Statement tables = connection.createStatement(); Statement each = connection.createStatement();
             ResultSet names = tables.executeQuery("select table_name from information_schema.tables where table_schema = '" + schema + "'")) {
            while (names.next()) {
                try (ResultSet row = each.executeQuery("select t::text, encode(convert_to(t::text, 'UTF8'), 'escape') from " + schema + "." + names.getString(1) + " t")) {
                    while (row.next()) {
                        rows.add(row.getString(1) + row.getString(2));
                    }
                }
            }
        }
        return rows;
    }

    private ExactClient exact(Keypair wallet, Trust trust) {
        return new ExactClient(Ground.url(gateway), wallet, Ground.USDC, 1_000_000, trust);
    }

    private Trust trust() {
        return Trust.sealing(Policy.development(HARDWARE.trustAnchor())).withRegistry(ground.lookup());
    }

    private static ChatCall confidential() {
        return ChatCall.of(Ground.MODEL, SECRET, 32).withTier(Tier.CONFIDENTIAL);
    }

    private void assertSealed(ChatReply reply) {
        assertThat(reply.text()).isEqualTo("Hello world");
        assertThat(reply.sealedTo()).hasValueSatisfying(to -> {
            assertThat(to.node()).isEqualTo(keys.node().publicKey());
            assertThat(to.development()).as("a development TEE is named as such").isTrue();
        });
        assertThat(reply.signer()).isEqualTo(new ReceiptSigner.Registered());
        JobProof kept = JobProof.decode(reply.proof().orElseThrow().encode());
        assertThat(new ProofAudit(Policy.development(HARDWARE.trustAnchor()), Optional.of(ground.lookup())).check(kept)).hasSize(7).allSatisfy(link -> assertThat(link.passed()).as(link.toString()).isTrue());
        assertThat(node.assigned().getLast().ask()).as("what the gateway carried").isInstanceOf(WireMessage.Ask.Sealed.class);
        assertThat(node.read().getLast().messages()).extracting(ChatMessage::content).containsExactly(SECRET);
    }

    @Test
    void agents_seal_confidential_prompts_by_themselves_and_read_whole_and_streamed_replies() throws Exception {
        var pieces = new ArrayList<String>();
        assertSealed(exact(ground.wallet(1_000_000), trust()).complete(confidential()));
        assertSealed(exact(ground.wallet(1_000_000), trust()).stream(confidential(), pieces::add));
        assertThat(pieces).containsExactly("Hel", "lo", " wor", "ld");

        Ground.Escrow escrow = ground.escrow(1_000_000);
        EscrowClient vouchers = EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), 1_000_000, SOON, trust());
        ChatReply reply = vouchers.stream(confidential().greedy(), pieces::add);
        assertSealed(reply);
        assertThat(reply.charge()).as("real counts").isEqualTo(Ground.PRICE.charge(reply.promptTokens(), reply.completionTokens()));
        assertThat(pieces).hasSize(8);
        assertThat(stored()).noneMatch(row -> row.contains(SECRET));
    }

    @Test
    void a_client_without_a_policy_or_in_another_tier_does_not_seal_and_says_so() {
        ChatReply reply = exact(ground.wallet(1_000_000), Trust.NONE).complete(confidential());

        assertThat(reply.sealedTo()).isEmpty();
        assertThat(reply.signer()).isInstanceOf(ReceiptSigner.Unknown.class);
        assertThat(node.assigned().getLast().ask()).isInstanceOf(WireMessage.Ask.Clear.class);
    }

    @Test
    void nothing_is_sealed_sent_or_paid_where_the_evidence_hangs_on_a_root_that_the_client_does_not_trust() {
        Keypair wallet = ground.wallet(1_000_000);
        long before = ground.vault();

        assertThatThrownBy(() -> exact(wallet, Trust.sealing(Policy.strict())).complete(confidential())).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.code()).isEqualTo("no_trusted_node");
            assertThat(e).hasMessageContainingAll(keys.node().publicKey().toBase58(), "tdx.pck.root", "development root", "nothing was sent or paid");
        });
        assertThat(node.assigned()).isEmpty();
        assertThat(ground.vault()).isEqualTo(before);
    }

    @Test
    void nothing_is_sealed_to_keys_that_the_registry_does_not_have() {
        Trust strangers = trust().withRegistry((OnlyNodes) _ -> Optional.empty());
        Trust others = trust().withRegistry((OnlyNodes) _ -> Optional.of(new NodeRegistry.Entry(true, Set.of(Tier.CONFIDENTIAL), keys.receipt().publicKey(), Optional.of(SealingKey.generate(SealingSuite.X_WING).id()), false)));
        Trust ended = trust().withRegistry((OnlyNodes) node -> ground.lookup().find(node)
            .map(entry -> new NodeRegistry.Entry(entry.active(), entry.tiers(), entry.receiptKey(), entry.sealingKey(), true)));
        Trust gone = trust().withRegistry((OnlyNodes) _ -> {
            throw new NodeRegistry.UnreachableException("no answer", new IOException());
        });

        assertRefused(strangers, "no_trusted_node", "is not in the registry");
        assertRefused(others, "no_trusted_node", "other keys");
        assertRefused(ended, "no_trusted_node", "ended for good");
        assertRefused(gone, "registry_unreachable", "no answer");
        assertThat(node.assigned()).isEmpty();
    }

    @Test
    void nothing_is_sealed_to_a_tee_that_the_models_publisher_does_not_allow() {
        assertRefused(allowing("another"), "no_trusted_node", "none that the publisher of its model allows");
        assertThat(node.assigned()).isEmpty();
        assertThat(exact(ground.wallet(1_000_000), allowing("another", "test")).complete(confidential()).text()).isEqualTo("Hello world");
    }

    /// What clients find where the model's author allows these workloads.
    private Trust allowing(String... workloads) {
        List<Measurement> allowed = Stream.of(workloads).map(name -> new Measurement(DevelopmentTee.measurementOf(name).workload().toArray())).toList();
        PublicKey author = Keypair.generate().publicKey();
        return trust().withRegistry(new NodeRegistry() {
            @Override
            public Optional<Entry> find(PublicKey node) {
                return ground.lookup().find(node);
            }

            @Override
            public Optional<RegisteredModel> model(Hash id) {
                return Optional.of(new RegisteredModel(id, author, author, false, 0, 0, 0, allowed));
            }
        });
    }

    private void assertRefused(Trust trust, String code, String word) {
        assertThatThrownBy(() -> exact(ground.wallet(1_000_000), trust).complete(confidential())).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e).hasMessageContaining(word);
        });
    }

    @Test
    void a_prompt_for_other_terms_than_those_asked_for_is_refused_by_the_node_and_the_payment_goes_back() {
        PromptSeal.Sealed sealed = seal(31);

        HttpResponse<String> answer = paid(Posted.sealed(keys.node().publicKey(), sealed.prompt()));

        assertThat(Posted.code(answer)).as(answer.body()).isEqualTo("seal_broken");
        assertThat(node.read()).isEmpty();
    }

    @Test
    void a_prompt_of_another_suite_or_cut_off_is_refused_before_payment() {
        SealedPrompt hybrid = seal(32).prompt();
        var swapped = new SealedPrompt(hybrid.sealingKey(), new byte[32], hybrid.ciphertext());
        HttpResponse<String> answer = Posted.post(gateway, CHAT, Posted.sealed(keys.node().publicKey(), swapped));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Posted.code(answer)).isEqualTo("sealed_prompt_malformed");
        assertThat(answer.body()).contains("x-wing", "nothing was charged");

        String whole = Posted.sealed(keys.node().publicKey(), hybrid);
        String cut = Base64.getEncoder().encodeToString(Arrays.copyOf(hybrid.encapsulation(), 1119));
        HttpResponse<String> truncated = Posted.post(gateway, CHAT, whole.replace(Base64.getEncoder().encodeToString(hybrid.encapsulation()), cut));
        assertThat(truncated.statusCode()).isEqualTo(400);
        assertThat(Posted.code(truncated)).isEqualTo("sealed_prompt_malformed");
        assertThat(node.assigned()).isEmpty();
    }

    @Test
    void a_forged_encapsulation_of_the_right_length_is_refused_by_the_node_and_the_payment_goes_back() {
        SealedPrompt prompt = seal(32).prompt();
        byte[] forged = prompt.encapsulation();
        forged[7] ^= 1;
        HttpResponse<String> answer = paid(Posted.sealed(keys.node().publicKey(), new SealedPrompt(prompt.sealingKey(), forged, prompt.ciphertext())));
        assertThat(Posted.code(answer)).as(answer.body()).isEqualTo("seal_broken");
        assertThat(node.read()).isEmpty();
    }

    @Test
    void prompts_are_sealed_by_the_suite_of_the_node_also_where_that_is_the_plain_one() {
        node.close();
        await().atMost(SOON).until(() -> shown().isMissingNode());
        keys = ground.register(SealingSuite.X25519, Tier.CONFIDENTIAL);
        dial();
        ChatReply reply = exact(ground.wallet(1_000_000), trust()).complete(confidential());
        assertSealed(reply);
        assertThat(reply.sealedTo().orElseThrow().sealing().suite()).isEqualTo(SealingSuite.X25519);
    }

    @Test
    void a_gateway_cannot_have_a_prompt_sealed_by_a_weaker_suite_than_the_evidence_binds() throws Exception {
        // The plain part of the hybrid key, the id itself in the place of a key, and a plain key of the gateway's own: shown in the place of what the node has.
        byte[] hybrid = keys.sealing().orElseThrow().publicKey().bytes();
        SealingKey own = SealingKey.generate(SealingSuite.X25519);
        for (byte[] weaker : List.of(Arrays.copyOfRange(hybrid, 1184, 1216), keys.sealingKey().toByteArray(), own.publicKey().bytes())) {
            var lying = new SealingPublicKey(SealingSuite.X25519, weaker);
            assertThat(refusal(nodes -> putSealing(nodes, lying))).contains("is not the id of the x25519 key");
            assertThat(refusal(nodes -> {
                putSealing(nodes, lying);
                nodes.put("sealing_key", lying.id().toBase58());
            })).contains("report-data");
        }
        assertThat(refusal(nodes -> nodes.remove("sealing"))).contains("no sealing suite");
        assertThat(refusal(nodes -> ((ObjectNode) nodes.path("sealing")).put("suite", "none"))).contains("no sealing suite");
        assertThat(refusal(nodes -> ((ObjectNode) nodes.path("sealing")).put("key", "!"))).contains("not base64");
        assertThat(node.assigned()).isEmpty();
    }

    private static void putSealing(ObjectNode node, SealingPublicKey key) {
        node.putObject("sealing").put("suite", key.suite().wireName()).put("key", Base64.getEncoder().encodeToString(key.bytes()));
    }

    /// What a client says to a gateway that shows its node otherwise.
    private String refusal(Consumer<ObjectNode> lie) throws IOException {
        ObjectNode nodes = (ObjectNode) Posted.json(Posted.get(gateway, "/v1/nodes").body());
        lie.accept((ObjectNode) nodes.path("nodes").path(0));
        try (var liar = LyingGateway.showing(nodes.toString())) {
            AtomicReference<String> said = new AtomicReference<>();
            assertThatThrownBy(() -> new ExactClient(liar.url(), ground.wallet(1_000_000), Ground.USDC, 1_000_000, trust()).complete(confidential()))
                .isInstanceOfSatisfying(AgentException.class, e -> {
                    assertThat(e.code()).isEqualTo("no_trusted_node");
                    said.set(e.getMessage());
                });
            assertThat(liar.posted()).as("nothing was sent").isZero();
            return said.get();
        }
    }

    @Test
    void a_prompt_sealed_to_a_node_or_key_that_is_not_here_is_refused_before_payment() {
        PublicKey somebody = Keypair.generate().publicKey();
        SealingKey gone = SealingKey.generate(SealingSuite.X_WING);
        var prompt = PromptSeal.seal(gone.publicKey(), new PromptTerms(somebody, Ground.MODEL_ID, 32, GREEDY), new byte[10]).prompt();

        for (PublicKey to : List.of(somebody, keys.node().publicKey())) {
            HttpResponse<String> answer = Posted.post(gateway, CHAT, Posted.sealed(to, prompt));
            assertThat(Posted.code(answer)).isEqualTo("no_node");
            assertThat(answer.body()).contains(to.toBase58(), gone.id().toBase58(), "/v1/nodes", "nothing was charged");
        }
    }
}
