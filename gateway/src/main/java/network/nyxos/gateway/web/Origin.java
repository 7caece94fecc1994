package network.nyxos.gateway.web;

import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.util.Optional;
import network.nyxos.gateway.openai.ApiException;

/// How clients reach this gateway.
final class Origin {
    private static final String HOST_FORM = "[A-Za-z0-9.:\\[\\]-]{1,255}";

    private static final String LOOPBACK_FORM = "(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?";

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

    /// The URL that this gateway is known to have: as configured, or one of this machine alone. Not whatever a request says, which could be another site's.
    ///
    /// @throws ApiException 501 `public_url_missing`
    String own(ServerRequest request) {
        String host = request.authority();
        return configured.or(() -> host.matches(LOOPBACK_FORM) ? Optional.of("http://" + host) : Optional.empty())
            .orElseThrow(() -> ApiException.failed(501, "public_url_missing", "wallets cannot sign in here: the operator has to set listen.publicUrl"));
    }
}
