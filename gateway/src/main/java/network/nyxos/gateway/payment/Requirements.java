package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import software.sava.core.accounts.PublicKey;

/// One way to pay: x402's `PaymentRequirements`, the same in both versions but for names.
///
/// @param scheme            `exact` or `escrow`
/// @param network           in the version's own naming
/// @param amount            base units, 1 or more
/// @param asset             the mint
/// @param payTo             the wallet that owns the receiving token account; here the pool
/// @param maxTimeoutSeconds how long the offer may be taken
/// @param extra             what the scheme needs
public record Requirements(String scheme, String network, long amount, PublicKey asset, PublicKey payTo, int maxTimeoutSeconds, ObjectNode extra) {
    /// The scheme of a transfer.
    public static final String EXACT = "exact";
    /// The scheme of a voucher.
    public static final String ESCROW = "escrow";

    /// Members of `extra` that the payer may have from elsewhere.
    private static final Set<String> DYNAMIC = Set.of("recentBlockhash", "lastValidBlockHeight");

    /// Copies what could change.
    public Requirements {
        if (amount < 1) {
            throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "amount must be 1 base unit or more");
        }
        extra = extra.deepCopy();
    }

    @Override
    public ObjectNode extra() {
        return extra.deepCopy();
    }

    /// A text member of `extra`.
    public Optional<String> extra(String name) {
        JsonNode value = extra.path(name);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    /// This with another text member of `extra`.
    public Requirements withExtra(String name, String value) {
        return new Requirements(scheme, network, amount, asset, payTo, maxTimeoutSeconds, extra().put(name, value));
    }

    /// As version 2 writes it.
    public ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("scheme", scheme).put("network", network).put("amount", Long.toString(amount))
            .put("asset", asset.toBase58()).put("payTo", payTo.toBase58()).put("maxTimeoutSeconds", maxTimeoutSeconds);
        node.set("extra", extra.deepCopy());
        return node;
    }

    /// As version 1 writes it.
    ///
    /// @param v1Network   the network's name there
    /// @param resource    the URL paid for
    /// @param description of what is sold
    public ObjectNode toV1Json(String v1Network, String resource, String description) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("scheme", scheme).put("network", v1Network)
            .put("maxAmountRequired", Long.toString(amount)).put("resource", resource).put("description", description).put("mimeType", "application/json")
            .put("payTo", payTo.toBase58()).put("maxTimeoutSeconds", maxTimeoutSeconds).put("asset", asset.toBase58());
        node.set("extra", extra.deepCopy());
        return node;
    }

    /// Reads requirements of either version.
    ///
    /// @throws PaymentException `invalid_payment_requirements`
    public static Requirements read(JsonNode node) {
        String amount = node.hasNonNull("amount") ? node.path("amount").asText() : node.path("maxAmountRequired").asText();
        JsonNode extra = node.path("extra");
        if (!node.isObject() || !node.path("scheme").isTextual() || !node.path("network").isTextual() || !(extra.isObject() || extra.isMissingNode() || extra.isNull())) {
            throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "requirements need scheme, network, amount, asset, payTo, maxTimeoutSeconds");
        }
        return new Requirements(node.path("scheme").textValue(), node.path("network").textValue(), amount(amount), key(node, "asset"), key(node, "payTo"),
            Math.max(1, node.path("maxTimeoutSeconds").asInt(60)), extra.isObject() ? (ObjectNode) extra : JsonNodeFactory.instance.objectNode());
    }

    private static long amount(String text) {
        if (!text.matches("[0-9]{1,19}")) {
            throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "amount must be a whole number of base units");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "amount must be below 2^63");
        }
    }

    private static PublicKey key(JsonNode node, String name) {
        return Json.key(node, name).orElseThrow(() -> new PaymentException(PaymentError.INVALID_REQUIREMENTS, name + " must be a base58 address"));
    }

    /// Whether these, which a client says it accepted, are ours: every member equal, and every member of our `extra` there unchanged. The client may add to
    /// `extra`, and may have taken the blockhash from elsewhere.
    public boolean matches(Requirements offered) {
        if (!scheme.equals(offered.scheme) || !network.equals(offered.network) || amount != offered.amount || !asset.equals(offered.asset)
            || !payTo.equals(offered.payTo) || maxTimeoutSeconds != offered.maxTimeoutSeconds) {
            return false;
        }
        var members = offered.extra.properties();
        return members.stream().allMatch(member -> DYNAMIC.contains(member.getKey()) || member.getValue().equals(extra.get(member.getKey())));
    }
}
