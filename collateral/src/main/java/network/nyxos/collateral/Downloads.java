package network.nyxos.collateral;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

/// GET, with bounds: no redirects, a limit on size and time.
final class Downloads implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final long MAX_BYTES = 4 << 20;
    private static final int DER_SEQUENCE = 0x30;

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER).build();

    /// An answer of status 200.
    record Answer(byte[] body, HttpResponse<byte[]> response) {
        /// The first of these headers that is there.
        ///
        /// @throws CollateralException `collateral_unavailable` when none is
        String header(String... names) {
            for (String name : names) {
                Optional<String> value = response.headers().firstValue(name);
                if (value.isPresent()) {
                    return value.get();
                }
            }
            throw new CollateralException(CollateralException.Kind.UNAVAILABLE, response.uri() + " answered without the header " + names[0]);
        }

        /// Binary, which some services write in hexadecimal.
        ///
        /// @throws CollateralException `collateral_unavailable` when it is neither
        Bytes der() {
            if (body.length > 0 && body[0] == DER_SEQUENCE && (body.length < 2 || body[1] < '0' || body[1] > 'f')) {
                return Bytes.of(body);
            }
            try {
                return Bytes.fromHex(new String(body, java.nio.charset.StandardCharsets.ISO_8859_1).strip());
            } catch (AttestationException e) {
                throw new CollateralException(CollateralException.Kind.UNAVAILABLE, response.uri() + " answered neither DER nor hexadecimal", e);
            }
        }
    }

    /// A service's base URL, that paths are put behind.
    static String base(URI service) {
        return service.toString().replaceAll("/+$", "");
    }

    /// Fetches.
    ///
    /// @throws CollateralException `collateral_unknown` for 404 and 410, `collateral_unavailable` for everything but 200
    Answer get(URI uri) {
        HttpResponse<byte[]> response;
        try {
            response = http.send(HttpRequest.newBuilder(uri).timeout(ANSWER).build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        } catch (IOException e) {
            throw new CollateralException(CollateralException.Kind.UNAVAILABLE, uri + " did not answer: " + Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CollateralException(CollateralException.Kind.UNAVAILABLE, "interrupted", e);
        }
        return switch (response.statusCode()) {
            case 200 -> new Answer(response.body(), response);
            case 404, 410 -> throw new CollateralException(CollateralException.Kind.UNKNOWN, uri + " answered " + response.statusCode() + ": it has nothing of this platform");
            default -> throw new CollateralException(CollateralException.Kind.UNAVAILABLE, uri + " answered " + response.statusCode());
        };
    }

    @Override
    public void close() {
        // What is under way is not waited for.
        http.shutdownNow();
    }
}
