package network.nyxos.attestation.collateral;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Strict JSON: no duplicate keys, nothing after the value, members of the expected type or a clear refusal. */
public final class SignedJson {
    private static final int MAX_CHARS = 4 << 20;
    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private SignedJson() {
    }

    /**
     * Cuts the value of a top-level member out of {@code body} exactly as it stands there, byte for byte: what is signed is this text, and
     * writing it anew would change it.
     *
     * @throws AttestationException {@code code} when the body is not one JSON object or has no such object member
     */
    public static String cutMember(byte[] body, String member, String code) {
        object(new String(body, StandardCharsets.UTF_8), code);
        try (JsonParser parser = STRICT.getFactory().createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = parser.currentName().equals(member);
                JsonToken value = parser.nextToken();
                long start = parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                long end = parser.currentLocation().getByteOffset();
                if (wanted) {
                    if (value != JsonToken.START_OBJECT || start < 0) {
                        throw new AttestationException(code, "member \"" + member + "\" is not an object in UTF-8");
                    }
                    return new String(body, (int) start, (int) (end - start), StandardCharsets.UTF_8);
                }
            }
            throw new AttestationException(code, "member \"" + member + "\" is missing");
        } catch (IOException e) {
            throw new AttestationException(code, "not JSON: " + e.getMessage(), e);
        }
    }

    /**
     * Reads one JSON object.
     *
     * @throws AttestationException {@code code} when it is anything else, or has a key twice
     */
    public static JsonNode object(String text, String code) {
        if (text.length() > MAX_CHARS) {
            throw new AttestationException(code, "longer than " + MAX_CHARS + " characters");
        }
        try {
            JsonNode node = STRICT.readTree(text);
            if (node == null || !node.isObject()) {
                throw new AttestationException(code, "not a JSON object");
            }
            return node;
        } catch (IOException e) {
            throw new AttestationException(code, "not strict JSON: " + firstLine(e.getMessage()), e);
        }
    }

    /** The text member {@code name}. */
    public static String text(JsonNode object, String name, String code) {
        JsonNode value = object.path(name);
        if (!value.isTextual()) {
            throw new AttestationException(code, "member \"" + name + "\" is missing or not text");
        }
        return value.textValue();
    }

    static Bytes hex(JsonNode object, String name, int length, String code) {
        Bytes value = hex(text(object, name, code), name, code);
        if (value.size() != length) {
            throw new AttestationException(code, "member \"" + name + "\" has " + value.size() + " bytes, must have " + length);
        }
        return value;
    }

    /** {@code text} as bytes; {@code name} is said when it is not hexadecimal. */
    public static Bytes hex(String text, String name, String code) {
        try {
            return Bytes.fromHex(text);
        } catch (AttestationException e) {
            throw new AttestationException(code, "member \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /** The integer member {@code name}, 0 to {@code maximum}. */
    public static int integer(JsonNode object, String name, int maximum, String code) {
        JsonNode value = object.path(name);
        if (!value.isInt() || value.intValue() < 0 || value.intValue() > maximum) {
            throw new AttestationException(code, "member \"" + name + "\" is missing or not an integer from 0 to " + maximum);
        }
        return value.intValue();
    }

    static Instant instant(JsonNode object, String name, String code) {
        try {
            return Instant.parse(text(object, name, code));
        } catch (DateTimeException e) {
            throw new AttestationException(code, "member \"" + name + "\" is not a time", e);
        }
    }

    static JsonNode member(JsonNode object, String name, String code) {
        JsonNode value = object.path(name);
        if (!value.isObject()) {
            throw new AttestationException(code, "member \"" + name + "\" is missing or not an object");
        }
        return value;
    }

    /** The elements of the array member {@code name}. */
    public static List<JsonNode> list(JsonNode object, String name, String code) {
        JsonNode value = object.path(name);
        if (!value.isArray()) {
            throw new AttestationException(code, "member \"" + name + "\" is missing or not an array");
        }
        List<JsonNode> elements = new ArrayList<>();
        value.forEach(elements::add);
        return elements;
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
