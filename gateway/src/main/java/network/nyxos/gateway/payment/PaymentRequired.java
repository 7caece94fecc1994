package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/// The answer 402 in both versions of x402 at once: version 2 in the header, version 1 in the body.
///
/// @param resource    the URL that is paid for
/// @param description of what is sold there
/// @param error      a stable code: `payment_required`, or why the payment was refused
/// @param message    the same for a person
/// @param accepts    ways to pay, the preferred first, at least one
/// @param extensions what else is offered, the preferred first
/// @param network    the chain's names
public record PaymentRequired(String resource, String description, String error, String message, List<Requirements> accepts, List<Extension> extensions, Network network) {
    /// The code when no payment was sent.
    public static final String NONE = "payment_required";
    /// Some hosts refuse longer headers; extensions that do not fit are left out, then offers.
    public static final int MAX_HEADER = 2_990;

    /// Copies the lists.
    public PaymentRequired {
        accepts = List.copyOf(accepts);
        extensions = List.copyOf(extensions);
    }

    /// An extension of x402 that is offered.
    ///
    /// @param key         its name
    /// @param declaration `{info, schema}`
    /// @param inBody      the same for version 1, where there is room
    public record Extension(String key, ObjectNode declaration, Optional<ObjectNode> inBody) {
        /// For version 2 only.
        public Extension(String key, ObjectNode declaration) {
            this(key, declaration, Optional.empty());
        }
    }

    /// The header `PAYMENT-REQUIRED`, below 3 000 characters.
    public String header() {
        for (int more = extensions.size(); more > 0; more--) {
            String header = Json.toHeader(v2(accepts.size(), more));
            if (header.length() <= MAX_HEADER) {
                return header;
            }
        }
        for (int offers = accepts.size(); offers > 1; offers--) {
            String header = Json.toHeader(v2(offers, 0));
            if (header.length() <= MAX_HEADER) {
                return header;
            }
        }
        return Json.toHeader(v2(1, 0));
    }

    /// Version 2 with all of it, for where it need not be short.
    public ObjectNode toJson() {
        return v2(accepts.size(), extensions.size());
    }

    private ObjectNode v2(int offers, int more) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("x402Version", 2).put("error", error);
        root.putObject("resource").put("url", resource).put("description", description).put("mimeType", "application/json");
        ArrayNode list = root.putArray("accepts");
        accepts.stream().limit(offers).map(Requirements::toJson).forEach(list::add);
        if (more > 0) {
            ObjectNode offered = root.putObject("extensions");
            extensions.stream().limit(more).forEach(each -> offered.set(each.key, each.declaration.deepCopy()));
        }
        return root;
    }

    /// The body, which version 1 clients read. They know no scheme but `exact`.
    public byte[] body() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("x402Version", 1).put("error", PaymentError.inVersion(error, 1)).put("message", message);
        ArrayNode list = root.putArray("accepts");
        accepts.stream().filter(each -> each.scheme().equals(Requirements.EXACT)).map(each -> each.toV1Json(network.v1(), resource, description)).forEach(list::add);
        ObjectNode more = JsonNodeFactory.instance.objectNode();
        extensions.forEach(each -> each.inBody.ifPresent(declaration -> more.set(each.key, declaration.deepCopy())));
        if (!more.isEmpty()) {
            root.set("extensions", more);
        }
        return Json.bytes(root);
    }
}
