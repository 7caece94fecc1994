package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.credit.BearerKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The OpenAPI document against what the gateway answers. That it has the gateway's endpoints and no other, the gateway itself holds at its start.
@Timeout(120)
class ApiDocumentTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String ID = "https://on.gateway().test/openapi.json";
    private static final long USDC = 1_000_000;

    private static OneNode on;
    private static JsonNode document;

    @BeforeAll
    static void start() throws Exception {
        on = OneNode.of(ScriptedNode.Script.saying("Hel", "lo").formed("tools", "<tool_call>[{\"name\":\"f\",", "\"arguments\":{}}]</tool_call>"), Tier.OPEN, Tier.VERIFIED);
        on.ground().publish(300, List.of());
        await().atMost(Duration.ofSeconds(15)).until(() -> Posted.get(on.gateway(), "/v1/models").body().contains("royalty"));
        document = Posted.json(Posted.get(on.gateway(), "/openapi.json").body());
    }

    @AfterAll
    static void stop() {
        if (on != null) {
            on.close();
        }
    }

    /// That an answer is as the document has it for this path, method and status.
    private static void described(String method, String path, HttpResponse<String> answer) {
        JsonNode content = document.path("paths").path(path).path(method).path("responses").path(Integer.toString(answer.statusCode())).path("content");
        String type = answer.headers().firstValue("Content-Type").orElseThrow().split(";")[0];
        assertThat(content.has(type)).as("%s %s answered %s with %s: %s", method, path, answer.statusCode(), type, answer.body()).isTrue();
        if (type.equals("application/json")) {
            valid(content.path(type).path("schema"), Posted.json(answer.body()));
        }
    }

    private static void valid(JsonNode schema, JsonNode value) {
        String reference = schema.path("$ref").asText();
        if (reference.isEmpty()) {
            assertThat(schema.path("type").asText()).isEqualTo("object");
            return;
        }
        assertThat(schema(reference).validate(value)).as("%s as %s", value, reference).isEmpty();
    }

    private static JsonSchema schema(String reference) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012, factory -> factory.schemaLoaders(loaders -> loaders.schemas(Map.of(ID, document.toString()))))
            .getSchema(SchemaLocation.of(ID + reference));
    }

    private static HttpResponse<String> paid(String path, String body) {
        ObjectNode offer = Posted.exactOffer(Posted.post(on.gateway(), path, body));
        return Posted.post(on.gateway(), path, body, "PAYMENT-SIGNATURE", Posted.v2(offer, Posted.transaction(offer, on.ground().wallet(USDC), on.ground().blockhash(), true)));
    }

    @Test
    void completionsAreAsDescribedWholeAndInPieces() {
        for (boolean stream : List.of(false, true)) {
            String chat = Posted.chat("hi", stream);
            valid(JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/ChatRequest"), Posted.json(chat));
            String text = "{\"model\":\"" + Ground.MODEL + "\",\"prompt\":\"hi\",\"stream\":" + stream + "}";
            for (Map.Entry<String, String> each : Map.of(CHAT, chat, "/v1/completions", text).entrySet()) {
                HttpResponse<String> answer = paid(each.getKey(), each.getValue());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                described("post", each.getKey(), answer);
                valid(ref("Settlement"), Posted.header(answer, "PAYMENT-RESPONSE"));
                if (stream) {
                    List<String> events = answer.body().lines().filter(line -> line.startsWith("data: {")).map(line -> line.substring("data: ".length())).toList();
                    assertThat(events).hasSizeGreaterThan(2);
                    events.forEach(event -> valid(ref(each.getKey().equals(CHAT) ? "ChatChunk" : "TextChunk"), Posted.json(event)));
                }
            }
        }
    }

    @Test
    void callsOfToolsAreAsDescribedWholeAndInPieces() {
        for (boolean stream : List.of(false, true)) {
            ObjectNode chat = (ObjectNode) Posted.json(Posted.chat("hi", stream));
            chat.withArray("tools").addObject().put("type", "function").putObject("function").put("name", "f");
            valid(ref("ChatRequest"), chat);
            HttpResponse<String> answer = paid(CHAT, chat.toString());
            assertThat(answer.body()).contains("tool_calls");
            described("post", CHAT, answer);
            if (stream) {
                answer.body().lines().filter(line -> line.startsWith("data: {")).forEach(line -> valid(ref("ChatChunk"), Posted.json(line.substring("data: ".length()))));
            } else {
                JsonNode message = Posted.json(answer.body()).path("choices").path(0).path("message");
                chat.withArray("messages").add(message).addObject().put("role", "tool").put("tool_call_id", message.path("tool_calls").path(0).path("id").asText()).put("content", "done");
                valid(ref("ChatRequest"), chat);
            }
        }
    }

    private static ObjectNode ref(String name) {
        return JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/" + name);
    }

    @Test
    void aServicesReplyIsItsOwnAndWhatBelongsToItIsAsDescribed() {
        HttpResponse<String> answer = paid("/v1/services/" + Ground.SERVICE, "{\"city\":\"Lisbon\"}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        described("post", "/v1/services/{name}", answer);
        valid(ref("Nyxos"), Posted.header(answer, "Nyxos-Served"));
        described("post", "/v1/services/{name}", Posted.post(on.gateway(), "/v1/services/" + Ground.SERVICE, "{"));
        described("post", "/v1/services/{name}", Posted.post(on.gateway(), "/v1/services/nobody", "{}"));
        described("post", "/v1/services/{name}", Posted.post(on.gateway(), "/v1/services/" + Ground.SERVICE, "{}"));
    }

    @Test
    void theAnswerThatAsksForMoneyIsAsDescribedInBothVersions() {
        HttpResponse<String> answer = Posted.post(on.gateway(), CHAT, Posted.chat("hi", false));

        described("post", CHAT, answer);
        valid(ref("PaymentRequired"), Posted.header(answer, "PAYMENT-REQUIRED"));
    }

    @Test
    void whatCanBeAskedWithoutPayingIsAsDescribed() {
        String job = Posted.json(paid(CHAT, Posted.chat("hi", false)).body()).path("nyxos").path("job").asText();
        Ground.Escrow escrow = on.ground().escrow(USDC);
        await().atMost(Duration.ofSeconds(15)).until(() -> Posted.get(on.gateway(), "/v1/escrows/" + escrow.address().toBase58()).statusCode() == 200);
        Map<String, String> asked = Map.ofEntries(Map.entry("/v1/models", "/v1/models"), Map.entry("/v1/models/{name}", "/v1/models/" + Ground.MODEL + ":verified"),
            Map.entry("/v1/nodes", "/v1/nodes"), Map.entry("/v1/jobs/{id}", "/v1/jobs/" + job), Map.entry("/v1/escrows/{address}", "/v1/escrows/" + escrow.address().toBase58()),
            Map.entry("/facilitator/supported", "/facilitator/supported"), Map.entry("/facilitator/discovery/resources", "/facilitator/discovery/resources?limit=5"),
            Map.entry("/discovery/resources", "/discovery/resources"), Map.entry("/openapi.json", "/openapi.json"), Map.entry("/.well-known/did.json", "/.well-known/did.json"),
            Map.entry("/health", "/health"), Map.entry("/metrics", "/metrics"), Map.entry("/v1/purchases", "/v1/purchases"), Map.entry("/v1/purchases/{id}/reply", "/v1/purchases/" + job + "/reply"));

        asked.forEach((path, at) -> described("get", path, Posted.get(on.gateway(), at)));
        BearerKey key = BearerKey.generate();
        on.ground().escrow(on.ground().wallet(USDC), USDC, key.session());
        String[] bearer = {"Authorization", "Bearer " + key.text()};
        await().atMost(Duration.ofSeconds(15)).until(() -> Posted.get(on.gateway(), "/credits", bearer).body().contains("open"));
        Set<String> withKey = Set.of("/credits", "/credits/history");
        withKey.forEach(path -> described("get", path, Posted.get(on.gateway(), path, bearer)));
        described("get", "/credits", Posted.get(on.gateway(), "/credits"));

        var unasked = new ArrayList<String>();
        document.path("paths").properties().stream().filter(path -> path.getValue().has("get") && !asked.containsKey(path.getKey()) && !withKey.contains(path.getKey())).forEach(path -> unasked.add(path.getKey()));
        assertThat(unasked).isEmpty();
    }

    @Test
    void theFacilitatorIsAsDescribed() {
        Keypair seller = on.ground().wallet(0);
        var requirements = (ObjectNode) Posted.json("{\"scheme\":\"exact\",\"network\":\"solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1\",\"amount\":\"1000\",\"asset\":\""
            + Ground.USDC.toBase58() + "\",\"payTo\":\"" + seller.publicKey().toBase58() + "\",\"maxTimeoutSeconds\":60,\"extra\":{\"feePayer\":\""
            + on.ground().sponsor.publicKey().toBase58() + "\",\"memo\":\"order\"}}");
        String body = "{\"x402Version\":2,\"paymentPayload\":{\"x402Version\":2,\"accepted\":" + requirements + ",\"payload\":{\"transaction\":\""
            + Posted.transaction(requirements, on.ground().wallet(USDC), on.ground().blockhash(), true) + "\"}},\"paymentRequirements\":" + requirements + "}";

        for (String path : List.of("/facilitator/verify", "/facilitator/settle", "/facilitator/settle")) {
            HttpResponse<String> answer = Posted.post(on.gateway(), path, body);
            assertThat(answer.statusCode()).isEqualTo(200);
            described("post", path, answer);
        }
        described("post", "/facilitator/verify", Posted.post(on.gateway(), "/facilitator/verify", "{}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"post|/v1/chat/completions|/v1/chat/completions|{|400", "post|/v1/chat/completions|/v1/chat/completions|{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}|404",
        "post|/v1/completions|/v1/completions|{}|400", "get|/v1/models/{name}|/v1/models/other||404", "get|/v1/jobs/{id}|/v1/jobs/zz||400",
        "get|/v1/escrows/{address}|/v1/escrows/zz||400", "get|/discovery/resources|/discovery/resources?limit=0||400", "post|/mcp|/mcp|{|400",
        "post|/mcp|/mcp|{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}|200", "post|/mcp|/mcp|{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"surprise\"}|200"})
    void errorsAreAsDescribed(String method, String path, String at, String body, int status) {
        HttpResponse<String> answer = method.equals("post") ? Posted.post(on.gateway(), at, body) : Posted.get(on.gateway(), at);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        described(method, path, answer);
    }

    @Test
    void everyParameterOfTheDocumentIsKnown() {
        for (Map.Entry<String, String> each : Map.of("ChatRequest", CHAT, "CompletionRequest", "/v1/completions").entrySet()) {
            for (Map.Entry<String, JsonNode> parameter : document.path("components").path("schemas").path(each.getKey()).path("properties").properties()) {
                String code = Posted.code(Posted.post(on.gateway(), each.getValue(), "{\"" + parameter.getKey() + "\":[[]]}"));
                assertThat(code).as(parameter.getKey()).isNotIn("unknown_parameter", "unsupported_parameter").isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"tools/call|{\"name\":7}", "tools/call|{\"name\":\"surprise\"}", "tools/call|[]", "tools/call|7", "initialize|{\"protocolVersion\":{}}", "surprise|{}"})
    void whatIsNoCallIsRefusedWithoutShowingOurInsides(String method, String params) {
        HttpResponse<String> answer = Posted.post(on.gateway(), "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Posted.json(answer.body()).path("error").path("code").asInt()).as(answer.body()).isIn(-32_601, -32_602);
        assertThat(answer.body()).doesNotContain("java", "modelcontextprotocol", "Exception", "jackson");
    }

    @Test
    void aMessageThatAsksForNothingIsTakenAndAVersionThatIsNotSpokenIsRefused() {
        String told = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

        assertThat(Posted.post(on.gateway(), "/mcp", told).statusCode()).isEqualTo(202);
        assertThat(Posted.post(on.gateway(), "/mcp", told, "MCP-Protocol-Version", "2025-06-18").statusCode()).isEqualTo(202);
        assertThat(Posted.post(on.gateway(), "/mcp", told, "MCP-Protocol-Version", "1999-01-01").statusCode()).isEqualTo(400);
        assertThat(Posted.get(on.gateway(), "/mcp").statusCode()).as("there is no stream to be had").isEqualTo(405);
        assertThat(Posted.post(on.gateway(), "/mcp", "[]").statusCode()).isEqualTo(400);
    }
}
