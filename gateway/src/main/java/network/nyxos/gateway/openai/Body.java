package network.nyxos.gateway.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.OptionalInt;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Tier;

/// The body of a request, and what all of them have in common.
final class Body {
    private static final String TIERS = "'open', 'verified' and 'confidential'";
    // Two levels for each of a schema's own, and what is around it.
    private static final int MAX_NESTING = 80;

    static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build()).build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private Body() {
    }

    /// Reads an object.
    ///
    /// @throws ApiException 400 `invalid_json`
    static JsonNode parse(byte[] body) {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            // The parser's own message quotes the input; where it stopped is enough.
            throw ApiException.badRequest("invalid_json", "the body is not JSON" + (e.getLocation() == null ? ""
                : ": line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr()));
        } catch (IOException e) {
            throw ApiException.badRequest("invalid_json", "the body is not JSON in UTF-8");
        }
        if (!root.isObject()) {
            throw ApiException.badRequest("invalid_json", "the body must be a JSON object");
        }
        return root;
    }

    /// The tier of a request: `peer_tier`, or behind the model's name.
    static Tier tier(JsonNode root, ModelName model) {
        if (!root.hasNonNull("peer_tier")) {
            return model.tier().orElse(Tier.OPEN);
        }
        Tier tier;
        try {
            tier = Tier.ofWireName(text(root, "peer_tier"));
        } catch (ProtocolException e) {
            throw Faults.value("peer_tier", TIERS);
        }
        if (model.tier().isPresent() && model.tier().get() != tier) {
            throw ApiException.badRequest("invalid_value", "peer_tier", "'peer_tier' and the tier behind the model's name differ; send one of them");
        }
        return tier;
    }

    /// A whole number of 31 bits.
    static OptionalInt integer(JsonNode root, String name, int least) {
        if (!root.hasNonNull(name)) {
            return OptionalInt.empty();
        }
        JsonNode value = root.get(name);
        if (!value.isIntegralNumber()) {
            throw Faults.type(name, "an integer", value);
        }
        if (value.decimalValue().compareTo(BigDecimal.valueOf(least)) < 0) {
            throw Faults.below(name, "integer", Integer.toString(least), value.decimalValue());
        }
        if (!value.canConvertToInt()) {
            throw Faults.above(name, "integer", Integer.toString(Integer.MAX_VALUE), value.decimalValue());
        }
        return OptionalInt.of(value.intValue());
    }

    /// A yes or no, and what it is when it is not there.
    static boolean flag(JsonNode object, String name, String where, boolean otherwise) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw Faults.type(where, "a boolean", value);
        }
        return value.booleanValue();
    }

    /// A text that must be there and not blank.
    static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            throw Faults.missing(name);
        }
        if (!value.isTextual()) {
            throw Faults.type(name, "a string", value);
        }
        if (value.textValue().isBlank()) {
            throw Faults.emptyString(name);
        }
        return value.textValue();
    }
}
