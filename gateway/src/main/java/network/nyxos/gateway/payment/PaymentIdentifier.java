package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import network.nyxos.escrow.crypto.Hash;

/// x402's extension `payment-identifier`: a name that a payer gives one purchase, so that it may ask for it again and is charged once. Only hashes are kept, since
/// a name may say more than the gateway needs to know.
///
/// @param id      SHA-256 of the name
/// @param payload SHA-256 of the whole payment that it came with, its members in order
public record PaymentIdentifier(Hash id, Hash payload) {
    /// The extension's name.
    public static final String KEY = "payment-identifier";
    /// The name of a purchase is not one.
    public static final String INVALID = "invalid_payment_identifier";
    /// The name was given to another purchase.
    public static final String CONFLICT = "payment_identifier_conflict";
    private static final int SHORTEST = 16;
    private static final int LONGEST = 128;
    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9_-]{" + SHORTEST + "," + LONGEST + "}");
    private static final String FINGERPRINT_DOMAIN = "nyxos:payment-identifier:v1";

    /// What a challenge says of the extension: names are welcome and not required.
    public static ObjectNode declaration() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putObject("info").put("required", false);
        ObjectNode schema = root.putObject("schema").put("$schema", "https://json-schema.org/draft/2020-12/schema").put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("required").put("type", "boolean");
        properties.putObject("id").put("type", "string").put("minLength", SHORTEST).put("maxLength", LONGEST).put("pattern", "^[a-zA-Z0-9_-]+$");
        schema.putArray("required").add("required");
        return root;
    }

    /// The name that a payment carries. Clients that know nothing of the extension send it back as it was declared, without a name.
    ///
    /// @throws PaymentException `invalid_payment_identifier`
    static Optional<PaymentIdentifier> of(JsonNode payment) {
        JsonNode id = payment.path("extensions").path(KEY).path("info").path("id");
        if (id.isMissingNode() || id.isNull()) {
            return Optional.empty();
        }
        if (!id.isTextual() || !FORM.matcher(id.textValue()).matches()) {
            throw new PaymentException(INVALID, "extensions." + KEY + ".info.id must have " + SHORTEST + " to " + LONGEST + " letters, digits, '-' or '_'");
        }
        return Optional.of(new PaymentIdentifier(Hash.sha256(id.textValue().getBytes(StandardCharsets.US_ASCII)), Hash.sha256(Json.canonical(payment))));
    }

    /// What makes a purchase this one: the request and the terms that were accepted, but not the one payment that was made for it.
    ///
    /// @param accepted    the offer
    /// @param requestHash hash of method, path and body
    public static Hash fingerprint(Requirements accepted, Hash requestHash) {
        ObjectNode terms = JsonNodeFactory.instance.objectNode().put("scheme", accepted.scheme()).put("network", accepted.network()).put("amount", Long.toString(accepted.amount()))
            .put("asset", accepted.asset().toBase58()).put("payTo", accepted.payTo().toBase58());
        return Hash.domain(FINGERPRINT_DOMAIN, Json.canonical(terms), requestHash.bytes());
    }
}
