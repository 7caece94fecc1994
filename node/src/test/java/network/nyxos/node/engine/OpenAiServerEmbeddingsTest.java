package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.IntStream;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ModelKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An embedding model behind a server that speaks OpenAI's API. */
class OpenAiServerEmbeddingsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private OpenAiServerEmbeddings engine;
    private volatile Function<JsonNode, String> answer = OpenAiServerEmbeddingsTest::lengths;
    private volatile int status = 200;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/embeddings", exchange -> {
            JsonNode body = JSON.readTree(exchange.getRequestBody());
            asked.add(body);
            byte[] bytes = answer.apply(body).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        engine = new OpenAiServerEmbeddings(new ModelCard("ab".repeat(32), "big", "vllm", 8192, false, new ModelKind.Embedding(2)),
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/"), "org/big", Optional.of("secret"));
    }

    @AfterEach
    void stop() {
        engine.close();
        server.stop(0);
    }

    /** Of each text its length and 0.1, the last one first, as a server may give them; three tokens a text. */
    private static String lengths(JsonNode body) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode data = root.putArray("data");
        for (int i = body.path("input").size() - 1; i >= 0; i--) {
            data.addObject().put("index", i).putArray("embedding").add(body.path("input").get(i).asText().length()).add(0.1);
        }
        root.putObject("usage").put("prompt_tokens", 3 * data.size());
        return root.toString();
    }

    @Test
    void vectorsComeInTheOrderOfTheInputsAndCountsAreTheServers() {
        List<Embedding> seen = new ArrayList<>();
        EmbeddingEngine.Embedded embedded = engine.embed(List.of("a", "bb"), seen::add, new Cancellation());

        assertThat(embedded.vectors()).containsExactly(Embedding.of(new float[] {1, 0.1f}), Embedding.of(new float[] {2, 0.1f})).isEqualTo(seen);
        assertThat(embedded.tokensIn()).isEqualTo(6);
        assertThat(embedded.promptIds()).isEmpty();
        assertThat(asked.getFirst().path("model").asText()).isEqualTo("org/big");
        assertThat(asked.getFirst().path("encoding_format").asText()).isEqualTo("float");
        assertThat(engine.tokensAtMost(List.of("a", "bb"))).as("no tokenizer: a bound").isGreaterThan(6);
    }

    @Test
    void manyInputsAreAskedForInPartsSoThatAJobCanBeGivenUp() {
        List<String> many = IntStream.range(0, 130).mapToObj(i -> "x".repeat(i + 1)).toList();
        EmbeddingEngine.Embedded embedded = engine.embed(many, vector -> { }, new Cancellation());
        assertThat(embedded.vectors()).extracting(vector -> (int) vector.values()[0]).containsExactlyElementsOf(IntStream.rangeClosed(1, 130).boxed().toList());
        assertThat(asked).hasSize(3);

        var cancellation = new Cancellation();
        assertThatThrownBy(() -> engine.embed(many, vector -> cancellation.cancel(), cancellation)).isInstanceOf(CancellationException.class);
        assertThat(asked).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"data\":[{\"index\":0,\"embedding\":[1]}],\"usage\":{\"prompt_tokens\":1}}", "{\"data\":[],\"usage\":{\"prompt_tokens\":1}}",
        "{\"data\":[{\"index\":1,\"embedding\":[1,2]}],\"usage\":{\"prompt_tokens\":1}}", "{\"data\":[{\"index\":0,\"embedding\":[1,\"x\"]}],\"usage\":{\"prompt_tokens\":1}}",
        "{\"data\":[{\"index\":0,\"embedding\":[1,2]},{\"index\":0,\"embedding\":[1,2]}],\"usage\":{\"prompt_tokens\":1}}", "{\"data\":[{\"index\":0,\"embedding\":[1,2]}]}", "nothing"})
    void aServerThatAnswersSomethingElseFails(String wrong) {
        answer = body -> wrong;
        assertThatThrownBy(() -> engine.embed(List.of("a"), vector -> { }, new Cancellation())).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.ENGINE_FAILED));
    }

    @Test
    void aServerThatRefusesIsQuoted() {
        status = 400;
        answer = body -> "too long";
        assertThatThrownBy(() -> engine.embed(List.of("a"), vector -> { }, new Cancellation())).hasMessageContaining("400").hasMessageContaining("too long");
    }

    @Test
    void aChatModelIsNone() {
        assertThatThrownBy(() -> new OpenAiServerEmbeddings(new ModelCard("ab".repeat(32), "big", "vllm", 8192, false, false), URI.create("http://127.0.0.1:1/v1"), "big", Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
