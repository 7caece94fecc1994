package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/// What became of a payment, as `PAYMENT-RESPONSE` and the facilitator say it.
///
/// @param success     whether the money was moved, or reserved
/// @param error       why not
/// @param message     the same for a person
/// @param payer       who paid, where known
/// @param transaction base58 signature; empty for a voucher and where there is none
/// @param network     in the version's naming
/// @param extra       what the scheme adds; may be empty
/// @param extensions  what extensions add, by their names; may be empty
public record SettlementResponse(boolean success, Optional<String> error, Optional<String> message, Optional<PublicKey> payer, String transaction, String network,
                                 ObjectNode extra, ObjectNode extensions) {
    /// Copies what could change.
    public SettlementResponse {
        extra = extra.deepCopy();
        extensions = extensions.deepCopy();
    }

    @Override
    public ObjectNode extensions() {
        return extensions.deepCopy();
    }

    /// This with what one more extension adds.
    public SettlementResponse with(String extension, ObjectNode added) {
        return new SettlementResponse(success, error, message, payer, transaction, network, extra, extensions().set(extension, added));
    }

    @Override
    public ObjectNode extra() {
        return extra.deepCopy();
    }

    /// A payment that went well.
    public static SettlementResponse paid(PublicKey payer, String transaction, String network, ObjectNode extra) {
        return new SettlementResponse(true, Optional.empty(), Optional.empty(), Optional.of(payer), transaction, network, extra, JsonNodeFactory.instance.objectNode());
    }

    /// A payment that did not, or of which it is not known.
    public static SettlementResponse refused(String error, String message, Optional<PublicKey> payer, String transaction, String network) {
        return new SettlementResponse(false, Optional.of(error), Optional.of(message), payer, transaction, network, JsonNodeFactory.instance.objectNode(),
            JsonNodeFactory.instance.objectNode());
    }

    /// The header that it is sent in.
    ///
    /// @param x402Version 1 or 2
    public static String header(int x402Version) {
        return x402Version == 1 ? "X-PAYMENT-RESPONSE" : "PAYMENT-RESPONSE";
    }

    /// The JSON object.
    public ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("success", success);
        error.ifPresent(value -> node.put("errorReason", value));
        message.ifPresent(value -> node.put("errorMessage", value));
        payer.ifPresent(value -> node.put("payer", value.toBase58()));
        node.put("transaction", transaction).put("network", network);
        if (!extra.isEmpty()) {
            node.set("extra", extra.deepCopy());
        }
        if (!extensions.isEmpty()) {
            node.set("extensions", extensions.deepCopy());
        }
        return node;
    }
}
