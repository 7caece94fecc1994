package network.nyxos.relayer.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// A JSON object whose members are taken out by name and type.
///
/// @param path where it stands, for messages; empty at the top
/// @param node the object
public record Fields(String path, ObjectNode node) {
    private static final JsonMapper MAPPER = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).maxStringLength(64 << 20).build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build()).build();
    private static final String CODE = "json_field";

    /// Reads one object.
    ///
    /// @throws ProtocolException `json_malformed`
    public static Fields parse(byte[] json) {
        try {
            return of(MAPPER.readTree(json));
        } catch (java.io.IOException e) {
            throw malformed(e);
        }
    }

    /// Reads one object.
    ///
    /// @throws ProtocolException `json_malformed`
    public static Fields parse(String json) {
        try {
            return of(MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    private static Fields of(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new Fields("", object);
        }
        throw new ProtocolException("json_malformed", "a JSON object is expected");
    }

    private static ProtocolException malformed(Exception cause) {
        // The parser's own message may quote the input, which may be a prompt.
        return new ProtocolException("json_malformed", "this is not JSON", cause);
    }

    /// A new empty object.
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    private ProtocolException wrong(String name, String what) {
        return new ProtocolException(CODE, "'" + path + name + "' must be " + what);
    }

    /// Whether the member is there and not null.
    public boolean has(String name) {
        return node.hasNonNull(name);
    }

    /// A string.
    public String text(String name) {
        if (node.get(name) instanceof JsonNode value && value.isTextual()) {
            return value.textValue();
        }
        throw wrong(name, "a string");
    }

    /// A string, or empty text where the member is absent.
    public String textOr(String name, String absent) {
        return has(name) ? text(name) : absent;
    }

    /// A boolean; false where the member is absent.
    public boolean flag(String name) {
        if (!has(name)) {
            return false;
        }
        if (node.get(name).isBoolean()) {
            return node.get(name).booleanValue();
        }
        throw wrong(name, "true or false");
    }

    /// A whole number from 0 to 2^63 − 1, as a number or a decimal string.
    public long amount(String name) {
        JsonNode value = node.get(name);
        if (value != null && value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0) {
            return value.longValue();
        }
        if (value != null && value.isTextual() && value.textValue().matches("[0-9]{1,19}")) {
            try {
                return Long.parseLong(value.textValue());
            } catch (NumberFormatException e) {
                throw wrong(name, "below 2^63");
            }
        }
        throw wrong(name, "a whole number from 0 to 2^63 - 1");
    }

    /// As {@link #amount}; 0 where the member is absent.
    public long amountOrZero(String name) {
        return has(name) ? amount(name) : 0;
    }

    /// A whole number from 0 to 2^31 − 1.
    public int count(String name) {
        long value = amount(name);
        if (value > Integer.MAX_VALUE) {
            throw wrong(name, "below 2^31");
        }
        return (int) value;
    }

    /// A public key in base58.
    public PublicKey key(String name) {
        return key(text(name), "'" + path + name + "'");
    }

    /// A public key in base58, from anywhere.
    ///
    /// @throws ProtocolException `json_field`
    public static PublicKey key(String base58, String what) {
        try {
            if (base58.length() <= 44) {
                return PublicKey.fromBase58Encoded(base58);
            }
        } catch (RuntimeException e) {
            throw new ProtocolException(CODE, what + " must be a public key in base58", e);
        }
        throw new ProtocolException(CODE, what + " must be a public key in base58");
    }

    /// 32 bytes in hexadecimal.
    public Hash hash(String name) {
        try {
            return Hash.fromHex(text(name));
        } catch (ProtocolException e) {
            throw wrong(name, "32 bytes in hexadecimal");
        }
    }

    /// Bytes in base64.
    public byte[] base64(String name) {
        try {
            return Base64.getDecoder().decode(text(name));
        } catch (ProtocolException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw wrong(name, "base64");
        }
    }

    /// Bytes in hexadecimal.
    public byte[] hex(String name) {
        try {
            return HexFormat.of().parseHex(text(name));
        } catch (ProtocolException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw wrong(name, "hexadecimal");
        }
    }

    /// A signature in base64.
    public Signature signature(String name) {
        byte[] bytes = base64(name);
        if (bytes.length != Signature.LENGTH) {
            throw wrong(name, "a signature of 64 bytes in base64");
        }
        return Signature.of(bytes);
    }

    /// An object.
    public Fields child(String name) {
        if (node.get(name) instanceof ObjectNode object) {
            return new Fields(path + name + ".", object);
        }
        throw wrong(name, "an object");
    }

    /// An object, or nothing where the member is absent.
    public Optional<Fields> maybe(String name) {
        return has(name) ? Optional.of(child(name)) : Optional.empty();
    }

    /// A list of objects; empty where the member is absent.
    public <T> List<T> list(String name, Function<Fields, T> element) {
        var list = new ArrayList<T>();
        for (JsonNode value : array(name)) {
            if (!(value instanceof ObjectNode object)) {
                throw wrong(name, "a list of objects");
            }
            list.add(element.apply(new Fields(path + name + "[" + list.size() + "].", object)));
        }
        return List.copyOf(list);
    }

    /// A list of strings; empty where the member is absent.
    public List<String> texts(String name) {
        var list = new ArrayList<String>();
        for (JsonNode value : array(name)) {
            if (!value.isTextual()) {
                throw wrong(name, "a list of strings");
            }
            list.add(value.textValue());
        }
        return List.copyOf(list);
    }

    /// A list of u32 token ids below 2^31.
    public int[] ids(String name) {
        JsonNode array = array(name);
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode value = array.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
                throw wrong(name, "a list of token ids");
            }
            ids[i] = value.intValue();
        }
        return ids;
    }

    private JsonNode array(String name) {
        JsonNode value = node.get(name);
        if (value == null || value.isNull()) {
            return MAPPER.createArrayNode();
        }
        if (!value.isArray()) {
            throw wrong(name, "a list");
        }
        return value;
    }
}
