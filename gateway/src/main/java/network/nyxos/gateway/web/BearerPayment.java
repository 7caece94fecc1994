package network.nyxos.gateway.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.Incoming;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.openai.ApiException;

/// Requests that are paid by the bearer key in their header `Authorization`, as clients of OpenAI's API send keys. Keys of other services are ignored, as is every key
/// where credits are not sold.
final class BearerPayment {
    /// Where credits are bought.
    static final String BUY = "/credits/buy";
    private static final HeaderName AUTHORIZATION = HeaderNames.AUTHORIZATION;

    private final Optional<CreditTerms> terms;
    private final Checkout checkout;
    private final Origin origin;

    BearerPayment(Optional<CreditTerms> terms, Checkout checkout, Origin origin) {
        this.terms = terms;
        this.checkout = checkout;
        this.origin = origin;
    }

    /// Admits a request that carries a bearer key; empty for one that does not.
    ///
    /// @throws ApiException when the key is none, or what it has does not pay for the request
    Optional<Admission> admit(ServerRequest request, Incoming incoming) {
        return terms.flatMap(each -> key(request).map(key -> checkout.admit(incoming, key, each, origin.of(request) + BUY)));
    }

    /// The bearer key of a request.
    ///
    /// @throws ApiException 401 `invalid_api_key`
    Optional<BearerKey> key(ServerRequest request) {
        if (!request.headers().contains(AUTHORIZATION)) {
            return Optional.empty();
        }
        try {
            return BearerKey.ofAuthorization(request.headers().get(AUTHORIZATION).get());
        } catch (ProtocolException e) {
            throw ApiException.refused(401, Checkout.INVALID_KEY, "Incorrect API key provided: " + e.getMessage() + "; nothing was charged");
        }
    }
}
