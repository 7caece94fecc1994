package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/** A call's parameters, read with errors that say which one is wrong and how. */
final class RpcParams {

    private static final BigInteger U64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final int KEY_TEXT_LENGTH = 44;
    private static final int SIGNATURE_BYTES = 64;
    private static final int SIGNATURE_TEXT_LENGTH = 88;

    /** Where a slice of an account's data starts and how long it is at most. */
    record Slice(int offset, int length) {
    }

    private final JsonNode params;

    RpcParams(JsonNode params) {
        if (!params.isArray() && !params.isMissingNode() && !params.isNull()) {
            throw RpcException.invalidParams("params must be an array");
        }
        this.params = params;
    }

    JsonNode at(int index) {
        JsonNode node = params.path(index);
        return node.isNull() ? MissingNode.getInstance() : node;
    }

    JsonNode required(int index, String name) {
        JsonNode node = at(index);
        if (node.isMissingNode()) {
            throw RpcException.invalidParams("parameter " + index + " (" + name + ") is missing");
        }
        return node;
    }

    String text(int index, String name) {
        return text(required(index, name), name);
    }

    PublicKey key(int index, String name) {
        return key(required(index, name), name);
    }

    long u64(int index, String name) {
        return u64(required(index, name), name);
    }

    /** The configuration object at an index; an empty one when it is left out. */
    Config config(int index) {
        JsonNode node = at(index);
        if (!node.isMissingNode() && !node.isObject()) {
            throw RpcException.invalidParams("parameter " + index + " (config) must be an object");
        }
        return new Config(node);
    }

    /** A list at an index with at most so many items. */
    List<JsonNode> list(int index, String name, int limit) {
        return list(required(index, name), name, limit);
    }

    static List<JsonNode> list(JsonNode node, String name, int limit) {
        if (!node.isArray()) {
            throw RpcException.invalidParams(name + " must be an array");
        }
        if (node.size() > limit) {
            throw RpcException.invalidParams(name + " has " + node.size() + " items, at most " + limit + " are allowed");
        }
        List<JsonNode> items = new ArrayList<>(node.size());
        node.forEach(items::add);
        return items;
    }

    static String text(JsonNode node, String name) {
        if (!node.isTextual()) {
            throw RpcException.invalidParams(name + " must be a string");
        }
        return node.textValue();
    }

    static long u64(JsonNode node, String name) {
        if (!node.isIntegralNumber() || node.bigIntegerValue().signum() < 0 || node.bigIntegerValue().compareTo(U64_MAX) > 0) {
            throw RpcException.invalidParams(name + " must be a whole number from 0 to 2^64-1");
        }
        return node.bigIntegerValue().longValue();
    }

    static PublicKey key(JsonNode node, String name) {
        String text = text(node, name);
        byte[] bytes = text.length() > KEY_TEXT_LENGTH ? new byte[0] : base58(text, name);
        if (bytes.length != PublicKey.PUBLIC_KEY_LENGTH) {
            throw RpcException.invalidParams(name + " \"" + shortened(text) + "\" is no address: 32 bytes in base58 are expected");
        }
        return PublicKey.createPubKey(bytes);
    }

    static String signature(JsonNode node, String name) {
        String text = text(node, name);
        byte[] bytes = text.length() > SIGNATURE_TEXT_LENGTH ? new byte[0] : base58(text, name);
        if (bytes.length != SIGNATURE_BYTES) {
            throw RpcException.invalidParams(name + " \"" + shortened(text) + "\" is no signature: 64 bytes in base58 are expected");
        }
        return text;
    }

    /** Bytes written in base58 or base64. */
    static byte[] bytes(String text, String encoding, String name) {
        return switch (encoding) {
            case "base58" -> base58(text, name);
            case "base64" -> {
                try {
                    yield Base64.getDecoder().decode(text);
                } catch (IllegalArgumentException e) {
                    throw RpcException.invalidParams(name + " is not valid base64: " + e.getMessage());
                }
            }
            default -> throw RpcException.invalidParams(
                    "encoding \"" + shortened(encoding) + "\" is not supported for " + name + "; use base58 or base64");
        };
    }

    static byte[] base58(String text, String name) {
        int wrong = Base58.nonBase58(text);
        if (wrong >= 0) {
            throw RpcException.invalidParams(name + " is not valid base58 at character " + wrong);
        }
        return text.isEmpty() ? new byte[0] : Base58.decode(text);
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }

    /** A configuration object; what it leaves out has the default that the method gives. */
    record Config(JsonNode node) {

        JsonNode get(String name) {
            JsonNode value = node.path(name);
            return value.isNull() ? MissingNode.getInstance() : value;
        }

        Commitment commitment() {
            JsonNode value = get("commitment");
            if (value.isMissingNode()) {
                return Commitment.FINALIZED;
            }
            return switch (text(value, "commitment")) {
                case "processed", "recent" -> Commitment.PROCESSED;
                case "confirmed", "single", "singleGossip" -> Commitment.CONFIRMED;
                case "finalized", "max", "root" -> Commitment.FINALIZED;
                default -> throw RpcException.invalidParams("commitment must be processed, confirmed or finalized");
            };
        }

        String encoding(String otherwise) {
            JsonNode value = get("encoding");
            return value.isMissingNode() ? otherwise : text(value, "encoding");
        }

        boolean flag(String name) {
            JsonNode value = get(name);
            if (!value.isMissingNode() && !value.isBoolean()) {
                throw RpcException.invalidParams(name + " must be true or false");
            }
            return value.booleanValue();
        }

        int integer(String name, int otherwise, int most) {
            JsonNode value = get(name);
            if (value.isMissingNode()) {
                return otherwise;
            }
            long number = u64(value, name);
            if (number < 0 || number > most) {
                throw RpcException.invalidParams(name + " must be 0 to " + most);
            }
            return (int) number;
        }

        Optional<Slice> slice() {
            JsonNode slice = get("dataSlice");
            if (slice.isMissingNode()) {
                return Optional.empty();
            }
            long offset = u64(slice.path("offset"), "dataSlice.offset");
            long length = u64(slice.path("length"), "dataSlice.length");
            return Optional.of(new Slice((int) clamp(offset), (int) clamp(length)));
        }

        private static long clamp(long value) {
            return value < 0 ? Integer.MAX_VALUE : Math.min(value, Integer.MAX_VALUE);
        }
    }
}
