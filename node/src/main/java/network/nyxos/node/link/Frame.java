package network.nyxos.node.link;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/** One JSON frame, read strictly: a field that is missing or of another kind is a {@link ProtocolException} that names it. */
public final class Frame {
    /** Longest frame, in characters. */
    public static final int MAX_LENGTH = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode json;

    private Frame(JsonNode json) {
        this.json = json;
    }

    /** Reads a frame. The message of a failure quotes nothing of it: frames hold prompts. */
    public static Frame parse(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (json == null || !json.isObject()) {
                throw new ProtocolException("frame_malformed", "a frame is a JSON object");
            }
            return new Frame(json);
        } catch (JsonProcessingException e) {
            throw new ProtocolException("frame_malformed", "a frame is a JSON object; this one does not parse");
        }
    }

    /** A new frame of a type, to be filled. */
    public static ObjectNode of(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    /** Ids as a JSON array. */
    public static ArrayNode ids(int[] ids) {
        ArrayNode array = JSON.createArrayNode();
        for (int id : ids) {
            array.add(id);
        }
        return array;
    }

    /** Texts as a JSON array. */
    public static ArrayNode texts(List<String> texts) {
        ArrayNode array = JSON.createArrayNode();
        texts.forEach(array::add);
        return array;
    }

    /** Bytes in standard base64. */
    public static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What the frame is. */
    public String type() {
        return text("type");
    }

    /** A text. */
    public String text(String name) {
        JsonNode value = json.path(name);
        if (!value.isTextual()) {
            throw missing(name, "a text");
        }
        return value.textValue();
    }

    /** A text, or empty where the field is absent. */
    public String textOrEmpty(String name) {
        return json.has(name) ? text(name) : "";
    }

    /** 32 bytes in hex. */
    public Hash hash(String name) {
        return Hash.fromHex(text(name));
    }

    /** A key in base58. */
    public PublicKey key(String name) {
        try {
            return PublicKey.fromBase58Encoded(text(name));
        } catch (RuntimeException e) {
            throw missing(name, "a key in base58");
        }
    }

    /** Bytes in base64. */
    public byte[] bytes(String name) {
        try {
            return Base64.getDecoder().decode(text(name));
        } catch (IllegalArgumentException e) {
            throw missing(name, "base64");
        }
    }

    /** An integer. */
    public int integer(String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw missing(name, "a whole number below 2^31");
        }
        return value.intValue();
    }

    /** An unsigned 64-bit number as a decimal text. */
    public long unsigned(String name) {
        try {
            return Long.parseUnsignedLong(text(name));
        } catch (NumberFormatException e) {
            throw missing(name, "a decimal text below 2^64");
        }
    }

    /** An object inside. */
    public Frame object(String name) {
        JsonNode value = json.path(name);
        if (!value.isObject()) {
            throw missing(name, "an object");
        }
        return new Frame(value);
    }

    /** Objects in an array. */
    public List<Frame> objects(String name) {
        List<Frame> list = new ArrayList<>();
        for (JsonNode element : array(name)) {
            if (!element.isObject()) {
                throw missing(name, "a list of objects");
            }
            list.add(new Frame(element));
        }
        return list;
    }

    /** Texts in an array; none where the field is absent. */
    public List<String> texts(String name) {
        List<String> list = new ArrayList<>();
        if (json.has(name)) {
            for (JsonNode element : array(name)) {
                if (!element.isTextual()) {
                    throw missing(name, "a list of texts");
                }
                list.add(element.textValue());
            }
        }
        return list;
    }

    /** Token ids in an array. */
    public int[] tokenIds(String name) {
        JsonNode array = array(name);
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode element = array.get(i);
            if (!element.isIntegralNumber() || !element.canConvertToInt() || element.intValue() < 0) {
                throw missing(name, "a list of token ids");
            }
            ids[i] = element.intValue();
        }
        return ids;
    }

    private JsonNode array(String name) {
        JsonNode value = json.path(name);
        if (!value.isArray()) {
            throw missing(name, "a list");
        }
        return value;
    }

    private static ProtocolException missing(String name, String kind) {
        return new ProtocolException("frame_malformed", "'" + name + "' must be " + kind);
    }
}
