package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import network.nyxos.gateway.payment.Json;

/// What the gateway serves, as an OpenAPI 3.1 document.
final class ApiDocument {
    private static final String RESOURCE = "/network/nyxos/gateway/openapi.json";
    private static final String COMPONENTS = "#/components/schemas/";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode document;
    private final Origin origin;

    /// @param origin how clients reach the gateway
    ApiDocument(Origin origin) {
        this.origin = origin;
        try (InputStream in = ApiDocument.class.getResourceAsStream(RESOURCE)) {
            this.document = (ObjectNode) JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " is part of the program", e);
        }
    }

    /// `GET /openapi.json`.
    void get(ServerRequest request, ServerResponse response) {
        ObjectNode served = document.deepCopy();
        ((ObjectNode) served.path("servers").path(0)).put("url", origin.of(request));
        response.header(HeaderNames.CACHE_CONTROL, "public, max-age=300");
        Http.json(response, 200, Json.bytes(served));
    }

    /// That the document has these endpoints and no other.
    ///
    /// @throws IllegalStateException naming the difference
    void mustDescribe(List<Endpoint> endpoints) {
        Set<String> served = endpoints.stream().map(each -> each.method().text() + " " + each.path().replace("{+", "{")).collect(Collectors.toCollection(TreeSet::new));
        Set<String> described = document.path("paths").properties().stream().flatMap(path -> path.getValue().properties().stream()
            .map(method -> method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())).collect(Collectors.toCollection(TreeSet::new));
        if (!served.equals(described)) {
            throw new IllegalStateException("openapi.json describes " + described + ", served are " + served);
        }
    }

    /// One of the document's schemas with all that it refers to, so that it stands alone.
    ObjectNode schema(String name) {
        ObjectNode schema = document.path("components").path("schemas").path(name).deepCopy();
        ObjectNode definitions = JSON.createObjectNode();
        define(schema, definitions);
        if (!definitions.isEmpty()) {
            schema.set("$defs", definitions);
        }
        return schema;
    }

    /// Turns references into the document into references into the definitions, and adds what is referred to.
    private void define(JsonNode node, ObjectNode definitions) {
        String reference = node.path("$ref").asText();
        if (reference.startsWith(COMPONENTS)) {
            String name = reference.substring(COMPONENTS.length());
            ((ObjectNode) node).put("$ref", "#/$defs/" + name);
            if (!definitions.has(name)) {
                JsonNode defined = document.path("components").path("schemas").path(name).deepCopy();
                definitions.set(name, defined);
                define(defined, definitions);
            }
        }
        node.forEach(each -> define(each, definitions));
    }
}
