package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.JobProof;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.ProofAudit;
import network.nyxos.gateway.client.Trust;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.npm.NpmPackage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.sava.core.encoding.Base58;

/// The package `@nyxos/sealed` in `clients/sealed`: its own tests, and the OpenAI SDK with it on a running gateway, paying with x402.
@Timeout(600)
class SealedFetchTest {
    private static final long USDC = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Path SOURCES = Path.of("..", "clients", "sealed").toAbsolutePath().normalize();
    private static final String SECRET = "attack at dawn";
    private static final DevelopmentTee HARDWARE = DevelopmentTee.create(Instant.now());

    @TempDir
    static Path work;

    private static Ground ground;
    private static Gateway gateway;
    private static ScriptedNode node;
    private static Keypair author;

    @BeforeAll
    static void start() throws Exception {
        NpmPackage.requireNode();
        NpmPackage.build(SOURCES, work, "--omit=optional", "--omit=peer");
    }

    private static synchronized void serve() {
        if (ground != null) {
            return;
        }
        ground = new Ground();
        gateway = Gateway.start(ground.config(ground.schema(), Ground.timing(), Optional.of(Policy.development(HARDWARE.trustAnchor()))));
        author = ground.publish(0, List.of(measured("test")));
        ScriptedNode.Keys keys = ground.register(Tier.CONFIDENTIAL);
        // A moment passes until the gateway has heard of the registration.
        await().atMost(SOON).until(() -> {
            node = ScriptedNode.dial(gateway, keys, ScriptedNode.Script.saying("Hel", "lo", " world"), 4, Optional.of(HARDWARE), Tier.CONFIDENTIAL);
            await().atMost(SOON).until(() -> node.welcomed() || !node.refused().isEmpty());
            if (!node.welcomed()) {
                node.close();
            }
            return node.welcomed();
        });
        await().atMost(SOON).until(() -> Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").path(0).has("evidence"));
    }

    @AfterAll
    static void stop() {
        if (ground != null) {
            node.close();
            gateway.close();
            ground.close();
        }
    }

    private static JsonNode client(String what) {
        serve();
        return Posted.json(NpmPackage.said(work, List.of("node", "test/live.mjs", what), Map.of("GATEWAY", Ground.url(gateway).toString(), "RPC", ground.rpc.httpUrl().toString(),
            "MODEL", Ground.MODEL, "SECRET", Base58.encode(ground.wallet(USDC).bytes()), "ROOT", HARDWARE.rootPem(), "PROGRAM", Ground.PROGRAMS.registry().toBase58(), "CONFIG", ground.registryConfig().toBase58())));
    }

    private static Measurement measured(String workload) {
        return new Measurement(DevelopmentTee.measurementOf(workload).workload().toArray());
    }

    private static void assertSealed(JsonNode seen) {
        JsonNode reply = seen.path("replies").path(0);
        assertThat(reply.path("node").asText()).isEqualTo(node.key().toBase58());
        assertThat(reply.path("development").asBoolean()).isTrue();
        assertThat(reply.path("how").asText()).contains("DEVELOPMENT TEE (no hardware)");
        assertThat(node.assigned().getLast().ask()).as("what the gateway carried").isInstanceOf(WireMessage.Ask.Sealed.class);
        assertThat(node.read().getLast().messages()).extracting(WireMessage.ChatMessage::content).containsExactly(SECRET);
    }

    @Test
    void the_open_ai_sdk_pays_for_a_sealed_prompt_and_reads_the_reply() {
        JsonNode seen = client("whole");
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("usage").path("total_tokens").asInt()).as("five of the prompt; the scripted node counts each of its five frames").isEqualTo(10);
        assertThat(Posted.json(Posted.get(gateway, "/v1/jobs/" + seen.path("replies").path(0).path("job").asText()).body()).path("charge").asText())
            .isEqualTo(seen.path("replies").path(0).path("charge").asText());
        assertSealed(seen);
    }

    @Test
    void the_open_ai_sdk_streams_a_sealed_reply() {
        JsonNode seen = client("stream");
        assertThat(seen.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        assertSealed(seen);
    }

    @Test
    void a_node_without_genuine_hardware_or_with_another_measurement_gets_no_prompt_and_no_payment() {
        serve();
        long before = ground.vault();
        JsonNode root = client("strict-root");
        assertThat(root.path("code").asText()).isEqualTo("no_trusted_node");
        assertThat(root.path("message").asText()).contains(node.key().toBase58(), "is not trusted", "nothing was sent or paid");
        JsonNode measurement = client("other-measurement");
        assertThat(measurement.path("code").asText()).isEqualTo("no_trusted_node");
        assertThat(measurement.path("message").asText()).contains("its measurement is not trusted");
        assertThat(ground.vault()).isEqualTo(before);
    }

    @Test
    void what_the_wrapper_kept_of_a_job_holds_link_by_link_here_too() {
        JsonNode seen = client("proof");
        assertThat(seen.path("findings")).isNotEmpty().allSatisfy(finding -> assertThat(finding.path("passed").asBoolean()).as(finding.toString()).isTrue());
        JobProof proof = JobProof.decode(seen.path("proof").toString().getBytes(StandardCharsets.UTF_8));
        assertThat(new ProofAudit(Policy.development(HARDWARE.trustAnchor()), Optional.of(ground.lookup())).check(proof))
            .hasSize(7).allSatisfy(link -> assertThat(link.passed()).as(link.toString()).isTrue());
        assertThat(seen.path("forged")).as("quote, key, receipt and payment, each forged in turn").hasSize(8).allSatisfy(each ->
            assertThat(each.path("failed").asText()).as(each.toString()).isEqualTo(each.path("link").asText()));
    }

    @Test
    void what_a_java_client_kept_of_a_job_holds_in_the_wrapper_too() throws IOException {
        serve();
        Trust trust = Trust.sealing(Policy.development(HARDWARE.trustAnchor())).withRegistry(ground.lookup());
        ChatCall call = ChatCall.of(Ground.MODEL, SECRET, 32).withTier(Tier.CONFIDENTIAL);
        ChatReply exact = new ExactClient(Ground.url(gateway), ground.wallet(USDC), Ground.USDC, USDC, trust).complete(call);
        Ground.Escrow escrow = ground.escrow(USDC);
        ChatReply voucher = EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), USDC, SOON, trust).complete(call);
        for (ChatReply reply : List.of(exact, voucher)) {
            Files.write(work.resolve("proof.json"), reply.proof().orElseThrow().encode());
            assertThat(client("check").path("findings")).hasSize(6).allSatisfy(finding -> assertThat(finding.path("passed").asBoolean()).as(finding.toString()).isTrue());
        }
    }

    @Test
    void nothing_is_sealed_to_a_tee_that_the_models_author_does_not_allow_on_chain() {
        assertThat(client("registered").path("replies").path(0).path("how").asText()).contains("the registry on chain has these keys for it, and its measurement for the model");
        ground.republish(author, 0, List.of(measured("another")));
        try {
            JsonNode refused = client("registered");
            assertThat(refused.path("code").asText()).isEqualTo("no_trusted_node");
            assertThat(refused.path("message").asText()).contains("none that the publisher of its model allows");
        } finally {
            ground.republish(author, 0, List.of(measured("test")));
        }
    }

    @Test
    void from_key_to_receipt_to_payment_no_forged_link_holds() {
        NpmPackage.passes(work, "test/proof.test.mjs", Map.of());
    }

    @Test
    void what_the_wrapper_sends_and_does_not_let_pass() {
        NpmPackage.passes(work, "test/fetch.test.mjs", Map.of());
    }

    @ParameterizedTest
    @EnumSource
    void what_one_implementation_seals_the_other_opens(SealingSuite suite) {
        SealingKey key = SealingKey.generate(suite);
        var terms = new PromptTerms(Keypair.generate().publicKey(), Ground.MODEL_ID, 32, new Sampler(700_000, 950_000, 40));
        JsonNode sealed = cross("seal", question(key, terms).put("text", SECRET));
        var prompt = new SealedPrompt(key.id(), bytes(sealed, "encapsulation"), bytes(sealed, "ciphertext"));
        assertThat(WireCodec.decodeRequest(PromptSeal.open(key, terms, prompt).request()).messages()).containsExactly(new WireMessage.ChatMessage("user", SECRET));

        var request = new WireMessage.ChatRequest(List.of(new WireMessage.ChatMessage("user", SECRET)), 32, Constraints.NONE);
        SealedPrompt own = PromptSeal.seal(key.publicKey(), terms, WireCodec.encodeRequest(request)).prompt();
        JsonNode opened = cross("open", question(key, terms).put("secret", key.secret()).put("encapsulation", own.encapsulation()).put("ciphertext", own.ciphertext()));
        assertThat(opened.path("messages").path(0).path("content").asText()).isEqualTo(SECRET);
    }

    private static JsonNode cross(String what, ObjectNode asked) {
        return Posted.json(NpmPackage.said(work, List.of("node", "test/cross.mjs", what, asked.toString()), Map.of()));
    }

    private static byte[] bytes(JsonNode json, String name) {
        return Base64.getDecoder().decode(json.path(name).asText());
    }

    private static ObjectNode question(SealingKey key, PromptTerms terms) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("node", terms.node().toByteArray()).put("model", terms.model().bytes()).put("maxOutput", terms.maxOutput());
        json.putObject("key").put("suite", key.publicKey().suite().wireName()).put("key", key.publicKey().bytes());
        json.putObject("sampler").put("temperatureMicro", terms.sampler().temperatureMicro()).put("topPMicro", terms.sampler().topPMicro()).put("topK", terms.sampler().topK());
        return json;
    }

    @Test
    void keys_are_sealed_to_by_the_suite_that_the_evidence_binds_and_give_the_known_answers() {
        NpmPackage.passes(work, "test/sealing.test.mjs", Map.of("VECTORS",
            Path.of("..", "escrow", "src", "test", "resources", "network", "nyxos", "escrow", "seal", "x-wing.json").toAbsolutePath().normalize().toString()));
    }

    @Test
    void recorded_quotes_and_reports_get_their_verdicts() {
        Path shared = Path.of(Optional.ofNullable(System.getenv("NYXOS_SHARED")).orElse("../../shared")).toAbsolutePath().normalize();
        String missing = Files.exists(shared.resolve("attestation/manifest.json")) ? "" : "no recorded evidence: " + shared + " (set NYXOS_SHARED)";
        if (!missing.isEmpty() && "true".equals(System.getenv("CI"))) {
            fail(missing + ", and with CI=true nothing is skipped");
        }
        assumeThat(missing).as(missing).isEmpty();
        for (String script : List.of("test/tdx.test.mjs", "test/snp.test.mjs")) {
            NpmPackage.passes(work, script, Map.of("NYXOS_SHARED", shared.toString()));
        }
    }

    @Test
    void the_lock_file_names_no_registry() throws IOException {
        assertThat(Files.readString(SOURCES.resolve("package-lock.json"))).doesNotContain("\"resolved\"").doesNotContain("://registry");
    }
}
