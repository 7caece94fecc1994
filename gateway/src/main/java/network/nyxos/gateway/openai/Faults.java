package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/// What can be wrong with a parameter, in OpenAI's words and codes. Nothing of a value but numbers is repeated: it may be part of a prompt.
final class Faults {
    private static final int MOST_SHOWN = 64;

    private Faults() {
    }

    static ApiException missing(String param) {
        return ApiException.badRequest("missing_required_parameter", param, "Missing required parameter: '" + param + "'.");
    }

    static ApiException unknown(String param) {
        String shown = clip(param);
        return ApiException.badRequest("unknown_parameter", shown, "Unknown parameter: '" + shown + "'.");
    }

    /// @param expected with its article, for example `a string`
    static ApiException type(String param, String expected, JsonNode got) {
        return ApiException.badRequest("invalid_type", param, "Invalid type for '" + param + "': expected " + expected + ", but got " + kind(got) + " instead.");
    }

    /// @param kind `integer` or `decimal`
    static ApiException below(String param, String kind, String least, BigDecimal got) {
        return ApiException.badRequest(kind + "_below_min_value", param, "Invalid '" + param + "': " + kind + " below minimum value. Expected a value >= " + least + ", but got "
            + number(got) + " instead.");
    }

    /// @param kind `integer` or `decimal`
    static ApiException above(String param, String kind, String most, BigDecimal got) {
        return ApiException.badRequest(kind + "_above_max_value", param, "Invalid '" + param + "': " + kind + " above maximum value. Expected a value <= " + most + ", but got "
            + number(got) + " instead.");
    }

    static ApiException emptyArray(String param) {
        return ApiException.badRequest("empty_array", param, "Invalid '" + param + "': empty array. Expected an array with minimum length 1, but got an empty array instead.");
    }

    static ApiException longArray(String param, int most, int got) {
        return ApiException.badRequest("array_above_max_length", param, "Invalid '" + param + "': array too long. Expected an array with maximum length " + most
            + ", but got an array with length " + got + " instead.");
    }

    static ApiException emptyString(String param) {
        return ApiException.badRequest("empty_string", param, "Invalid '" + param + "': empty string. Expected a string with minimum length 1, but got an empty string instead.");
    }

    static ApiException longString(String param, int most, int got) {
        return ApiException.badRequest("string_above_max_length", param, "Invalid '" + param + "': string too long. Expected a string with maximum length " + most
            + ", but got a string with length " + got + " instead.");
    }

    /// @param supported what there is instead
    static ApiException value(String param, String supported) {
        return ApiException.badRequest("invalid_value", param, "Invalid value for '" + param + "'. Supported values are: " + supported + ".");
    }

    /// The parameter cannot be honoured, and to ignore it would be to sell something else than what was asked for.
    ///
    /// @param why the reason, and what to do
    static ApiException unsupported(String param, String why) {
        return ApiException.badRequest("unsupported_parameter", param, "Unsupported parameter: '" + param + "': " + why);
    }

    /// The parameter is known, this value of it cannot be honoured.
    static ApiException unsupportedValue(String param, String why) {
        return ApiException.badRequest("unsupported_value", param, "Unsupported value: '" + param + "': " + why);
    }

    private static String clip(String name) {
        return name.length() > MOST_SHOWN ? name.substring(0, MOST_SHOWN) + "…" : name;
    }

    private static String number(BigDecimal value) {
        return clip(Math.abs((long) value.scale()) > MOST_SHOWN ? value.toString() : value.toPlainString());
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case BOOLEAN -> "a boolean";
            case NULL, MISSING -> "null";
            case NUMBER -> node.isIntegralNumber() ? "an integer" : "a decimal";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
        };
    }
}
