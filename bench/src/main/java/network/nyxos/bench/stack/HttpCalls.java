package network.nyxos.bench.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Requests whose answer must have one status. */
final class HttpCalls implements AutoCloseable {

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();

    static HttpRequest get(URI uri) {
        return HttpRequest.newBuilder(uri).GET().build();
    }

    /** A chat completion. */
    static HttpRequest chat(URI server, String model, Map<String, String> headers) {
        byte[] body = "{\"model\":\"%s\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"What does a request cost?\"}]}".formatted(model).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("/v1/chat/completions")).header("content-type", "application/json");
        headers.forEach(request::header);
        return request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    }

    /**
     * The status of an answer.
     *
     * @throws UncheckedIOException when there is no server
     */
    int status(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(request.uri() + " did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was interrupted", e);
        }
    }

    void expect(HttpRequest request, int status) {
        int answered = status(request);
        if (answered != status) {
            throw new IllegalStateException(request.method() + " " + request.uri() + " was answered " + answered + ", must be " + status);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
