package network.nyxos.attestation.nras;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import network.nyxos.attestation.AttestationException;

import java.io.IOException;
import java.util.Base64;

/** JSON without duplicate members and with nothing behind it; base64url without padding, in its one canonical form. */
final class StrictJson {
    private static final int MAX_CHARS = 1 << 20;
    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {
    }

    static JsonNode read(String text, String code) {
        if (text.length() > MAX_CHARS) {
            throw new AttestationException(code, "longer than " + MAX_CHARS + " characters");
        }
        try {
            return STRICT.readTree(text);
        } catch (IOException e) {
            throw new AttestationException(code, "not strict JSON: " + e.getMessage().lines().findFirst().orElse(""), e);
        }
    }

    static byte[] base64Url(String text, String what, String code) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) {
                throw new AttestationException(code, "the " + what + " is not canonical base64url");
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new AttestationException(code, "the " + what + " is not base64url", e);
        }
    }
}
