package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/**
 * One way to pay, as the 402 offers it.
 *
 * @param scheme {@code exact} or {@code escrow}
 * @param amount base units; for {@code escrow} the most that the request can cost
 * @param asset  the mint
 * @param payTo  the pool
 * @param json   the offer as it was sent, which the payment echoes
 */
public record Offer(String scheme, long amount, PublicKey asset, PublicKey payTo, JsonNode json) {

    public Offer {
        Objects.requireNonNull(scheme, "scheme");
        json = json.deepCopy();
    }

    static Offer read(JsonNode json) {
        return new Offer(json.path("scheme").asText(), Long.parseLong(json.path("amount").asText()), PublicKey.fromBase58Encoded(json.path("asset").asText()),
                PublicKey.fromBase58Encoded(json.path("payTo").asText()), json);
    }

    /** A member of the offer's {@code extra}. */
    public Optional<String> extra(String name) {
        JsonNode value = json.path("extra").path(name);
        return value.isValueNode() && !value.isNull() ? Optional.of(value.asText()) : Optional.empty();
    }
}
