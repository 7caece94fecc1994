package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplyOpener;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage.ChatMessage;
import network.nyxos.escrow.wire.WireMessage.ChatRequest;
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
        var request = new ChatRequest(List.of(new ChatMessage("user", SECRET)), maxOutput, List.of());
        return PromptSeal.seal(PublicKey.fromBase58Encoded(shown.path("sealing_key").asText()), terms, WireCodec.encodeRequest(request));
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

    @Test
    void a_prompt_for_other_terms_than_those_asked_for_is_refused_by_the_node_and_the_payment_goes_back() {
        PromptSeal.Sealed sealed = seal(31);

        HttpResponse<String> answer = paid(Posted.sealed(keys.node().publicKey(), sealed.prompt()));

        assertThat(Posted.code(answer)).as(answer.body()).isEqualTo("seal_broken");
        assertThat(node.read()).isEmpty();
    }

    @Test
    void a_prompt_sealed_to_a_node_or_key_that_is_not_here_is_refused_before_payment() {
        PublicKey somebody = Keypair.generate().publicKey();
        SealingKey gone = SealingKey.generate();
        var prompt = PromptSeal.seal(gone.publicKey(), new PromptTerms(somebody, Ground.MODEL_ID, 32, GREEDY), new byte[10]).prompt();

        for (PublicKey to : List.of(somebody, keys.node().publicKey())) {
            HttpResponse<String> answer = Posted.post(gateway, CHAT, Posted.sealed(to, prompt));
            assertThat(Posted.code(answer)).isEqualTo("no_node");
            assertThat(answer.body()).contains(to.toBase58(), gone.publicKey().toBase58(), "/v1/nodes", "nothing was charged");
        }
    }
}
