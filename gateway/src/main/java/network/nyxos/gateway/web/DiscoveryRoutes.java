package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.checkout.Offers;
import network.nyxos.gateway.discovery.Listing;
import network.nyxos.gateway.discovery.ListingRules;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import network.nyxos.gateway.openai.ChatRequestReader;
import network.nyxos.gateway.openai.EmbeddingRequestReader;
import network.nyxos.gateway.openai.ServiceRequest;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.payment.Requirements;
import network.nyxos.gateway.store.ListingStore;
import software.sava.core.accounts.PublicKey;

/// What is for sale, so that agents find it by themselves: this gateway's own first, then what others have sold through its facilitator.
final class DiscoveryRoutes {
    private static final int USUAL = 20;
    private static final int MOST = 100;
    private static final int FARTHEST = 1_000_000;
    private static final int EXAMPLE_TOKENS = 64;
    private static final int SHOWN = 8;

    private final ListingStore listings;
    private final Catalogue catalogue;
    private final Offers offers;
    private final Origin origin;
    private final PublicKey key;
    private final Instant started;

    /// @param key the gateway's, which signs offers and receipts
    DiscoveryRoutes(ListingStore listings, Catalogue catalogue, Offers offers, Origin origin, PublicKey key, Instant started) {
        this.listings = listings;
        this.catalogue = catalogue;
        this.offers = offers;
        this.origin = origin;
        this.key = key;
        this.started = started.truncatedTo(ChronoUnit.MILLIS);
    }

    void resources(ServerRequest request, ServerResponse response) {
        var query = new ListingStore.Query(Http.parameter(request, "type"), Http.parameter(request, "payTo"), Http.parameter(request, "scheme"), Http.parameter(request, "network"));
        int limit = Http.number(request, "limit", USUAL, 1, MOST);
        int offset = Http.number(request, "offset", 0, 0, FARTHEST);
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("x402Version", 2);
        ArrayNode items = root.putArray("items");
        int total = 0;
        // Everything that is listed has the one extension.
        if (Http.parameter(request, "extensions").filter(wanted -> !wanted.equals(ListingRules.KEY)).isEmpty()) {
            List<Listing> own = own(request).stream().filter(query::matches).toList();
            own.stream().skip(offset).limit(limit).forEach(listing -> items.add(listing.item().put("lastUpdated", started.toString())));
            ListingStore.Page page = listings.page(query, limit - items.size(), Math.max(0, offset - own.size()));
            page.items().forEach(items::add);
            total = own.size() + page.total();
        }
        root.putObject("pagination").put("limit", limit).put("offset", offset).put("total", total);
        Http.json(response, 200, Json.bytes(root));
    }

    /// Chat completions and embeddings where they are sold, with the price of an example: the real one follows from the request. And every service, at its own price.
    private List<Listing> own(ServerRequest request) {
        return Stream.concat(Stream.of(chats(request), embeddings(request)), catalogue.models().stream().map(model -> service(request, model))).flatMap(Optional::stream).toList();
    }

    private Optional<Listing> service(ServerRequest request, ModelTerms model) {
        if (!(model.product() instanceof Product.Service service)) {
            return Optional.empty();
        }
        // What a seller gives as an example of its schema is one of a call too.
        ObjectNode body = service.input().map(schema -> schema.path("examples").path(0)).filter(ObjectNode.class::isInstance).map(example -> (ObjectNode) example.deepCopy())
            .orElseGet(JsonNodeFactory.instance::objectNode);
        return listing(origin.of(request) + "/v1/services/" + model.name(), body, offers.terms(catalogue.price(ServiceRequest.read(model.name(), Json.bytes(body)))),
            input(service.input().orElseGet(JsonNodeFactory.instance::objectNode)), service.description(), List.of("service", "agent", "solana"));
    }

    private Optional<Listing> chats(ServerRequest request) {
        List<String> models = named(Product.Chat.class);
        if (models.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", models.getFirst()).put("max_tokens", EXAMPLE_TOKENS);
        body.putArray("messages").addObject().put("role", "user").put("content", "Say hello.");
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        properties.putObject("messages").put("type", "array").put("minItems", 1);
        properties.putObject("max_tokens").put("type", "integer").put("minimum", 1);
        properties.putObject("stream").put("type", "boolean");
        properties.putObject("peer_tier").putArray("enum").add("open").add("verified").add("confidential");
        return listing(origin.of(request) + "/v1/chat/completions", body, offers.terms(catalogue.price(new ChatRequestReader().read(Json.bytes(body)))), schema(properties, "messages"),
            "OpenAI-compatible chat completions by " + shown(models) + "; the price follows from model, tier and token ceiling (GET /v1/models)", List.of("llm", "inference", "openai", "solana"));
    }

    private Optional<Listing> embeddings(ServerRequest request) {
        List<String> models = named(Product.Vectors.class);
        if (models.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", models.getFirst()).put("input", "Say hello.");
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        properties.putObject("input");
        properties.putObject("encoding_format").putArray("enum").add("float").add("base64");
        properties.putObject("peer_tier").putArray("enum").add("open").add("confidential");
        return listing(origin.of(request) + "/v1/embeddings", body, offers.terms(catalogue.price(new EmbeddingRequestReader().read(Json.bytes(body)))), schema(properties, "input"),
            "OpenAI-compatible embeddings by " + shown(models) + "; the price follows from model, tier and the tokens of the inputs (GET /v1/models)", List.of("embeddings", "inference", "openai", "solana"));
    }

    private List<String> named(Class<? extends Product> kind) {
        return catalogue.models().stream().filter(model -> kind.isInstance(model.product()) && model.prices().containsKey(Tier.OPEN)).map(ModelTerms::name).toList();
    }

    private static String shown(List<String> models) {
        return models.stream().limit(SHOWN).collect(Collectors.joining(", "));
    }

    private static Optional<Listing> listing(String url, ObjectNode body, List<Requirements> terms, ObjectNode schema, String description, List<String> tags) {
        ObjectNode extension = JsonNodeFactory.instance.objectNode();
        ObjectNode info = extension.putObject("info");
        info.putObject("input").put("type", "http").put("method", "POST").put("bodyType", "json").set("body", body);
        info.putObject("output").put("type", "json");
        extension.set("schema", schema);
        ObjectNode item = JsonNodeFactory.instance.objectNode().put("resource", url).put("type", "http").put("x402Version", 2);
        ArrayNode accepts = item.putArray("accepts");
        terms.forEach(each -> accepts.add(each.toJson()));
        item.put("description", description).put("mimeType", "application/json").put("serviceName", "Nyxos");
        tags.forEach(item.putArray("tags")::add);
        item.putObject("extensions").set(ListingRules.KEY, extension);
        return terms.stream().findFirst().map(first -> new Listing(url, "http", "POST", first.payTo().toBase58(), first.scheme(), first.network(), item));
    }

    /// @param properties of the body, besides `model`
    /// @param required   which of them must be there
    private static ObjectNode schema(ObjectNode properties, String required) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "object");
        properties.putObject("model").put("type", "string");
        body.set("properties", properties);
        body.putArray("required").add("model").add(required);
        return input(body);
    }

    /// @param body its schema
    private static ObjectNode input(ObjectNode body) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("$schema", "https://json-schema.org/draft/2020-12/schema").put("type", "object");
        ObjectNode input = schema.putObject("properties").putObject("input").put("type", "object");
        ObjectNode members = input.putObject("properties");
        members.putObject("type").put("const", "http");
        members.putObject("method").put("const", "POST");
        members.putObject("bodyType").put("const", "json");
        members.set("body", body);
        input.putArray("required").add("type").add("method").add("bodyType").add("body");
        schema.putArray("required").add("input");
        return schema;
    }

    /// The document that says which key signs this gateway's offers and receipts.
    void did(ServerRequest request, ServerResponse response) {
        String id = "did:web:" + URI.create(origin.of(request)).getAuthority().replace(":", "%3A");
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putArray("@context").add("https://www.w3.org/ns/did/v1").add("https://w3id.org/security/multikey/v1");
        root.put("id", id);
        root.putArray("verificationMethod").addObject().put("id", id + "#gateway").put("type", "Multikey").put("controller", id)
            .put("publicKeyMultibase", OfferReceipt.multibase(key));
        root.putArray("assertionMethod").add(id + "#gateway");
        Http.json(response, 200, Json.bytes(root));
    }
}
