package network.nyxos.gateway.payment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/// JSON as payments write it: strict when read, base64 in headers.
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).build()).build()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final ObjectWriter SORTED = MAPPER.writer().with(JsonNodeFeature.WRITE_PROPERTIES_SORTED);

    private Json() {
    }

    /// Reads one JSON object.
    ///
    /// @throws PaymentException `invalid_payload`
    public static JsonNode object(byte[] utf8) {
        try {
            JsonNode node = MAPPER.readTree(utf8);
            if (node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            throw new PaymentException(PaymentError.INVALID_PAYLOAD, "not JSON");
        }
        throw new PaymentException(PaymentError.INVALID_PAYLOAD, "must be a JSON object");
    }

    /// Reads a header: base64 of a JSON object.
    ///
    /// @throws PaymentException `invalid_payload`
    public static JsonNode header(String value) {
        try {
            return object(Base64.getDecoder().decode(value.strip()));
        } catch (IllegalArgumentException | PaymentException e) {
            throw new PaymentException(PaymentError.INVALID_PAYLOAD, "the payment header must be base64 of a JSON object");
        }
    }

    /// Writes a header.
    public static String toHeader(ObjectNode node) {
        return Base64.getEncoder().encodeToString(bytes(node));
    }

    /// UTF-8 bytes in which members are sorted by name: equal objects have equal bytes.
    public static byte[] canonical(JsonNode node) {
        try {
            return SORTED.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can be written", e);
        }
    }

    /// UTF-8 bytes.
    public static byte[] bytes(JsonNode node) {
        return text(node).getBytes(StandardCharsets.UTF_8);
    }

    /// Text.
    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can be written", e);
        }
    }

    /// A member that is a base58 address.
    public static Optional<PublicKey> key(JsonNode node, String name) {
        return key(node.path(name));
    }

    /// A key or address in base58; empty when it is none.
    public static Optional<PublicKey> key(JsonNode value) {
        if (!value.isTextual() || value.textValue().length() > 44) {
            return Optional.empty();
        }
        try {
            PublicKey key = PublicKey.fromBase58Encoded(value.textValue());
            return key.toBase58().equals(value.textValue()) ? Optional.of(key) : Optional.empty();
        } catch (RuntimeException e) {
            // Whatever the decoder says of the text, it is no address.
            return Optional.empty();
        }
    }
}
