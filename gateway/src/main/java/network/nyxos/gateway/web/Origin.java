package network.nyxos.gateway.web;

import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.util.Optional;

/// How clients reach this gateway.
final class Origin {
    private static final String HOST_FORM = "[A-Za-z0-9.:\\[\\]-]{1,255}";

    private final Optional<String> configured;

    /// @param publicUrl as configured; empty: as the request's Host header says
    Origin(Optional<URI> publicUrl) {
        this.configured = publicUrl.map(url -> url.toString().replaceAll("/+$", ""));
    }

    /// The URL, without a slash at its end.
    String of(ServerRequest request) {
        String host = request.authority();
        return configured.orElseGet(() -> "http://" + (host.matches(HOST_FORM) ? host : "localhost"));
    }
}
