package network.nyxos.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.chain.Commitment;

/// An indexer over a chain on which everything has happened once, with a relayer that serves the contents of its batches.
final class Stage implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final World world = new World();
    final Postgres postgres = new Postgres();
    final Map<String, JsonNode> relayed = new ConcurrentHashMap<>();
    final Indexer indexer;
    private final HttpServer relayer;

    Stage() {
        // Batch documents under their paths; a job that no batch has yet, with a reason that is markup.
        for (World.Posted batch : world.wholeStory()) {
            relayed.put("/v1/batches/" + world.mint.toBase58() + "/" + batch.seq(), batch.document());
        }
        ObjectNode waiting = JSON.createObjectNode();
        waiting.putArray("jobs").addObject().put("job", "ab".repeat(32)).put("state", "verifying").put("tier", "verified").put("mint", world.mint.toBase58())
            .put("charge", "1250000").put("reason", "<script>alert(1)</script>");
        relayed.put("/v1/jobs", waiting);
        try {
            relayer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        relayer.createContext("/", exchange -> {
            JsonNode answer = relayed.get(exchange.getRequestURI().getPath());
            byte[] body = String.valueOf(answer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        relayer.start();
        indexer = Indexer.start(IndexerConfig.of(world.server.httpUrl(), postgres.jdbcUrl(), World.PROGRAMS).at(Commitment.CONFIRMED)
            .withSubscriptions(world.server.wsUrl()).withSymbols(Map.of(world.mint.toBase58(), "USDC")).onDevelopmentAttestation()
            .withRelayer(URI.create("http://127.0.0.1:" + relayer.getAddress().getPort()), Optional.empty()));
        indexer.catchUp();
        await().atMost(Duration.ofSeconds(20)).until(() ->
            walk("/v1/batches").stream().filter(batch -> batch.path("content").path("state").textValue().equals("verified")).count() == 4);
    }

    HttpResponse<String> response(String path) {
        try {
            return HTTP.send(HttpRequest.newBuilder(indexer.url().resolve(path)).build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(path, e);
        }
    }

    JsonNode get(String path) {
        HttpResponse<String> response = response(path);
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /// All rows of a list, page by page.
    List<JsonNode> walk(String path) {
        var rows = new ArrayList<JsonNode>();
        Optional<String> next = Optional.of("");
        while (next.isPresent()) {
            JsonNode page = get(path + next.get());
            page.path("items").forEach(rows::add);
            next = Optional.ofNullable(page.path("next").textValue()).map(after -> (path.contains("?") ? "&" : "?") + "after=" + after);
        }
        return rows;
    }

    @Override
    public void close() {
        indexer.close();
        relayer.stop(0);
        postgres.close();
        world.close();
    }
}
