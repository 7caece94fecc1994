package network.nyxos.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.job.Tier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the mirror does as the chain goes on.
class LiveTest {
    private static Stage stage;

    @BeforeAll
    static void start() {
        stage = new Stage();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @Test
    void a_live_reader_hears_of_a_new_event_and_of_what_it_missed() throws Exception {
        long before = stage.get("/v1/status").path("indexed").path("lastId").longValue();
        HttpResponse<InputStream> stream = HttpClient.newHttpClient().send(HttpRequest.newBuilder(stage.indexer.url().resolve("/v1/live")).build(), BodyHandlers.ofInputStream());
        try (var reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(reader.readLine()).isEqualTo("event: status");
            World.Session session = stage.world.open(77);
            String line;
            do {
                line = reader.readLine();
            } while (line != null && !line.contains(session.escrow().toBase58()));
            assertThat(line).contains("EscrowOpened");
            stage.world.exit(session);
        }
        stage.indexer.catchUp();
        HttpResponse<InputStream> again = HttpClient.newHttpClient().send(HttpRequest.newBuilder(stage.indexer.url().resolve("/v1/live")).header("Last-Event-ID", Long.toString(before))
            .build(), BodyHandlers.ofInputStream());
        try (var reader = new BufferedReader(new InputStreamReader(again.body(), StandardCharsets.UTF_8))) {
            var seen = new ArrayList<String>();
            while (seen.size() < 3) {
                String line = reader.readLine();
                if (line.startsWith("id: ")) {
                    seen.add(line);
                }
            }
            assertThat(seen).containsExactly("id: " + (before + 1), "id: " + (before + 2), "id: " + (before + 3));
        }
    }

    @Test
    void a_document_that_lies_is_refused_and_shows_nothing() {
        World.Provider provider = stage.world.provider(Tier.OPEN);
        stage.world.payExact(100);
        long seq = 5;
        // The fourth batch is in its window until somebody makes it final.
        stage.world.finish(4);
        World.Posted batch = stage.world.post(seq, List.of(stage.world.receipt(provider, Tier.OPEN, 60), stage.world.receipt(provider, Tier.OPEN, 40)),
            List.of(World.credit(provider, 900)));
        String path = "/v1/batches/" + stage.world.mint + "/" + seq;
        ObjectNode lie = batch.document().deepCopy();
        ((ObjectNode) lie.get("credits").get(0)).put("cumulative", "901");
        stage.relayed.put(path, lie);
        stage.indexer.catchUp();
        await().atMost(Duration.ofSeconds(20)).until(() -> stage.get(path).path("content").path("state").textValue().equals("refused"));
        JsonNode refused = stage.get(path);
        assertThat(refused.path("content").path("code").textValue()).isEqualTo("credit_sum_differs");
        assertThat(refused.get("jobs")).isEmpty();
        assertThat(refused.get("credits")).isEmpty();
        // Once the relayer tells the truth the content is taken.
        stage.relayed.put(path, batch.document());
        await().atMost(Duration.ofSeconds(30)).until(() -> stage.get(path).path("content").path("state").textValue().equals("verified"));
        assertThat(stage.get(path).get("jobs")).hasSize(2);
        stage.world.voidBatch(batch, 1);
        stage.indexer.catchUp();
    }

    @Test
    void an_attestation_under_a_development_root_is_named_so() {
        World.Provider fresh = stage.world.provider(Tier.CONFIDENTIAL);
        stage.indexer.catchUp();
        JsonNode attested = stage.get("/v1/nodes/" + fresh.node().publicKey()).get("attestation");
        assertThat(attested.get("kind").textValue()).isEqualTo("tdx");
        assertThat(attested.get("development").booleanValue()).isTrue();
        assertThat(attested.get("expired").booleanValue()).isFalse();
    }
}
