package network.nyxos.cli.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.engine.EmbeddingEngine;
import network.nyxos.node.engine.ModelRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.sava.core.accounts.PublicKey;

class NodeSettingsTest {

    private static final String KEY = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";

    private static Map<String, String> least() {
        return new HashMap<>(Map.of("gateway.url", "ws://g/v1/node", "gateway.key", KEY, "relayer.url", "ws://r/v1/node", "relayer.key", KEY, "rpc", "http://c", "market", KEY,
                "data", "data", "keys", "keys", "operator", "operator.json"));
    }

    private static Map<String, String> with(String name, String value) {
        var values = least();
        values.put(name, value);
        return values;
    }

    @Test
    void the_least_configuration_runs_the_built_in_engine_in_the_open_tier_without_evidence() {
        NodeSettings settings = NodeSettings.of(least());
        assertThat(settings.node().tiers()).containsExactly(Tier.OPEN);
        assertThat(settings.engines()).singleElement().isInstanceOf(EngineSettings.BuiltIn.class);
        assertThat(settings.evidence()).isEqualTo(MachineEvidence.NONE);
        assertThat(settings.sealing()).as("a quantum computer opens nothing that was recorded").isEqualTo(SealingSuite.X_WING);
        assertThat(settings.programs()).isEqualTo(Programs.LOCAL);
        assertThat(settings.payout()).isEmpty();
        assertThat(settings.bond()).isEmpty();
    }

    @Test
    void whoever_replays_accuses_with_its_operators_wallet_unless_the_file_says_otherwise() {
        Keypair operator = Keypair.generate();
        assertThat(NodeSettings.of(least()).accuser().wallet(operator)).contains(operator);
        assertThat(NodeSettings.of(with("accuser", "operator")).accuser().wallet(operator)).contains(operator);
        assertThat(NodeSettings.of(with("accuser", "none")).accuser().wallet(operator)).isEmpty();
        assertThat(NodeSettings.of(with("accuser", "own.json")).accuser()).isEqualTo(new AccuserChoice.Own(Path.of("own.json")));
        AccuserChoice missing = NodeSettings.of(with("accuser", "not-there.json")).accuser();
        assertThatThrownBy(() -> missing.wallet(operator)).isInstanceOf(StackException.class).hasMessageContaining("not-there.json");
    }

    @Test
    void a_node_for_clients_without_ml_kem_makes_plain_keys() {
        assertThat(NodeSettings.of(with("sealing", "x25519")).sealing()).isEqualTo(SealingSuite.X25519);
    }

    @Test
    void a_server_is_named_by_its_base_url() {
        var values = with("engine", "http://127.0.0.1:8000/v1");
        values.putAll(Map.of("model.name", "llama", "model.id", "ab".repeat(32), "model.context", "8192", "engine.model", "meta/llama", "engine.key-file", "token"));
        assertThat(NodeSettings.of(values).engines()).singleElement().isInstanceOfSatisfying(EngineSettings.Server.class, server -> {
            assertThat(server.card().deterministic()).isFalse();
            assertThat(server.card().context()).isEqualTo(8192);
            assertThat(server.model()).isEqualTo("meta/llama");
            assertThat(server.keyFile()).isEqualTo(Optional.of(Path.of("token")));
        });
    }

    @Test
    void a_server_whose_vectors_have_dimensions_makes_embeddings() {
        var values = with("engine", "http://127.0.0.1:8000/v1");
        values.putAll(Map.of("model.name", "bge", "model.id", "ab".repeat(32), "model.context", "512", "model.dimensions", "768", "embedding-prices", "So11111111111111111111111111111111111111112:20000"));
        NodeSettings settings = NodeSettings.of(values);
        assertThat(settings.engines()).singleElement().isInstanceOfSatisfying(EngineSettings.Server.class, server -> {
            assertThat(server.card().kind()).isEqualTo(new ModelKind.Embedding(768));
            try (ModelRunner runner = server.open(_ -> { })) {
                assertThat(runner).isInstanceOf(EmbeddingEngine.class);
            }
        });
        assertThat(settings.node().embeddingPrices().values()).containsExactly(new Price(20_000, 0));
    }

    @Test
    void the_built_in_embedding_model_is_served_alone_or_beside_chats() {
        assertThat(NodeSettings.of(least()).engines()).doesNotContain(new EngineSettings.MiniLm());
        assertThat(NodeSettings.of(with("embeddings", "true")).engines()).hasSize(2).contains(new EngineSettings.MiniLm());
        NodeSettings alone = NodeSettings.of(with("engine", "minilm"));
        assertThat(alone.engines()).containsExactly(new EngineSettings.MiniLm());
        try (Runners runners = Runners.open(alone, _ -> { })) {
            assertThat(runners.all()).singleElement().satisfies(runner -> assertThat(runner.model().name()).isEqualTo("all-minilm-l6-v2"));
        }
    }

    private static Map<String, String> selling(String... more) {
        var values = with("services", "weather, dice");
        values.putAll(Map.of("service.weather.url", "http://127.0.0.1:9000/v2/forecast?key=mine", "service.dice.url", "https://dice.internal/", "service.dice.seconds", "5",
                "service.dice.reply-bytes", "100", "service-prices", "weather:" + KEY + ":2500,dice:" + KEY + ":1"));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return values;
    }

    @Test
    void an_agents_services_are_sold_beside_a_model_or_alone() {
        NodeSettings alone = NodeSettings.of(selling("engine", "none"));
        assertThat(alone.engines()).containsExactly(
                new EngineSettings.AgentService("weather", URI.create("http://127.0.0.1:9000/v2/forecast?key=mine"), Duration.ofSeconds(30), 65_536),
                new EngineSettings.AgentService("dice", URI.create("https://dice.internal/"), Duration.ofSeconds(5), 100));
        assertThat(alone.node().servicePrices()).isEqualTo(Map.of("weather", Map.of(PublicKey.fromBase58Encoded(KEY), 2_500L), "dice", Map.of(PublicKey.fromBase58Encoded(KEY), 1L)));
        var said = new ArrayList<String>();
        try (Runners runners = Runners.open(alone, said::add)) {
            assertThat(runners.all()).extracting(runner -> runner.model().name()).containsExactly("weather", "dice");
        }
        assertThat(said).as("what a URL's query says is nobody's business").noneMatch(line -> line.contains("mine"));
        assertThat(NodeSettings.of(selling()).engines()).hasSize(3).first().isInstanceOf(EngineSettings.BuiltIn.class);
    }

    @Test
    void a_service_that_cannot_be_sold_is_named() {
        Map<Map<String, String>, String> wrongs = Map.of(selling("services", "Weather"), "small letters", selling("service.weather.url", "ftp://x"), "service.weather.url",
                selling("service.weather.url", "http://me:secret@h/"), "neither a user", selling("service.weather.seconds", "0"), "service.weather.seconds",
                selling("service.dice.reply-bytes", "524289"), "service.dice.reply-bytes", selling("service-prices", "weather:2500"), "service:mint:units",
                selling("tiers", "confidential"), "tier open alone", with("engine", "none"), "nothing to do", selling("service.other.url", "http://x/"), "service.other.url");
        wrongs.forEach((values, word) -> assertThatThrownBy(() -> NodeSettings.of(values)).isInstanceOfSatisfying(StackException.class, e -> {
            assertThat(e.getMessage()).contains(word).doesNotContain("secret");
            assertThat(e.code()).startsWith("config_");
        }));
        var without = selling();
        without.remove("service.dice.url");
        assertThatThrownBy(() -> NodeSettings.of(without)).hasMessageContaining("service.dice.url");
    }

    @ParameterizedTest
    @CsvSource({"tdx, TDX", "snp, SNP", "none, NONE", "auto, AUTO"})
    void evidence_is_what_the_file_says(String said, MachineEvidence evidence) {
        assertThat(NodeSettings.of(with("evidence", said)).evidence()).isEqualTo(evidence);
    }

    @Test
    void a_confidential_node_takes_the_evidence_that_its_machine_offers() {
        assertThat(NodeSettings.of(with("tiers", "open,confidential")).evidence()).isEqualTo(MachineEvidence.AUTO);
    }

    @Test
    void gpus_that_cannot_be_asked_are_named_and_refused_only_where_they_must_be_there() {
        EvidenceSource cpu = reportData -> new EvidenceSource.Quoted("tdx", reportData, Optional.empty(), true);
        var said = new ArrayList<String>();
        assertThat(NodeSettings.of(least()).gpus()).isEqualTo(GpuChoice.AUTO);
        assertThat(NodeSettings.of(with("gpus", "none")).gpus().beside(cpu, "absent.so", said::add)).isSameAs(cpu);
        assertThat(said).isEmpty();
        assertThat(GpuChoice.AUTO.beside(cpu, "absent.so", said::add)).isSameAs(cpu);
        assertThat(said).singleElement().satisfies(line -> assertThat(line).contains("no NVIDIA driver"));
        assertThatThrownBy(() -> NodeSettings.of(with("gpus", "nvidia")).gpus().beside(cpu, "absent.so", said::add))
                .isInstanceOfSatisfying(StackException.class, e -> assertThat(e.code()).isEqualTo("gpu_evidence_absent"));
    }

    @Test
    void a_machine_that_offers_none_is_named() {
        assertThat(MachineEvidence.NONE.open(Path.of("absent"))).isEmpty();
        assertThatThrownBy(() -> MachineEvidence.AUTO.open(Path.of("absent"))).isInstanceOfSatisfying(StackException.class, e -> assertThat(e.code()).isEqualTo("evidence_absent"));
    }

    @ParameterizedTest
    @CsvSource({"evidnce, tdx, config_key_unknown", "evidence, intel, config_invalid", "gpus, amd, config_invalid", "sealing, kyber, config_invalid", "market, nowhere, key_malformed", "rpc, ftp://c, config_invalid", "payout, 0OIl, key_malformed",
            "tiers, secret, config_invalid", "engine, http://s/v1, config_missing", "model.threads, 0, config_invalid", "operator, '', config_missing"})
    void what_is_wrong_is_named(String name, String value, String code) {
        assertThatThrownBy(() -> NodeSettings.of(with(name, value))).isInstanceOfSatisfying(StackException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).isNotBlank();
        });
    }

    @Test
    void a_server_without_a_model_id_is_refused() {
        var values = with("engine", "http://s/v1");
        values.putAll(Map.of("model.name", "llama", "model.id", "short", "model.context", "10"));
        assertThatThrownBy(() -> NodeSettings.of(values)).isInstanceOfSatisfying(StackException.class, e -> assertThat(e.getMessage()).contains("model.id"));
    }
}
