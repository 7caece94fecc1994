package network.nyxos.node.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.money.Price;

/**
 * An embedding model behind any server that speaks OpenAI's embeddings: vLLM, llama.cpp, Ollama. Not deterministic, so for the open and confidential tiers.
 *
 * <p>Token counts are the server's ({@code usage}); token ids are unknown, so a receipt's prompt commitment is over none. A server may cut what is too long for its
 * model without saying so: the configuration should name one that refuses.
 */
public final class OpenAiServerEmbeddings implements EmbeddingEngine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofMinutes(5);
    private static final int MAX_ERROR = 500;
    /** Inputs of one question to the server, so that vectors come as they are made and a given-up job ends. */
    private static final int BATCH = 64;

    private final ModelCard card;
    private final int dimensions;
    private final URI embeddings;
    private final String serverModel;
    private final Optional<String> apiKey;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /**
     * An engine for one model of a server.
     *
     * @param card        what it is towards peers; of an embedding model, and must not claim to be deterministic
     * @param baseUrl     up to and with {@code /v1}
     * @param serverModel what the server calls the model
     * @param apiKey      sent as a bearer token
     */
    public OpenAiServerEmbeddings(ModelCard card, URI baseUrl, String serverModel, Optional<String> apiKey) {
        if (card.deterministic() || !(card.kind() instanceof ModelKind.Embedding(int numbers))) {
            throw new IllegalArgumentException("another server's embedding model is one, and is not deterministic");
        }
        this.card = card;
        this.dimensions = numbers;
        this.embeddings = URI.create(baseUrl.toString().replaceAll("/+$", "") + "/embeddings");
        this.serverModel = serverModel;
        this.apiKey = apiKey;
    }

    @Override
    public ModelCard model() {
        return card;
    }

    @Override
    public long tokensAtMost(List<String> inputs) {
        return Price.promptBound(inputs);
    }

    @Override
    public Embedded embed(List<String> inputs, Consumer<Embedding> sink, Cancellation cancellation) {
        int tokens = 0;
        var vectors = new Embedding[inputs.size()];
        for (int from = 0; from < vectors.length; from += BATCH) {
            if (cancellation.cancelled()) {
                throw new CancellationException("the job was given up");
            }
            int to = Math.min(vectors.length, from + BATCH);
            JsonNode answer = ask(inputs.subList(from, to));
            take(answer.path("data"), vectors, from, to);
            tokens = Math.addExact(tokens, tokens(answer));
            Arrays.asList(vectors).subList(from, to).forEach(sink);
        }
        return new Embedded(new int[0], tokens, List.of(vectors));
    }

    private JsonNode ask(List<String> inputs) {
        ObjectNode body = JSON.createObjectNode().put("model", serverModel).put("encoding_format", "float");
        inputs.forEach(body.putArray("input")::add);
        HttpRequest.Builder request = HttpRequest.newBuilder(embeddings).timeout(ANSWER).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() != 200) {
                throw failed("the model server answered " + response.statusCode() + ": " + response.body().substring(0, Math.min(MAX_ERROR, response.body().length())));
            }
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw failed("the model server's answer is not JSON");
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.ENGINE_FAILED, "the model server at " + embeddings + " failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted while the model server worked");
        }
    }

    private void take(JsonNode data, Embedding[] vectors, int from, int to) {
        for (JsonNode each : data) {
            int at = from + each.path("index").asInt(-1);
            JsonNode numbers = each.path("embedding");
            if (at < from || at >= to || vectors[at] != null || numbers.size() != dimensions) {
                throw failed("the model server gave other vectors than it was asked for: they must have " + dimensions + " numbers, one for each input");
            }
            var values = new float[dimensions];
            for (int i = 0; i < dimensions; i++) {
                values[i] = (float) numbers.get(i).asDouble(Double.NaN);
            }
            vectors[at] = Embedding.of(values);
            if (!vectors[at].finite()) {
                throw failed("the model server gave a vector with something that is not a number");
            }
        }
        if (Arrays.asList(vectors).subList(from, to).contains(null)) {
            throw failed("the model server gave no vector for an input");
        }
    }

    private static int tokens(JsonNode answer) {
        int tokens = answer.path("usage").path("prompt_tokens").asInt(-1);
        if (tokens < 0) {
            throw failed("the model server gives no usage; use one that counts prompt_tokens");
        }
        return tokens;
    }

    private static EngineException failed(String message) {
        return new EngineException(EngineException.Code.ENGINE_FAILED, message);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
