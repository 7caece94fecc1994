package network.nyxos.gateway.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.Requirements;

/// Reads what a payment says of the resource that it paid for. A payer can say anything, so whatever is not as the extension has it is refused, or dropped where
/// the extension says so; nothing is fetched, and no pattern or reference of a stranger's schema is evaluated.
public final class ListingRules {
    /// The extension's name.
    public static final String KEY = "bazaar";
    private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";
    private static final int MOST_BYTES = 8 * 1024;
    private static final int MOST_URL = 2_048;
    private static final int MOST_TEXT = 1_024;
    private static final int MOST_LABEL = 32;
    private static final int MOST_TAGS = 5;
    private static final int MOST_NAME = 128;
    private static final Set<String> QUERY_METHODS = Set.of("GET", "HEAD", "DELETE");
    private static final Set<String> BODY_METHODS = Set.of("POST", "PUT", "PATCH");
    private static final Set<String> BODY_TYPES = Set.of("json", "form-data", "text");
    // References could lead elsewhere or in circles; a pattern can take for ever to match.
    private static final Set<String> NOT_EVALUATED = Set.of("$ref", "$id", "$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$vocabulary", "pattern", "patternProperties");
    private static final Pattern LABEL = Pattern.compile("[\\x20-\\x7e]{1," + MOST_LABEL + "}");
    private static final Pattern ROUTE = Pattern.compile("/[a-zA-Z0-9_/:.\\-~%]+");
    private static final Pattern NO_NAME = Pattern.compile("\\d+(\\.\\d+){3}|\\d+|0x[0-9a-f]+");
    private static final Set<String> LOOPBACK = Set.of("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback");
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012, factory -> factory.enableSchemaCache(false));

    private ListingRules() {
    }

    /// What a payment says.
    public sealed interface Said {
        /// Nothing.
        record Nothing() implements Said {
        }

        /// Something that cannot be listed.
        ///
        /// @param reason for the seller
        record Rejected(String reason) implements Said {
        }

        /// A resource.
        record Listed(Listing listing) implements Said {
        }
    }

    /// Reads a payment that was settled.
    ///
    /// @param payment  x402's payment payload
    /// @param required what it paid
    public static Said read(JsonNode payment, Requirements required) {
        JsonNode extension = payment.path("extensions").path(KEY);
        if (payment.path("x402Version").asInt() != 2 || extension.isMissingNode() || extension.isNull()) {
            return new Said.Nothing();
        }
        try {
            return new Said.Listed(listing(payment.path("resource"), extension, required));
        } catch (PaymentException e) {
            return new Said.Rejected(e.getMessage());
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new PaymentException("invalid_discovery", message);
        }
    }

    private static Listing listing(JsonNode resource, JsonNode extension, Requirements required) {
        require(extension.isObject() && Json.bytes(extension).length <= MOST_BYTES, "the bazaar extension must be an object of at most " + MOST_BYTES + " bytes");
        JsonNode info = extension.path("info");
        JsonNode input = info.path("input");
        String type = input.path("type").asText();
        String name = switch (type) {
            case "http" -> http(input);
            case "mcp" -> mcp(input);
            default -> throw new PaymentException("invalid_discovery", "info.input.type must be http or mcp");
        };
        schema(extension.path("schema"), info);
        Optional<String> route = route(extension.path("routeTemplate"));
        String url = url(resource.path("url"), route);
        ObjectNode item = JsonNodeFactory.instance.objectNode().put("resource", url).put("type", type).put("x402Version", 2);
        item.putArray("accepts").add(required.toJson());
        text(resource.path("description")).ifPresent(value -> item.put("description", value));
        text(resource.path("mimeType")).ifPresent(value -> item.put("mimeType", value));
        label(resource.path("serviceName")).ifPresent(value -> item.put("serviceName", value));
        ArrayNode tags = tags(resource.path("tags"));
        if (!tags.isEmpty()) {
            item.set("tags", tags);
        }
        icon(resource.path("iconUrl")).ifPresent(value -> item.put("iconUrl", value));
        ObjectNode shown = item.putObject("extensions").putObject(KEY);
        shown.set("info", info);
        shown.set("schema", extension.path("schema"));
        route.ifPresent(value -> shown.put("routeTemplate", value));
        return new Listing(url, type, name, required.payTo().toBase58(), required.scheme(), required.network(), item);
    }

    private static String http(JsonNode input) {
        String method = input.path("method").asText();
        if (QUERY_METHODS.contains(method)) {
            return method;
        }
        require(BODY_METHODS.contains(method), "info.input.method must be GET, HEAD, DELETE, POST, PUT or PATCH");
        require(BODY_TYPES.contains(input.path("bodyType").asText()) && input.has("body"), "info.input of " + method + " needs bodyType (json, form-data or text) and body");
        return method;
    }

    private static String mcp(JsonNode input) {
        String tool = input.path("toolName").asText();
        require(!tool.isEmpty() && tool.length() <= MOST_NAME && !hasControl(tool), "info.input.toolName must have 1 to " + MOST_NAME + " characters");
        require(input.path("inputSchema").isObject(), "info.input.inputSchema must be an object");
        return tool;
    }

    private static void schema(JsonNode schema, JsonNode info) {
        require(schema.isObject(), "schema must be an object");
        require(schema.path("$schema").asText(DRAFT).equals(DRAFT), "schema must be of JSON Schema's draft 2020-12");
        plain(schema, 0);
        boolean valid;
        try {
            valid = SCHEMAS.getSchema(schema).validate(info).isEmpty();
        } catch (RuntimeException e) {
            // Whatever the library says of a stranger's schema, it is none.
            throw new PaymentException("invalid_discovery", "schema is no JSON Schema that can be read");
        }
        require(valid, "info is not as schema says");
    }

    private static void plain(JsonNode node, int depth) {
        if (node.isObject()) {
            node.properties().forEach(member -> {
                // "properties" may have members of any name, which are schemas again.
                require(!NOT_EVALUATED.contains(member.getKey()) || member.getValue().isObject() && !member.getKey().equals("patternProperties"),
                    "schema uses " + member.getKey() + ", which is not evaluated here");
                require(depth == 0 || !member.getKey().equals("$schema"), "schema names another dialect inside");
                plain(member.getValue(), depth + 1);
            });
        } else if (node.isArray()) {
            node.forEach(each -> plain(each, depth + 1));
        }
    }

    private static Optional<String> route(JsonNode template) {
        if (!template.isTextual() || !ROUTE.matcher(template.textValue()).matches() || template.textValue().length() > MOST_URL) {
            return Optional.empty();
        }
        try {
            String decoded = URLDecoder.decode(template.textValue(), StandardCharsets.UTF_8);
            return decoded.contains("..") || decoded.contains("://") ? Optional.empty() : Optional.of(template.textValue());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String url(JsonNode node, Optional<String> route) {
        URI url = address(node).orElseThrow(() -> new PaymentException("invalid_discovery", "resource.url must be an absolute http or https URL without user"));
        return url.getScheme().toLowerCase(Locale.ROOT) + "://" + url.getRawAuthority().toLowerCase(Locale.ROOT) + route.orElse(url.getRawPath().isEmpty() ? "/" : url.getRawPath());
    }

    private static Optional<URI> address(JsonNode node) {
        if (!node.isTextual() || node.textValue().length() > MOST_URL) {
            return Optional.empty();
        }
        try {
            URI url = new URI(node.textValue());
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            return web && url.getHost() != null && url.getRawUserInfo() == null ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static Optional<String> text(JsonNode node) {
        return Optional.of(node).filter(JsonNode::isTextual).map(JsonNode::textValue).filter(value -> !value.isEmpty() && value.length() <= MOST_TEXT && !hasControl(value));
    }

    private static Optional<String> label(JsonNode node) {
        return Optional.of(node).filter(JsonNode::isTextual).map(JsonNode::textValue).filter(value -> LABEL.matcher(value).matches());
    }

    private static ArrayNode tags(JsonNode list) {
        ArrayNode tags = JsonNodeFactory.instance.arrayNode();
        var seen = new HashSet<String>();
        for (JsonNode each : list.isArray() ? list : JsonNodeFactory.instance.arrayNode()) {
            label(each).filter(tag -> tags.size() < MOST_TAGS && seen.add(tag.toLowerCase(Locale.ROOT))).ifPresent(tags::add);
        }
        return tags;
    }

    private static Optional<String> icon(JsonNode node) {
        return address(node).filter(url -> {
            try {
                String host = IDN.toASCII(URLDecoder.decode(url.getHost(), StandardCharsets.UTF_8)).toLowerCase(Locale.ROOT);
                return !host.isEmpty() && !host.startsWith("[") && !LOOPBACK.contains(host) && !NO_NAME.matcher(host).matches();
            } catch (IllegalArgumentException e) {
                return false;
            }
        }).map(URI::toString);
    }
}
