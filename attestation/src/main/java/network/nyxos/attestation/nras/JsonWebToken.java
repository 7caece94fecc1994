package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.P384;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;

/**
 * A JSON Web Token in compact form, signed with ES384. The header's algorithm is not believed but must be this one; keys and certificates
 * that a header brings along ({@code jwk}, {@code x5c}, {@code jku}) are not looked at.
 *
 * @param text      as received
 * @param keyId     which key is said to have signed
 * @param claims    the payload
 * @param signed    the bytes that the signature covers
 * @param signature r ‖ s, 96 bytes
 */
public record JsonWebToken(String text, String keyId, JsonNode claims, Bytes signed, Bytes signature) {
    /** ECDSA on P-384 with SHA-384. */
    public static final String ALGORITHM = "ES384";
    /** Length of a signature in bytes. */
    public static final int SIGNATURE_LENGTH = 96;

    private static final String CODE = "nras.token";

    /**
     * Reads a token. What it says is not yet believed.
     *
     * @throws AttestationException {@code nras.token} when it is not such a token
     */
    public static JsonWebToken parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw refused("a signed token has three parts, not " + parts.length);
        }
        JsonNode header = object(parts[0], "header");
        if (!header.path("alg").asText().equals(ALGORITHM)) {
            throw refused("the algorithm is \"" + header.path("alg").asText() + "\", must be " + ALGORITHM);
        }
        if (!header.path("kid").isTextual()) {
            throw refused("the header names no key");
        }
        if (header.has("crit")) {
            throw refused("the header demands extensions that are not known here");
        }
        Bytes signature = Bytes.of(StrictJson.base64Url(parts[2], "signature", CODE));
        if (signature.size() != SIGNATURE_LENGTH) {
            throw refused("the signature has " + signature.size() + " bytes, must be r and s of " + SIGNATURE_LENGTH);
        }
        Bytes signed = Bytes.of((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        return new JsonWebToken(text, header.path("kid").asText(), object(parts[1], "payload"), signed, signature);
    }

    private static JsonNode object(String part, String what) {
        byte[] json = StrictJson.base64Url(part, what, CODE);
        try {
            JsonNode node = StrictJson.read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString(), CODE);
            if (!node.isObject()) {
                throw refused("the " + what + " is not a JSON object");
            }
            return node;
        } catch (CharacterCodingException e) {
            throw new AttestationException(CODE, "the " + what + " is not UTF-8", e);
        }
    }

    /** True when {@code key} signed this. */
    boolean signedBy(ECPublicKey key) {
        return P384.verify(key, signed.toArray(), signature);
    }

    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
