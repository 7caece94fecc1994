package network.nyxos.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks the stack's own services. */
final class Http {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** The body of a 200 as bytes; empty for a 404; anything else, and no answer, is a fault of the stack. */
    Optional<byte[]> bytes(URI uri) {
        try {
            HttpResponse<byte[]> response = client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
            return switch (response.statusCode()) {
                case 200 -> Optional.of(response.body());
                case 404 -> Optional.empty();
                default -> throw new StackException("service_failed", uri + " answered " + response.statusCode() + ": " + new String(response.body()).strip());
            };
        } catch (IOException e) {
            throw new StackException("service_unreachable", uri + " did not answer: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted", "the run was interrupted");
        }
    }

    /** As {@link #bytes}, read as JSON. */
    Optional<JsonNode> json(URI uri) {
        return bytes(uri).map(bytes -> {
            try {
                return JSON.readTree(bytes);
            } catch (IOException e) {
                throw new StackException("service_failed", uri + " answered something that is not JSON");
            }
        });
    }
}
