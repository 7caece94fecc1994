package network.nyxos.node.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A model behind any server that speaks OpenAI's chat completions and streams them: vLLM, llama.cpp, Ollama. Not
 * deterministic, so for the open and confidential tiers.
 *
 * <p>Token counts are the server's ({@code usage} in the stream's last chunk); a server that gives none cannot be paid by
 * counts and is refused. Token ids are unknown, so a receipt's commitments are over none.
 */
public final class OpenAiServerEngine implements Engine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration FIRST_ANSWER = Duration.ofMinutes(5);
    private static final int MAX_ERROR = 500;

    private final ModelCard card;
    private final URI completions;
    private final String serverModel;
    private final Optional<String> apiKey;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /**
     * An engine for one model of a server.
     *
     * @param card        what it is towards peers; must not claim to be deterministic
     * @param baseUrl     up to and with {@code /v1}
     * @param serverModel what the server calls the model
     * @param apiKey      sent as a bearer token
     */
    public OpenAiServerEngine(ModelCard card, URI baseUrl, String serverModel, Optional<String> apiKey) {
        if (card.deterministic()) {
            throw new IllegalArgumentException("another server's engine is not deterministic");
        }
        this.card = card;
        this.completions = URI.create(baseUrl.toString().replaceAll("/+$", "") + "/chat/completions");
        this.serverModel = serverModel;
        this.apiKey = apiKey;
    }

    @Override
    public ModelCard model() {
        return card;
    }

    @Override
    public Completion generate(GenerationRequest request, TokenSink sink, Cancellation cancellation) {
        if (!request.format().isEmpty()) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "replies of this model are not held to forms");
        }
        if (request.topLogprobs().isPresent()) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "this model's probabilities are not known");
        }
        HttpRequest.Builder builder = HttpRequest.newBuilder(completions).timeout(FIRST_ANSWER).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body(request).toString()));
        apiKey.ifPresent(key -> builder.header("Authorization", "Bearer " + key));
        try {
            HttpResponse<InputStream> response = http.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                if (response.statusCode() != 200) {
                    String reason = new String(in.readNBytes(MAX_ERROR), StandardCharsets.UTF_8);
                    throw failed("the model server answered " + response.statusCode() + ": " + reason, null);
                }
                // Closing the stream makes a blocked reading fail, which is how a cancellation reaches the server.
                cancellation.onCancel(() -> close(in));
                return read(in, request, sink, cancellation);
            }
        } catch (IOException e) {
            throw failed("the model server at " + completions + " failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted while the model server worked", e);
        }
    }

    private ObjectNode body(GenerationRequest request) {
        ObjectNode body = JSON.createObjectNode().put("model", serverModel).put("stream", true).put("max_tokens", request.maxTokens())
                .put("seed", request.seed() & Long.MAX_VALUE).put("temperature", request.sampling().temperatureMicro() / (double) Sampling.ONE)
                .put("top_p", request.sampling().topPMicro() / (double) Sampling.ONE);
        body.putObject("stream_options").put("include_usage", true);
        if (request.sampling().topK() > 0) {
            body.put("top_k", request.sampling().topK());
        }
        ArrayNode messages = body.putArray("messages");
        request.messages().forEach(message -> messages.addObject().put("role", message.role()).put("content", message.content()));
        if (!request.stop().isEmpty()) {
            request.stop().forEach(body.putArray("stop")::add);
        }
        return body;
    }

    private static Completion read(InputStream in, GenerationRequest request, TokenSink sink, Cancellation cancellation) throws IOException {
        int pieces = 0;
        int tokensIn = -1;
        int tokensOut = -1;
        Completion.Finish finish = Completion.Finish.STOP;
        boolean ended = false;
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null && !ended; line = lines.readLine()) {
                if (!line.startsWith("data:")) {
                    continue;
                }
                String data = line.substring(5).strip();
                if (data.equals("[DONE]")) {
                    ended = true;
                    continue;
                }
                JsonNode chunk = parse(data);
                if (chunk.hasNonNull("error")) {
                    throw failed("the model server failed in mid-stream", null);
                }
                JsonNode choice = chunk.path("choices").path(0);
                String text = choice.path("delta").path("content").asText("");
                if (!text.isEmpty()) {
                    sink.accept(text, ++pieces);
                }
                if (choice.path("finish_reason").asText("").equals("length")) {
                    finish = Completion.Finish.LENGTH;
                }
                if (chunk.path("usage").isObject()) {
                    tokensIn = chunk.path("usage").path("prompt_tokens").asInt(-1);
                    tokensOut = chunk.path("usage").path("completion_tokens").asInt(-1);
                }
            }
        } catch (IOException e) {
            if (!cancellation.cancelled()) {
                throw e;
            }
        }
        if (cancellation.cancelled()) {
            // The server counts no more; at least one token stands behind every piece, and nothing is charged for the prompt.
            return new Completion(new int[0], new int[0], 0, pieces, request.maxTokens(), Completion.Finish.CANCELLED);
        }
        if (!ended) {
            throw failed("the model server's stream broke off", null);
        }
        if (tokensIn < 0 || tokensOut < 0) {
            throw failed("the model server gives no usage in its stream; use one that knows stream_options.include_usage", null);
        }
        return new Completion(new int[0], new int[0], tokensIn, tokensOut, request.maxTokens(), finish);
    }

    private static JsonNode parse(String data) {
        try {
            return JSON.readTree(data);
        } catch (JsonProcessingException e) {
            throw failed("the model server streamed something that is not JSON", null);
        }
    }

    @Override
    public Completion replay(ReplayRequest request, Cancellation cancellation) {
        throw new EngineException(EngineException.Code.INVALID_REQUEST, "this engine is not deterministic and replays nothing");
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EngineException failed(String message, Exception cause) {
        return cause == null ? new EngineException(EngineException.Code.ENGINE_FAILED, message)
                : new EngineException(EngineException.Code.ENGINE_FAILED, message, cause);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
