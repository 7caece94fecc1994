package network.nyxos.localnet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/** JSON as Solana writes it. */
final class Json {

    static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private Json() {
    }

    static JsonNode parse(byte[] text) throws IOException {
        return MAPPER.readTree(text);
    }

    static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    static String write(JsonNode node) {
        return node.toString();
    }

    static ObjectNode object() {
        return NODES.objectNode();
    }

    static ArrayNode array() {
        return NODES.arrayNode();
    }

    /** An unsigned 64-bit number. */
    static JsonNode u64(long value) {
        return value >= 0 ? NODES.numberNode(value) : NODES.numberNode(new BigInteger(Long.toUnsignedString(value)));
    }

    /** {@code {"context":{"slot":…},"value":…}}. */
    static ObjectNode withContext(long slot, JsonNode value) {
        ObjectNode result = object();
        result.putObject("context").put("apiVersion", RpcMethods.VERSION).put("slot", slot);
        result.set("value", value);
        return result;
    }

    /** A token amount with and without its decimals. */
    static ObjectNode tokenAmount(long amount, int decimals) {
        BigDecimal ui = new BigDecimal(new BigInteger(Long.toUnsignedString(amount)), decimals);
        ObjectNode node = object().put("amount", Long.toUnsignedString(amount)).put("decimals", decimals);
        node.put("uiAmount", ui.doubleValue());
        String text = ui.signum() == 0 ? "0" : ui.stripTrailingZeros().toPlainString();
        return node.put("uiAmountString", text);
    }
}
