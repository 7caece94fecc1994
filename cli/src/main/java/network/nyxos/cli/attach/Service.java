package network.nyxos.cli.attach;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import network.nyxos.cli.up.StackException;

/** A gateway or relayer that is asked over HTTP. */
public final class Service implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final String name;
    private final URI base;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).version(HttpClient.Version.HTTP_1_1).build();

    /**
     * @param name what it is, for messages
     * @param base its URL without a path
     */
    public Service(String name, URI base) {
        this.name = name;
        this.base = base;
    }

    /**
     * The body of a 200; empty for a 404.
     *
     * @throws StackException {@code service_unreachable}, or the service's own code
     */
    public Optional<byte[]> get(String path) {
        HttpResponse<byte[]> response;
        try {
            response = http.send(HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException | IllegalArgumentException e) {
            throw new StackException("service_unreachable", "the " + name + " at " + base + " did not answer"
                    + Optional.ofNullable(e.getMessage()).map(message -> " (" + message + ")").orElse("") + "; check its address and that it runs");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted", "interrupted while the " + name + " was asked");
        }
        return switch (response.statusCode()) {
            case 200 -> Optional.of(response.body());
            case 404 -> Optional.empty();
            default -> throw refused(response);
        };
    }

    /** As {@link #get}, read as JSON. */
    public Optional<JsonNode> json(String path) {
        return get(path).map(body -> {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new StackException("service_malformed", "the " + name + " at " + base + " answered something that is not JSON");
            }
        });
    }

    private StackException refused(HttpResponse<byte[]> response) {
        String code = "service_failed";
        String message = new String(response.body(), StandardCharsets.UTF_8).strip();
        try {
            JsonNode error = JSON.readTree(response.body()).path("error");
            code = error.path("code").asText(code);
            message = error.path("message").asText(message);
        } catch (IOException e) {
            // Not the service's own error form: what it said is shown as it is.
        }
        return new StackException(code, "the " + name + " answered " + response.statusCode() + ": " + message);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
