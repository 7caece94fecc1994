package network.nyxos.gateway.web;

import io.helidon.webserver.http.Handler;
import java.util.concurrent.Semaphore;
import network.nyxos.gateway.openai.ApiException;

/// How many requests of a kind are worked on at once; what is beyond is refused before it is read. Thread-safe.
final class Bound {
    private static final int RETRY_SECONDS = 1;

    private final Semaphore places;
    private final String code;
    private final String message;

    /// @param most    at once
    /// @param code    of the refusal
    /// @param message of the refusal
    Bound(int most, String code, String message) {
        this.places = new Semaphore(most);
        this.code = code;
        this.message = message;
    }

    /// A handler within this bound. Several may share one.
    Handler of(Handler handler) {
        return (request, response) -> {
            if (!places.tryAcquire()) {
                throw ApiException.unavailable(code, message + "; send this again; nothing was charged", RETRY_SECONDS);
            }
            try {
                handler.handle(request, response);
            } finally {
                places.release();
            }
        };
    }
}
