package network.nyxos.indexer.content;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Reads the relayer's public documents. Nothing it says is believed here.
public final class Relayer implements AutoCloseable {
    private static final int LARGEST_DOCUMENT = 64 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).followRedirects(HttpClient.Redirect.NEVER).build();

    /// @param base the relayer's URL
    public Relayer(URI base) {
        this.base = base;
    }

    /// The relayer did not give a document.
    public static final class UnavailableException extends Exception {
        private static final long serialVersionUID = 1L;

        /// @param message what was asked and what came back
        public UnavailableException(String message) {
            super(message);
        }
    }

    /// The document of a batch.
    ///
    /// @throws UnavailableException when the relayer does not give one
    public JsonNode batch(String mint, BigInteger seq) throws UnavailableException {
        return get("v1/batches/" + mint + "/" + seq);
    }

    /// Jobs in one state as the relayer has them, in the order of their ids.
    ///
    /// @throws UnavailableException when the relayer does not give them
    public JsonNode jobs(String state, int limit) throws UnavailableException {
        return get("v1/jobs?state=" + state + "&limit=" + limit);
    }

    /// A job as the relayer has it.
    ///
    /// @throws UnavailableException when the relayer does not give it
    public JsonNode job(String id) throws UnavailableException {
        return get("v1/jobs/" + URLEncoder.encode(id, StandardCharsets.UTF_8));
    }

    private JsonNode get(String path) throws UnavailableException {
        URI uri = base.resolve(base.getPath().endsWith("/") ? path : base.getPath() + "/" + path);
        try {
            HttpResponse<byte[]> response = http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).header("accept", "application/json").build(),
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_DOCUMENT));
            if (response.statusCode() != 200) {
                throw new UnavailableException("the relayer answered " + response.statusCode() + " to /" + path);
            }
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new UnavailableException("the relayer's answer to /" + path + " is not JSON");
        } catch (IOException e) {
            throw new UnavailableException("the relayer does not answer /" + path + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while asking the relayer");
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
