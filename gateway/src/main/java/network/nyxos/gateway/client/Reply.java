package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The end of a request.
 *
 * @param status    HTTP status
 * @param text      the reply's text, all of it
 * @param nyxos     the completion's {@code nyxos} member: job, node, tier, charge, receipt
 * @param usage     the completion's {@code usage} member
 * @param payment   the {@code PAYMENT-RESPONSE}
 * @param error     the error object, where there was an error
 */
public record Reply(int status, String text, JsonNode nyxos, JsonNode usage, JsonNode payment, JsonNode error) {

    static Reply failed(int status, JsonNode payment, JsonNode error) {
        return new Reply(status, "", MissingNode.getInstance(), MissingNode.getInstance(), payment, error);
    }

    /** Whether the request was served. */
    public boolean served() {
        return status == 200 && error.isMissingNode();
    }

    /** The job's id, in hex, once there was one. */
    public Optional<String> job() {
        String id = nyxos.path("job").asText(payment.path("extra").path("job").asText(error.path("job").asText("")));
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }

    /** What it cost, in base units; 0 where nothing was served. */
    public long charge() {
        return nyxos.path("charge").asLong(0);
    }

    /** What the escrow has used in all, where a voucher paid. */
    public OptionalLong used() {
        JsonNode used = nyxos.path("used");
        return used.isMissingNode() || used.isNull() ? OptionalLong.empty() : OptionalLong.of(used.asLong());
    }

    /** The transaction that paid, where one did. */
    public Optional<String> transaction() {
        String signature = payment.path("transaction").asText("");
        return signature.isEmpty() ? Optional.empty() : Optional.of(signature);
    }
}
