package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.route.Preferences;
import software.sava.core.accounts.PublicKey;

/// Reads `provider`, by which a client says which nodes it wants: `{only, ignore, order: [node keys], sort: "latency" | "throughput" | "price", allow_fallbacks}`,
/// named as by the routers that clients know it from. Prices are the same for all nodes of a tier, so sorted by price they are sorted as if nothing was said.
final class ProviderReader {
    /// The most nodes of a list.
    static final int MOST = 32;
    private static final String WHERE = "provider";
    private static final Set<String> MEMBERS = Set.of("only", "ignore", "order", "sort", "allow_fallbacks");

    private ProviderReader() {
    }

    /// The preferences of a request.
    ///
    /// @param root the request's body
    /// @throws ApiException 400 with the member that is wrong
    static Preferences read(JsonNode root) {
        JsonNode provider = root.path(WHERE);
        if (provider.isMissingNode() || provider.isNull()) {
            return Preferences.NONE;
        }
        if (!provider.isObject()) {
            throw Faults.type(WHERE, "an object", provider);
        }
        provider.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) {
                throw Faults.unknown(WHERE + "." + name);
            }
        });
        return new Preferences(Set.copyOf(nodes(provider, "only")), Set.copyOf(nodes(provider, "ignore")), nodes(provider, "order"), sort(provider),
            Body.flag(provider, "allow_fallbacks", WHERE + ".allow_fallbacks", true));
    }

    private static List<PublicKey> nodes(JsonNode provider, String name) {
        JsonNode list = provider.path(name);
        String where = WHERE + "." + name;
        if (list.isMissingNode() || list.isNull()) {
            return List.of();
        }
        if (!list.isArray()) {
            throw Faults.type(where, "an array of strings", list);
        }
        if (list.isEmpty()) {
            throw Faults.emptyArray(where);
        }
        if (list.size() > MOST) {
            throw Faults.longArray(where, MOST, list.size());
        }
        var nodes = new ArrayList<PublicKey>();
        for (int i = 0; i < list.size(); i++) {
            String at = where + "[" + i + "]";
            nodes.add(Json.key(list.get(i)).orElseThrow(() -> ApiException.badRequest("invalid_value", at, "'" + at + "' must be a node's key in base58, as GET /v1/nodes lists them")));
        }
        return nodes;
    }

    private static Preferences.Sort sort(JsonNode provider) {
        JsonNode sort = provider.path("sort");
        if (sort.isMissingNode() || sort.isNull()) {
            return Preferences.Sort.RATING;
        }
        if (!sort.isTextual()) {
            throw Faults.type(WHERE + ".sort", "a string", sort);
        }
        return switch (sort.textValue()) {
            case "price" -> Preferences.Sort.RATING;
            case "latency" -> Preferences.Sort.LATENCY;
            case "throughput" -> Preferences.Sort.THROUGHPUT;
            default -> throw Faults.value(WHERE + ".sort", "'price', 'latency' and 'throughput'");
        };
    }
}
