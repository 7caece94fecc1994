package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.P384;

import java.security.interfaces.ECPublicKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys that a caller trusts, as a JSON Web Key Set. Only EC keys on P-384 for signatures count; others are left out.
 *
 * @param byId public keys by key id
 */
public record JsonWebKeys(Map<String, ECPublicKey> byId) {
    /** Key ids of development keys start so. */
    public static final String DEVELOPMENT_PREFIX = "nyxos-development-";

    private static final String CODE = "nras.keys.document";

    /** Copies. */
    public JsonWebKeys {
        byId = Map.copyOf(byId);
    }

    /** No key at all: no token can be accepted. */
    public static JsonWebKeys none() {
        return new JsonWebKeys(Map.of());
    }

    /**
     * Reads a key set.
     *
     * @throws AttestationException {@code nras.keys.document} when it is none, or has a key id twice or a point off the curve
     */
    public static JsonWebKeys parse(String json) {
        JsonNode keys = StrictJson.read(json, CODE).path("keys");
        if (!keys.isArray()) {
            throw new AttestationException(CODE, "there is no array \"keys\"");
        }
        Map<String, ECPublicKey> byId = new HashMap<>();
        for (JsonNode key : keys) {
            if (usable(key)) {
                String id = key.path("kid").asText();
                if (byId.put(id, publicKey(key, id)) != null) {
                    throw new AttestationException(CODE, "key id \"" + id + "\" is there twice");
                }
            }
        }
        return new JsonWebKeys(byId);
    }

    private static boolean usable(JsonNode key) {
        return key.path("kty").asText().equals("EC")
                && key.path("crv").asText().equals("P-384")
                && key.path("kid").isTextual() && !key.path("kid").asText().isEmpty()
                && (!key.has("alg") || key.path("alg").asText().equals(JsonWebToken.ALGORITHM))
                && (!key.has("use") || key.path("use").asText().equals("sig"));
    }

    private static ECPublicKey publicKey(JsonNode key, String id) {
        try {
            return P384.publicKey(coordinate(key, "x").concat(coordinate(key, "y")));
        } catch (AttestationException e) {
            throw new AttestationException(CODE, "key \"" + id + "\": " + e.getMessage(), e);
        }
    }

    private static Bytes coordinate(JsonNode key, String name) {
        Bytes value = Bytes.of(StrictJson.base64Url(key.path(name).asText(), "coordinate " + name, CODE));
        if (value.size() != JsonWebToken.SIGNATURE_LENGTH / 2) {
            throw new AttestationException(CODE, "coordinate " + name + " has " + value.size() + " bytes");
        }
        return value;
    }

    /** The key of this id. */
    Optional<ECPublicKey> key(String id) {
        return Optional.ofNullable(byId.get(id));
    }
}
