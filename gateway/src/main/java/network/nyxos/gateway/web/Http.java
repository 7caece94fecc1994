package network.nyxos.gateway.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.Replies;

/// What all endpoints share of HTTP: header names, bodies with a bound, answers in JSON.
final class Http {
    /// The largest body that is read.
    static final int MAX_BODY = 256 * 1024;
    static final HeaderName PAYMENT_REQUIRED = HeaderNames.create("PAYMENT-REQUIRED");
    static final HeaderName PAYMENT_SIGNATURE = HeaderNames.create("PAYMENT-SIGNATURE");
    static final HeaderName X_PAYMENT = HeaderNames.create("X-PAYMENT");
    static final HeaderName REPLAYED = HeaderNames.create("Idempotent-Replayed");
    static final HeaderName ROUTING = HeaderNames.create("Nyxos-Routing");
    static final HeaderName SERVED = HeaderNames.create("Nyxos-Served");
    static final HeaderName FORWARDED_BY = HeaderNames.create("Nyxos-Forwarded-By");
    static final HeaderName REQUEST_ID = HeaderNames.create("X-Request-Id");
    private static final HeaderName ALLOW_ORIGIN = HeaderNames.create("Access-Control-Allow-Origin");
    private static final HeaderName ALLOW_METHODS = HeaderNames.create("Access-Control-Allow-Methods");
    private static final HeaderName ALLOW_HEADERS = HeaderNames.create("Access-Control-Allow-Headers");
    private static final HeaderName EXPOSE_HEADERS = HeaderNames.create("Access-Control-Expose-Headers");
    private static final HeaderName REQUEST_HEADERS = HeaderNames.create("Access-Control-Request-Headers");
    private static final HeaderName CONTENT_TYPE_OPTIONS = HeaderNames.create("X-Content-Type-Options");
    private static final HeaderName MAX_AGE = HeaderNames.create("Access-Control-Max-Age");
    private static final String EXPOSED = "PAYMENT-REQUIRED, PAYMENT-RESPONSE, X-PAYMENT-RESPONSE, X-Request-Id, Retry-After, Idempotent-Replayed, Nyxos-Routing, Nyxos-Served";
    /// The content type of all answers but streams.
    static final String JSON = "application/json";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Http() {
    }

    /// Headers of every answer: browsers may read it, and everybody may refer to it.
    static void common(ServerResponse response) {
        byte[] id = new byte[12];
        RANDOM.nextBytes(id);
        response.header(ALLOW_ORIGIN, "*").header(EXPOSE_HEADERS, EXPOSED).header(REQUEST_ID, "req_" + HexFormat.of().formatHex(id));
    }

    /// The id of an answer, by which a client may refer to it.
    static String id(ServerResponse response) {
        return response.headers().get(REQUEST_ID).get();
    }

    /// Answers a browser's question whether it may ask.
    static void preflight(ServerRequest request, ServerResponse response) {
        response.header(ALLOW_METHODS, "POST, GET, OPTIONS").header(ALLOW_HEADERS, request.headers().first(REQUEST_HEADERS).orElse("Content-Type"))
            .header(MAX_AGE, "86400").status(204).send();
    }

    /// A header that may be there once.
    ///
    /// @throws ApiException 400 `duplicate_header`: two payments in one request are none
    static Optional<String> once(ServerRequest request, HeaderName name) {
        if (!request.headers().contains(name)) {
            return Optional.empty();
        }
        List<String> values = request.headers().get(name).allValues();
        if (values.size() > 1) {
            throw ApiException.badRequest("duplicate_header", "header " + name.defaultCase() + " was sent more than once");
        }
        return values.stream().findFirst();
    }

    /// A parameter of the query that is there and not empty.
    static Optional<String> parameter(ServerRequest request, String name) {
        return request.query().first(name).asOptional().filter(value -> !value.isEmpty());
    }

    /// A parameter of the query that is a whole number.
    ///
    /// @throws ApiException 400 `invalid_value`
    static int number(ServerRequest request, String name, int missing, int least, int most) {
        String text = parameter(request, name).orElse(Integer.toString(missing));
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw ApiException.badRequest("invalid_value", name, "'" + name + "' must be a whole number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }

    /// The body, of at most {@value #MAX_BODY} bytes.
    ///
    /// @throws ApiException 413 `request_too_large`
    static byte[] body(ServerRequest request) {
        try (InputStream in = request.content().inputStream()) {
            byte[] body = in.readNBytes(MAX_BODY + 1);
            if (body.length > MAX_BODY) {
                throw ApiException.refused(413, "request_too_large", "a body has at most " + MAX_BODY + " bytes");
            }
            return body;
        } catch (IOException e) {
            throw ApiException.badRequest("body_unreadable", "the body could not be read to its end");
        }
    }

    /// Says of a body which is a stranger's own what other replies say in their member `nyxos`; and that it is JSON, whatever it looks like to a browser.
    ///
    /// @param served that member, as a header has it
    static void strangers(ServerResponse response, String served) {
        response.header(SERVED, served).header(CONTENT_TYPE_OPTIONS, "nosniff");
    }

    /// Sends JSON.
    static void json(ServerResponse response, int status, byte[] body) {
        response.status(status).header(HeaderNames.CONTENT_TYPE, JSON).send(body);
    }

    /// Sends an error.
    static void error(ServerResponse response, ApiException failure) {
        failure.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        json(response, failure.status(), Replies.error(failure).toString().getBytes(StandardCharsets.UTF_8));
    }
}
