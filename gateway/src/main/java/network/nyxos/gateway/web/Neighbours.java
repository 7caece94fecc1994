package network.nyxos.gateway.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import network.nyxos.gateway.openai.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The other gateways of the same schema. A purchase that is asked for again may come to another gateway than the one that holds the reply; then the request is
/// handed on as it came, and the answer comes back through here.
final class Neighbours implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofMinutes(1);
    private static final List<String> PASSED_ON = List.of("PAYMENT-SIGNATURE", "X-PAYMENT", "Content-Type", "SIGN-IN-WITH-X");
    private static final List<String> PASSED_BACK = List.of("Content-Type", "PAYMENT-REQUIRED", "PAYMENT-RESPONSE", "X-PAYMENT-RESPONSE", "Cache-Control", "Retry-After", "Idempotent-Replayed", "Nyxos-Served",
        "X-Content-Type-Options");

    private final UUID self;
    private final Function<UUID, Optional<URI>> addresses;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

    /// @param self      this gateway
    /// @param addresses of living gateways
    Neighbours(UUID self, Function<UUID, Optional<URI>> addresses) {
        this.self = self;
        this.addresses = addresses;
    }

    /// Hands a request on to the gateway that holds what is asked for, and its answer back.
    ///
    /// @param holder the gateway
    /// @param body   the request's, which has been read
    /// @return whether it was answered; not when the holder is nobody, this gateway, or the request was handed on already
    /// @throws ApiException 503 `request_in_progress` when the neighbour does not answer
    boolean handOn(Optional<UUID> holder, ServerRequest request, byte[] body, ServerResponse response) {
        Optional<URI> neighbour = request.headers().contains(Http.FORWARDED_BY) ? Optional.empty() : holder.filter(id -> !id.equals(self)).flatMap(addresses);
        neighbour.ifPresent(address -> handOn(address, request, body, response));
        return neighbour.isPresent();
    }

    private void handOn(URI neighbour, ServerRequest request, byte[] body, ServerResponse response) {
        String query = request.query().isEmpty() ? "" : "?" + request.query().rawValue();
        HttpRequest.Builder question = HttpRequest.newBuilder(URI.create(neighbour + request.path().rawPath() + query)).timeout(ANSWER)
            .header(Http.FORWARDED_BY.defaultCase(), self.toString())
            .method(request.prologue().method().text(), HttpRequest.BodyPublishers.ofByteArray(body));
        PASSED_ON.forEach(name -> request.headers().first(HeaderNames.create(name)).ifPresent(value -> question.header(name, value)));
        try {
            HttpResponse<InputStream> answer = http.send(question.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = answer.body()) {
                response.status(answer.statusCode());
                PASSED_BACK.forEach(name -> answer.headers().firstValue(name).ifPresent(value -> response.header(HeaderNames.create(name), value)));
                try (OutputStream out = response.outputStream()) {
                    in.transferTo(out);
                }
            }
        } catch (IOException e) {
            if (response.isSent()) {
                LOG.debug("an answer handed back was cut off: {}", e.getMessage());
                return;
            }
            LOG.warn("the gateway at {} was not reached: {}", neighbour, e.getClass().getSimpleName());
            throw ApiException.unavailable("request_in_progress", "the gateway that holds this reply does not answer now; send this again, it is charged once", 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("gateway_stopping", "the gateway is shutting down; send this again, it is charged once", 2);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
