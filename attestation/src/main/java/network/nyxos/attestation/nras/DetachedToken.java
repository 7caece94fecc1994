package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A detached entity attestation token: {@code [["JWT", overall], {"GPU-0": token, …}]}. Only the outer form is read here.
 *
 * @param overall the token about all GPUs
 * @param gpus    the token about each, by name, in the order given
 */
public record DetachedToken(String overall, Map<String, String> gpus) {
    /** Most GPUs that are read. */
    public static final int MAX_GPUS = 64;

    private static final String CODE = "nras.eat.layout";

    /** Copies. */
    public DetachedToken {
        gpus = Collections.unmodifiableMap(new LinkedHashMap<>(gpus));
    }

    /**
     * Takes the bundle apart.
     *
     * @throws AttestationException {@code nras.eat.layout} when it has another form or names a GPU twice
     */
    public static DetachedToken parse(String json) {
        JsonNode bundle = StrictJson.read(json, CODE);
        if (!bundle.isArray() || bundle.size() != 2) {
            throw refused("must be an array of two");
        }
        JsonNode overall = bundle.get(0);
        if (!overall.isArray() || overall.size() != 2 || !overall.get(0).asText().equals("JWT") || !overall.get(1).isTextual()) {
            throw refused("the first element must be [\"JWT\", token]");
        }
        JsonNode tokens = bundle.get(1);
        if (!tokens.isObject() || tokens.isEmpty() || tokens.size() > MAX_GPUS) {
            throw refused("the second element must be an object of 1 to " + MAX_GPUS + " tokens by name");
        }
        Map<String, String> gpus = new LinkedHashMap<>();
        tokens.fields().forEachRemaining(entry -> {
            if (!entry.getValue().isTextual()) {
                throw refused("\"" + entry.getKey() + "\" is not a token");
            }
            gpus.put(entry.getKey(), entry.getValue().textValue());
        });
        return new DetachedToken(overall.get(1).textValue(), gpus);
    }

    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
