package network.nyxos.gateway.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.Requirements;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class ListingRulesTest {
    private final PublicKey seller = Keypair.generate().publicKey();
    private final Requirements required = new Requirements("exact", Network.DEVNET.caip2(), 5, seller, seller, 60, JsonNodeFactory.instance.objectNode());

    private static ObjectNode payment() {
        return Json.object("""
            {"x402Version":2,
             "resource":{"url":"https://API.example.com/weather?city=here","description":"Weather","mimeType":"application/json","serviceName":"Example",
                         "tags":["weather","Weather","caf\\u00e9","forecast"],"iconUrl":"https://api.example.com/icon.png"},
             "extensions":{"bazaar":{"info":{"input":{"type":"http","method":"GET","queryParams":{"city":"here"}},"output":{"type":"json"}},
               "schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
                 "properties":{"input":{"type":"object","properties":{"type":{"const":"http"},"method":{"enum":["GET"]},"queryParams":{"type":"object","required":["city"]}},
                                        "required":["type","method"]}},"required":["input"]}}}}
            """.getBytes(StandardCharsets.UTF_8)).deepCopy();
    }

    private ListingRules.Said said(Consumer<ObjectNode> change) {
        ObjectNode payment = payment();
        change.accept(payment);
        return ListingRules.read(payment, required);
    }

    private String rejected(Consumer<ObjectNode> change) {
        return ((ListingRules.Said.Rejected) said(change)).reason();
    }

    private Listing listed(Consumer<ObjectNode> change) {
        return ((ListingRules.Said.Listed) said(change)).listing();
    }

    private static ObjectNode in(ObjectNode payment, String path) {
        return (ObjectNode) payment.at("/extensions/bazaar" + path);
    }

    @Test
    void whatWasPaidForIsListedWithWhatItCostAndWhoWasPaid() {
        Listing listing = listed(_ -> { });

        assertThat(listing.resource()).as("without query").isEqualTo("https://api.example.com/weather");
        assertThat(listing.type()).isEqualTo("http");
        assertThat(listing.name()).isEqualTo("GET");
        assertThat(listing.payTo()).isEqualTo(seller.toBase58());
        JsonNode item = listing.item();
        assertThat(item.path("accepts").path(0)).isEqualTo(required.toJson());
        assertThat(item.path("serviceName").asText()).isEqualTo("Example");
        assertThat(item.path("tags")).extracting(JsonNode::asText).as("once each, in plain letters").containsExactly("weather", "forecast");
        assertThat(item.path("iconUrl").asText()).isEqualTo("https://api.example.com/icon.png");
        assertThat(item.at("/extensions/bazaar/info/output/type").asText()).isEqualTo("json");
    }

    @Test
    void aPaymentThatSaysNothingListsNothing() {
        assertThat(said(payment -> payment.remove("extensions"))).isInstanceOf(ListingRules.Said.Nothing.class);
        assertThat(said(payment -> payment.put("x402Version", 1))).isInstanceOf(ListingRules.Said.Nothing.class);
    }

    @Test
    void aToolAndABodyAreDescribedInTheirOwnWay() {
        assertThat(listed(payment -> {
            in(payment, "/info/input").removeAll();
            in(payment, "/info/input").put("type", "mcp").put("toolName", "analysis").putObject("inputSchema").put("type", "object");
            in(payment, "/schema/properties/input").removeAll();
        }).name()).isEqualTo("analysis");
        assertThat(rejected(payment -> in(payment, "/info/input").put("method", "POST"))).contains("bodyType");
        assertThat(rejected(payment -> in(payment, "/info/input").put("method", "TRACE"))).contains("method");
        assertThat(rejected(payment -> in(payment, "/info/input").put("type", "ftp"))).contains("http or mcp");
    }

    @Test
    void whatIsNotAsItsOwnSchemaSaysIsRejected() {
        assertThat(rejected(payment -> in(payment, "/info/input/queryParams").remove("city"))).isEqualTo("info is not as schema says");
        assertThat(rejected(payment -> in(payment, "").remove("schema"))).contains("schema must be an object");
    }

    @Test
    void noReferenceAndNoPatternOfAStrangerIsEvaluated() {
        assertThat(rejected(payment -> in(payment, "/schema").put("$ref", "https://example.com/schema"))).contains("$ref");
        assertThat(rejected(payment -> in(payment, "/schema").put("$ref", "#"))).as("in circles").contains("$ref");
        assertThat(rejected(payment -> in(payment, "/schema/properties/input").put("pattern", "(a+)+$"))).contains("pattern");
        assertThat(rejected(payment -> in(payment, "/schema").put("$schema", "https://example.com/dialect"))).contains("2020-12");
        assertThat(rejected(payment -> in(payment, "/schema/properties/input").put("$schema", "https://example.com/dialect"))).contains("dialect");
        assertThat(listed(payment -> in(payment, "/schema/properties/input/properties").putObject("pattern").put("type", "string")).name())
            .as("a member may be called so").isEqualTo("GET");
    }

    @Test
    void aResourceIsAnAddressOnTheWeb() {
        for (String url : new String[] {"", "weather", "ftp://example.com/", "https://user@example.com/", "javascript:alert(1)", "https://"}) {
            assertThat(rejected(payment -> payment.withObject("/resource").put("url", url))).as(url).contains("resource.url");
        }
        assertThat(listed(payment -> in(payment, "").put("routeTemplate", "/users/:userId")).resource()).isEqualTo("https://api.example.com/users/:userId");
        for (String route : new String[] {"users", "/users/../admin", "/users/%2e%2e/admin", "/http://evil.example", "/a b"}) {
            assertThat(listed(payment -> in(payment, "").put("routeTemplate", route)).resource()).as(route).isEqualTo("https://api.example.com/weather");
        }
    }

    @Test
    void whatIsNotFitToBeShownIsDropped() {
        for (String icon : new String[] {"data:image/png;base64,AA", "http://127.0.0.1/i.png", "http://localhost/i.png", "http://0x7f000001/i.png", "https://me@example.com/i.png"}) {
            assertThat(listed(payment -> payment.withObject("/resource").put("iconUrl", icon)).item().has("iconUrl")).as(icon).isFalse();
        }
        assertThat(listed(payment -> payment.withObject("/resource").put("serviceName", "x".repeat(33))).item().has("serviceName")).isFalse();
        assertThat(listed(payment -> payment.withObject("/resource").put("description", "a\u0007b")).item().has("description")).isFalse();
    }

    @Test
    void whatIsTooLongIsRejected() {
        assertThat(rejected(payment -> in(payment, "/info/input/queryParams").put("city", "x".repeat(9_000)))).contains("8192 bytes");
    }
}
