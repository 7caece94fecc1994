package network.nyxos.gateway.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.PaymentRequired;
import network.nyxos.gateway.payment.SettlementResponse;

/// x402 over HTTP, in both versions.
final class Paying {
    private Paying() {
    }

    /// The payment that a request carries.
    ///
    /// @throws ApiException 400 when it is none, or two
    static Optional<PaymentPayload> payment(ServerRequest request) {
        Optional<String> v2 = Http.once(request, Http.PAYMENT_SIGNATURE);
        Optional<String> v1 = Http.once(request, Http.X_PAYMENT);
        if (v1.isPresent() && v2.isPresent()) {
            throw ApiException.badRequest("duplicate_header", "PAYMENT-SIGNATURE and X-PAYMENT were both sent; send one payment");
        }
        if (v1.isEmpty() && v2.isEmpty()) {
            return Optional.empty();
        }
        try {
            PaymentPayload payload = PaymentPayload.read(Json.header(v2.or(() -> v1).orElseThrow()));
            if (payload.x402Version() != (v2.isPresent() ? 2 : 1)) {
                throw new PaymentException(PaymentError.INVALID_VERSION, "version 2 is sent in PAYMENT-SIGNATURE, version 1 in X-PAYMENT");
            }
            return Optional.of(payload);
        } catch (PaymentException e) {
            throw ApiException.badRequest(e.code(), e.getMessage() + "; nothing was charged");
        }
    }

    /// Answers that something is to be paid for.
    ///
    /// @param refused what became of the payment that came with the request
    static void challenge(ServerResponse response, PaymentRequired required, Optional<Admission.Refusal> refused) {
        response.header(Http.PAYMENT_REQUIRED, required.header()).header(HeaderNames.CACHE_CONTROL, "no-store");
        refused.ifPresent(refusal -> settled(response, refusal.response(), refusal.version()));
        Http.json(response, 402, required.body());
    }

    /// Says in a header what became of a payment.
    static void settled(ServerResponse response, SettlementResponse settlement, int version) {
        response.header(HeaderNames.create(SettlementResponse.header(version)), Json.toHeader(settlement.toJson()));
    }
}
