package network.nyxos.escrow.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.seal.SealingPublicKey;
import software.sava.core.accounts.PublicKey;

/// One JSON object being read: each field is asked for by name and type, and {@link #end} refuses what nobody asked for.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    static {
        // Frames are bounded before they are parsed; nesting is not.
        MAPPER.getFactory().setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build());
    }

    private final ObjectNode node;
    private final String place;
    private final String code;
    private final Set<String> asked = new HashSet<>();

    private Json(ObjectNode node, String place, String code) {
        this.node = node;
        this.place = place;
        this.code = code;
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Parses one object.
    ///
    /// @param code the code of every error in it
    static Json parse(byte[] json, String place, String code) {
        try {
            return of(MAPPER.readTree(json), place, code);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ")";
            throw new ProtocolException(code, "not JSON that this reads" + where, e);
        } catch (IOException e) {
            throw new ProtocolException(code, "not JSON that this reads", e);
        }
    }

    private static Json of(JsonNode node, String place, String code) {
        if (node instanceof ObjectNode object) {
            return new Json(object, place, code);
        }
        throw new ProtocolException(code, (place.isEmpty() ? "the message" : place) + " must be an object");
    }

    ProtocolException wrong(String name, String expected) {
        return new ProtocolException(code, (place.isEmpty() ? "" : place + ".") + name + " must be " + expected);
    }

    private Optional<JsonNode> find(String name) {
        asked.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    private JsonNode get(String name, String expected) {
        return find(name).orElseThrow(() -> wrong(name, expected));
    }

    boolean has(String name) {
        return find(name).isPresent();
    }

    <T> Optional<T> optional(String name, Function<String, T> read) {
        return has(name) ? Optional.of(read.apply(name)) : Optional.empty();
    }

    /// Refuses fields that were not asked for.
    void end() {
        node.fieldNames().forEachRemaining(name -> {
            if (!asked.contains(name)) {
                throw new ProtocolException(code, (place.isEmpty() ? "" : place + ".") + name + " is not a known field");
            }
        });
    }

    String text(String name) {
        JsonNode value = get(name, "a text");
        if (!value.isTextual()) {
            throw wrong(name, "a text");
        }
        return value.textValue();
    }

    boolean bool(String name) {
        JsonNode value = get(name, "true or false");
        if (!value.isBoolean()) {
            throw wrong(name, "true or false");
        }
        return value.booleanValue();
    }

    int number(String name, int min, int max) {
        String expected = "a whole number from " + min + " to " + max;
        JsonNode value = get(name, expected);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            throw wrong(name, expected);
        }
        return value.intValue();
    }

    long longNumber(String name) {
        JsonNode value = get(name, "a whole number");
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, "a whole number");
        }
        return value.longValue();
    }

    /// An amount: decimal digits in a text, 0 to 2^63 − 1.
    long amount(String name) {
        String expected = "an amount in base units as a text of decimal digits";
        String text = text(name);
        if (!text.matches("0|[1-9][0-9]{0,18}")) {
            throw wrong(name, expected);
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ProtocolException(code, name + " must be below 2^63", e);
        }
    }

    /// 64 bits as an unsigned decimal text.
    long bits(String name) {
        String text = text(name);
        try {
            if (text.matches("0|[1-9][0-9]{0,19}")) {
                return Long.parseUnsignedLong(text);
            }
        } catch (NumberFormatException e) {
            throw new ProtocolException(code, name + " must be below 2^64", e);
        }
        throw wrong(name, "a text of decimal digits");
    }

    private <T> T converted(String name, String expected, Function<String, T> convert) {
        try {
            return convert.apply(text(name));
        } catch (ProtocolException e) {
            throw e.code().equals(code) ? e : new ProtocolException(code, wrong(name, expected).getMessage() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new ProtocolException(code, wrong(name, expected).getMessage(), e);
        }
    }

    Hash hash(String name) {
        return converted(name, "64 hexadecimal digits", Hash::fromHex);
    }

    PublicKey key(String name) {
        return converted(name, "a key in base58", Json::keyOf);
    }

    /// Base58 is decoded by a library that takes any length and some strings that are not canonical.
    private static PublicKey keyOf(String text) {
        if (text.length() > 44) {
            throw new IllegalArgumentException("too long");
        }
        PublicKey key = PublicKey.fromBase58Encoded(text);
        if (!key.toBase58().equals(text)) {
            throw new IllegalArgumentException("not canonical");
        }
        return key;
    }

    byte[] base64(String name) {
        return converted(name, "base64", Base64.getDecoder()::decode);
    }

    Signature signature(String name) {
        return converted(name, "a signature in base64", Signature::fromBase64);
    }

    Signature transaction(String name) {
        return converted(name, "a transaction signature in base58", Signature::fromBase58);
    }

    <T> T named(String name, Function<String, T> of) {
        return converted(name, "a known name", of);
    }

    /// The public sealing key of a field `sealing`, where it is there.
    Optional<SealingPublicKey> sealing() {
        return has("sealing") ? Optional.of(sealing(child("sealing"))) : Optional.empty();
    }

    private static SealingPublicKey sealing(Json json) {
        String suite = json.text("suite");
        byte[] key = json.base64("key");
        json.end();
        try {
            return SealingPublicKey.of(suite, key);
        } catch (ProtocolException e) {
            throw new ProtocolException(json.code, json.place + ": " + e.getMessage(), e);
        }
    }

    static void putSealing(ObjectNode json, SealingPublicKey key) {
        json.putObject("sealing").put("suite", key.suite().wireName()).put("key", base64(key.bytes()));
    }

    Json child(String name) {
        return of(get(name, "an object"), place.isEmpty() ? name : place + "." + name, code);
    }

    private ArrayNode array(String name) {
        if (get(name, "an array") instanceof ArrayNode array) {
            return array;
        }
        throw wrong(name, "an array");
    }

    <T> List<T> objects(String name, Function<Json, T> read) {
        ArrayNode array = array(name);
        var list = new ArrayList<T>(array.size());
        for (int i = 0; i < array.size(); i++) {
            Json element = of(array.get(i), (place.isEmpty() ? name : place + "." + name) + "[" + i + "]", code);
            list.add(read.apply(element));
            element.end();
        }
        return list;
    }

    List<String> texts(String name) {
        var list = new ArrayList<String>();
        for (JsonNode value : array(name)) {
            if (!value.isTextual()) {
                throw wrong(name, "an array of texts");
            }
            list.add(value.textValue());
        }
        return list;
    }

    List<Integer> numbers(String name) {
        var list = new ArrayList<Integer>();
        for (JsonNode value : array(name)) {
            if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
                throw wrong(name, "an array of whole numbers from 0 on");
            }
            list.add(value.intValue());
        }
        return list;
    }

    SignedAssignment assignment(String name, String signature) {
        return new SignedAssignment(Assignment.decode(base64(name)), signature(signature));
    }

    SignedReceipt receipt(String name, String signature) {
        return new SignedReceipt(Receipt.decode(base64(name)), signature(signature));
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
