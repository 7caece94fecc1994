package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// What a client sent to pay, of either version.
///
/// @param x402Version 1 or 2
/// @param scheme      the scheme it chose
/// @param network     as it names it
/// @param accepted    the requirements it chose; version 2 only
/// @param payload     the scheme's own part
/// @param identifier  the name that the payer gave the purchase; version 2 only
public record PaymentPayload(int x402Version, String scheme, String network, Optional<Requirements> accepted, JsonNode payload, Optional<PaymentIdentifier> identifier) {
    /// Reads a payload.
    ///
    /// @throws PaymentException `invalid_x402_version`, `invalid_payload`, `invalid_payment_requirements` or `invalid_payment_identifier`
    public static PaymentPayload read(JsonNode node) {
        int version = node.path("x402Version").isInt() ? node.path("x402Version").intValue() : 0;
        JsonNode payload = node.path("payload");
        if (version != 1 && version != 2) {
            throw new PaymentException(PaymentError.INVALID_VERSION, "x402Version must be 1 or 2");
        }
        if (!payload.isObject()) {
            throw new PaymentException(PaymentError.INVALID_PAYLOAD, "the payment has no 'payload'");
        }
        if (version == 1) {
            if (!node.path("scheme").isTextual() || !node.path("network").isTextual()) {
                throw new PaymentException(PaymentError.INVALID_PAYLOAD, "a version 1 payment names its scheme and network");
            }
            return new PaymentPayload(1, node.path("scheme").textValue(), node.path("network").textValue(), Optional.empty(), payload, Optional.empty());
        }
        if (!node.path("accepted").isObject()) {
            throw new PaymentException(PaymentError.INVALID_PAYLOAD, "a version 2 payment echoes the requirements it accepted");
        }
        Requirements accepted = Requirements.read(node.path("accepted"));
        return new PaymentPayload(2, accepted.scheme(), accepted.network(), Optional.of(accepted), payload, PaymentIdentifier.of(node));
    }
}
