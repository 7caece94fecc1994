package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.collateral.CollateralSettings;
import network.nyxos.escrow.job.Tier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A gateway that judges evidence by collateral of its own, from a service of PCS's form.
@Timeout(120)
class FetchedCollateralTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final DevelopmentTee HARDWARE = DevelopmentTee.create(Instant.now());

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private HttpServer service(String collateral) throws IOException {
        JsonNode parts = Posted.json(collateral);
        Map<String, byte[]> bodies = Map.of("/tdx/certification/v4/tcb", signed("tcbInfo", parts, "tcb_info"), "/tdx/certification/v4/qe/identity", signed("enclaveIdentity", parts, "qe_identity"),
            "/sgx/certification/v4/pckcrl", HexFormat.of().parseHex(parts.path("pck_crl").asText()), "/sgx/certification/v4/rootcacrl", parts.path("root_ca_crl").asText().getBytes(StandardCharsets.US_ASCII));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            byte[] body = bodies.getOrDefault(exchange.getRequestURI().getPath(), new byte[0]);
            for (String header : List.of("TCB-Info-Issuer-Chain", "SGX-Enclave-Identity-Issuer-Chain")) {
                exchange.getResponseHeaders().add(header, parts.path("tcb_info_issuer_chain").asText().replace("\n", "%0A").replace(" ", "%20"));
            }
            exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static byte[] signed(String member, JsonNode parts, String name) {
        return ("{\"" + member + "\":" + parts.path(name).asText() + ",\"signature\":\"" + parts.path(name + "_signature").asText() + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_confidential_node_is_judged_and_shown_by_what_the_gateway_fetched() throws IOException {
        String collateral = HARDWARE.collateral(Instant.now().minus(Duration.ofDays(1))).toJson();
        HttpServer pccs = service(collateral);
        try (var ground = new Ground()) {
            GatewayConfig plain = ground.config(ground.schema(), Ground.timing(), Optional.of(Policy.development(HARDWARE.trustAnchor())));
            CollateralSettings settings = CollateralSettings.MAKERS.withPccs(URI.create("http://127.0.0.1:" + pccs.getAddress().getPort()));
            ScriptedNode.Keys keys = ground.register(Tier.CONFIDENTIAL);
            try (Gateway gateway = Gateway.start(new GatewayConfig(plain.listen(), plain.jdbcUrl(), plain.schema(), plain.chain(), plain.keys(), plain.models(), plain.mints(), plain.relayer(),
                plain.evidence(), plain.timing(), plain.sponsor(), plain.production(), Optional.of(settings)));
                 ScriptedNode node = ScriptedNode.dial(gateway, keys, ScriptedNode.Script.saying("Hello"), 4, Optional.of(HARDWARE), Tier.CONFIDENTIAL)) {
                await().atMost(SOON).until(() -> node.welcomed() || !node.refused().isEmpty());
                assertThat(node.refused()).isEmpty();
                await().atMost(SOON).until(() -> shown(gateway).has("evidence"));
                assertThat(shown(gateway).path("evidence").path("collateral").asText()).as("not what the node brought").isEqualTo(collateral);
                assertThat(asked).hasSize(4).anyMatch(path -> path.startsWith("/tdx/certification/v4/tcb?fmspc="));
            }
        } finally {
            pccs.stop(0);
        }
    }

    private static JsonNode shown(Gateway gateway) {
        return Posted.json(Posted.get(gateway, "/v1/nodes").body()).path("nodes").path(0);
    }
}
