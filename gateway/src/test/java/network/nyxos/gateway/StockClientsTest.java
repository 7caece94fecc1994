package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.npm.NpmPackage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.encoding.Base58;

/// Clients that nobody here wrote, as npm has them, paying and reading.
@Timeout(600)
class StockClientsTest {
    private static final long USDC = 1_000_000;
    private static final Path SOURCES = Path.of("src/test/npm").toAbsolutePath();

    private static final Keypair SELLER = Keypair.generate();

    @TempDir
    static Path work;

    private static OneNode on;

    @BeforeAll
    static void start() throws Exception {
        NpmPackage.requireNode();
        Files.copy(SOURCES.resolve("client.mjs"), work.resolve("client.mjs"));
        Files.createSymbolicLink(work.resolve("node_modules"), NpmPackage.install(SOURCES, "--omit=optional", "--omit=peer"));
        on = OneNode.of(ScriptedNode.Script.saying("Hel", "lo", " world")
            .formed("json_schema", "{\"city\": \"Ber", "n\", \"popul", "ation\": 134}")
            .formed("tools", "<tool", "_call>[{\"name\": \"get_weather\", \"argu", "ments\": {\"city\": \"Bern", "\"}}]</tool_call>"), Tier.OPEN);
        on.ground().chain.mintTo(Ground.USDC, SELLER.publicKey(), 0);
    }

    @AfterAll
    static void stop() {
        if (on != null) {
            on.close();
        }
    }

    private static JsonNode client(String name) {
        return client(name, BearerKey.generate());
    }

    /// @param key of credits
    private static JsonNode client(String name, BearerKey key) {
        return Posted.json(NpmPackage.said(work, List.of("node", "client.mjs", name), Map.of("GATEWAY", Ground.url(on.gateway()).toString(), "RPC", on.ground().rpc.httpUrl().toString(),
            "MODEL", Ground.MODEL, "VECTORS", Ground.VECTORS, "SECRET", Base58.encode(on.ground().wallet(USDC).bytes()), "SELLER", SELLER.publicKey().toBase58(),
            "OTHER", Base58.encode(Keypair.generate().bytes()), "KEY", key.text(), "KEY_PUBLIC", key.publicKey().toBase58())));
    }

    @Test
    void theLockFileNamesNoRegistry() throws IOException {
        NpmPackage.namesNoRegistry(SOURCES);
    }

    @Test
    void x402FetchOfVersion2Pays() {
        JsonNode seen = client("v2");

        assertThat(seen.path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("settlement").path("success").asBoolean()).isTrue();
        assertThat(seen.path("settlement").path("network").asText()).isEqualTo("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1");
        assertThat(seen.path("charge").asLong()).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 32));
    }

    @Test
    void x402FetchOfVersion1Pays() {
        JsonNode seen = client("v1");

        assertThat(seen.path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("settlement").path("success").asBoolean()).isTrue();
        assertThat(seen.path("settlement").path("network").asText()).isEqualTo("solana-devnet");
    }

    @Test
    void aPurchaseNamedByTheStockExtensionIsChargedOnce() {
        long vault = on.ground().vault();

        JsonNode seen = client("named");

        assertThat(seen.path("first").path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("again")).isEqualTo(seen.path("first"));
        assertThat(on.ground().vault() - vault).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 32));
    }

    @Test
    void offersAndReceiptsAreSignedByTheGatewaysPublishedKey() {
        JsonNode seen = client("signed");

        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 32);
        JsonNode offer = seen.path("offer");
        assertThat(offer.path("resourceUrl").asText()).isEqualTo(Ground.url(on.gateway()) + "/v1/chat/completions");
        assertThat(offer.path("amount").asText()).isEqualTo(Long.toString(ceiling)).isEqualTo(seen.path("accepted").path("amount").asText());
        assertThat(offer.path("validUntil").asLong()).isPositive();
        assertThat(seen.path("body").path("amount")).as("in the body for version 1, and where the header has no room").isEqualTo(offer.path("amount"));
        JsonNode receipt = seen.path("receipt");
        assertThat(receipt.path("resourceUrl")).isEqualTo(offer.path("resourceUrl"));
        assertThat(receipt.path("payer")).isEqualTo(seen.path("settlement").path("payer"));
        assertThat(receipt.path("transaction")).isEqualTo(seen.path("settlement").path("transaction"));
        assertThat(seen.path("matches").asBoolean()).isTrue();
        assertThat(seen.path("signer").asText()).startsWith("did:key:z6Mk").isEqualTo(seen.path("published").asText()).isEqualTo(seen.path("receiptSigner").asText());
        assertThat(seen.path("streamed").path("payer")).as("a stream has its receipt at its end").isEqualTo(receipt.path("payer"));
    }

    @Test
    void agentsFindWhatIsForSaleByTheStockBazaarClient() {
        JsonNode seen = client("bazaar");

        assertThat(seen.path("extensions")).extracting(JsonNode::asText).contains("bazaar");
        JsonNode own = seen.path("own").path("items").path(0);
        assertThat(own.path("resource").asText()).isEqualTo(Ground.url(on.gateway()) + "/v1/chat/completions");
        assertThat(own.path("accepts")).extracting(each -> each.path("scheme").asText()).containsExactly("exact", "escrow");
        assertThat(seen.path("ownValid").path("valid").asBoolean()).as("%s", seen.path("ownValid")).isTrue();
        assertThat(seen.path("listed").path("settled").asBoolean()).isTrue();
        assertThat(seen.path("listed").path("said").path("bazaar").path("status").asText()).as("%s", seen.path("listed")).isEqualTo("success");
        assertThat(seen.path("refused").path("settled").asBoolean()).as("what is not listed is paid all the same").isTrue();
        assertThat(seen.path("refused").path("said").path("bazaar").path("status").asText()).isEqualTo("rejected");
        assertThat(seen.path("found").path("items")).hasSize(1);
        assertThat(seen.path("found").path("items").path(0).path("resource").asText()).isEqualTo("https://weather.example/now");
        assertThat(seen.path("found").path("pagination").path("total").asInt()).isEqualTo(1);
        assertThat(Posted.code(Posted.get(on.gateway(), "/discovery/resources?limit=0"))).isEqualTo("invalid_value");
        assertThat(Posted.json(Posted.get(on.gateway(), "/discovery/resources?type=mcp").body()).path("pagination").path("total").asInt()).isZero();
    }

    @Test
    void aWalletThatSignsInByTheStockExtensionSeesWhatItBought() {
        JsonNode seen = client("purchases");

        assertThat(seen.path("unsigned").asInt()).isEqualTo(402);
        assertThat(seen.path("all").path("wallet").asText()).isEqualTo(seen.path("wallet").asText());
        assertThat(seen.path("all").path("purchases")).hasSize(2).allSatisfy(each -> {
            assertThat(each.path("state").asText()).isEqualTo("executed");
            assertThat(each.path("transaction").asText()).isNotEmpty();
            assertThat(seen.path("bought").asText() + seen.path("all")).contains(each.path("receipt").asText());
        });
        assertThat(seen.path("page").path("purchases").path(0)).isEqualTo(seen.path("all").path("purchases").path(0));
        assertThat(seen.path("rest").path("purchases").path(0)).isEqualTo(seen.path("all").path("purchases").path(1));
        assertThat(seen.path("rest").has("after")).isFalse();
        assertThat(seen.path("reply").asText()).isEqualTo(seen.path("bought").asText());
        assertThat(seen.path("replayed").asText()).isEqualTo("true");
        assertThat(seen.path("again")).as("a sign-in is good once").extracting(JsonNode::asText).containsExactly("402", "invalid_siwx_nonce");
        assertThat(seen.path("elsewhere")).as("and for what it was made for").extracting(JsonNode::asText).containsExactly("402", "invalid_siwx_uri_mismatch");
        assertThat(seen.path("others").path("purchases")).isEmpty();
        assertThat(seen.path("othersReply").asText()).isEqualTo("job_not_found");
        assertThat(seen.path("unnamed").asText()).isEqualTo("reply_gone");
    }

    @Test
    void theOpenAiSdkReadsAWholeReply() {
        JsonNode seen = client("openai");

        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("total_tokens").asInt()).isEqualTo(8);
    }

    @Test
    void creditsBoughtByStockClientsOfBothVersionsAreSpentByTheOpenAiSdk() {
        BearerKey key = BearerKey.generate();

        JsonNode seen = client("credits", key);

        assertThat(seen.path("bought").path("status").asInt()).as("%s", seen).isEqualTo(200);
        assertThat(seen.path("bought").path("balance").asText()).isEqualTo("2");
        assertThat(seen.path("more").path("balance").asText()).as("topped up").isEqualTo("3");
        assertThat(seen.path("more").path("escrow")).isEqualTo(seen.path("bought").path("escrow"));
        assertThat(seen.path("more").path("wallet")).isEqualTo(seen.path("wallet"));
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        JsonNode left = Posted.json(Posted.get(on.gateway(), "/credits", "Authorization", "Bearer " + key.text()).body());
        assertThat(left.path("balance").asText()).isEqualTo(Ground.credits().credits(Ground.credits().price(3) - seen.path("charge").asLong()));
    }

    @Test
    void theOpenAiSdkSpendsABearerKeyUntilItIsEmpty() {
        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 32);
        BearerKey key = BearerKey.generate();
        on.ground().escrow(on.ground().wallet(2 * ceiling), 2 * ceiling, key.session());
        await().until(() -> Posted.get(on.gateway(), "/credits", "Authorization", "Bearer " + key.text()).body().contains("\"open\""));

        JsonNode seen = client("openai-credits", key);

        long charge = seen.path("charge").asLong();
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        assertThat(seen.path("served").asLong()).as("as long as a whole ceiling is left").isEqualTo(1 + ceiling / charge);
        assertThat(seen.path("error").path("name").asText()).isEqualTo("APIError");
        assertThat(seen.path("error").path("status").asInt()).isEqualTo(402);
        assertThat(seen.path("error").path("code").asText()).isEqualTo(seen.path("error").path("type").asText()).isEqualTo("insufficient_quota");
        assertThat(seen.path("error").path("message").asText()).contains("/credits/buy");
        assertThat(seen.path("wrong").path("name").asText()).isEqualTo("AuthenticationError");
        assertThat(seen.path("wrong").path("code").asText()).isEqualTo("invalid_api_key");
    }

    @Test
    void theOpenAiSdkReadsAStream() {
        JsonNode seen = client("openai-stream");

        assertThat(seen.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void x402FetchCallsAnAgentsService() {
        JsonNode seen = client("service");

        assertThat(seen.path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("text").asText()).isEqualTo(ScriptedNode.echo("{\"city\":\"Lisbon\"}"));
        assertThat(seen.path("charge").asLong()).isEqualTo(Ground.SERVICE_PRICE);
        assertThat(seen.path("settlement").path("success").asBoolean()).isTrue();
    }

    @Test
    void theOpenAiSdkEmbedsTexts() {
        JsonNode seen = client("openai-embeddings");

        assertThat(seen.path("vectors").path(0)).as("as base64, which it asks for by itself").extracting(each -> (float) each.asDouble()).containsExactly(11f, 104f, 1 / 3f, 1f);
        assertThat(seen.path("vectors").path(1).path(0).asInt()).isEqualTo(5);
        assertThat(seen.path("usage")).isEqualTo(Posted.json("{\"prompt_tokens\":7,\"total_tokens\":7}"));
        assertThat(seen.path("plain")).extracting(each -> (float) each.asDouble()).containsExactly(11f, 104f, 1 / 3f, 1f);
        assertThat(seen.path("refused")).isEqualTo(Posted.json("{\"status\":400,\"param\":\"input\",\"code\":\"unsupported_value\"}"));
    }

    @Test
    void theOpenAiSdkReadsSeveralChoicesWholeAndStreamed() {
        JsonNode seen = client("openai-choices");

        for (String way : List.of("whole", "old", "gathered")) {
            assertThat(seen.path(way)).as(way).extracting(JsonNode::asText).containsExactly("Hello world", "Hello world #1");
        }
        assertThat(seen.path("finishes")).extracting(JsonNode::asText).containsExactly("stop", "stop");
        assertThat(seen.path("counted")).extracting(JsonNode::asInt).containsExactly(3, 4);
        assertThat(seen.path("usage").path("total_tokens").asInt()).isEqualTo(12);
        assertThat(seen.path("streamed")).isEqualTo(seen.path("usage"));
    }

    @Test
    void theOpenAiSdkReadsCompletionsOfTheOldForm() {
        JsonNode seen = client("openai-completion");

        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("id").asText()).startsWith("cmpl-");
        assertThat(seen.path("object").asText()).isEqualTo("text_completion");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("total_tokens").asInt()).isEqualTo(8);
        assertThat(seen.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        assertThat(seen.path("streamed")).isEqualTo(seen.path("usage"));
        assertThat(seen.path("error").path("status").asInt()).isEqualTo(400);
        assertThat(seen.path("error").path("param").asText()).isEqualTo("best_of");
    }

    @Test
    void theOpenAiSdkParsesStructuredOutputs() {
        JsonNode seen = client("openai-parse");

        assertThat(seen.path("parsed")).isEqualTo(Posted.json("{\"city\":\"Bern\",\"population\":134}"));
        assertThat(seen.path("streamed")).isEqualTo(seen.path("parsed"));
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
    }

    @Test
    void theOpenAiSdkRunsTools() {
        JsonNode seen = client("openai-tools");

        assertThat(seen.path("call").path("type").asText()).isEqualTo("function");
        assertThat(seen.path("call").path("id").asText()).startsWith("call_");
        assertThat(seen.path("call").path("function").path("name").asText()).isEqualTo("get_weather");
        assertThat(seen.path("call").path("function").path("parsed_arguments")).isEqualTo(Posted.json("{\"city\":\"Bern\"}"));
        assertThat(seen.path("content").isNull()).isTrue();
        assertThat(seen.path("finish").asText()).isEqualTo("tool_calls");
        assertThat(seen.path("streamed").path("function").path("arguments").asText()).isEqualTo("{\"city\": \"Bern\"}");
        assertThat(seen.path("streamedFinish").asText()).isEqualTo("tool_calls");
        assertThat(seen.path("answer").asText()).as("told of the result").isEqualTo("Hello world");
        List<WireMessage.ChatMessage> last = ((WireMessage.Ask.Clear) on.node().assigned().getLast().ask()).request().messages();
        assertThat(last).extracting(WireMessage.ChatMessage::role).containsExactly("user", "assistant", "tool");
        assertThat(last.getLast().content()).isEqualTo("<tool_response>{\"name\":\"get_weather\",\"content\":\"sun\"}</tool_response>");
    }

    @Test
    void theOpenAiSdkListsModelsAndUnderstandsErrors() {
        assertThat(client("openai-models").path("models").get(0).asText()).isEqualTo(Ground.MODEL);
        JsonNode errors = client("openai-error").path("errors");
        assertThat(errors).extracting(error -> error.path("name").asText()).containsExactly("NotFoundError", "BadRequestError", "BadRequestError", "BadRequestError");
        assertThat(errors).extracting(error -> error.path("code").asText()).containsExactly("model_not_found", "integer_above_max_value", "decimal_above_max_value", "unsupported_parameter");
        assertThat(errors).extracting(error -> error.path("param").asText()).containsExactly("null", "n", "temperature", "logit_bias");
        assertThat(errors).allSatisfy(error -> assertThat(error.path("type").asText()).isEqualTo("invalid_request_error"))
            .allSatisfy(error -> assertThat(error.path("id").asText()).startsWith("req_"));
    }

    @Test
    void theOpenApiDocumentIsOne() {
        JsonNode seen = client("openapi");

        assertThat(seen.path("valid").asBoolean()).as("%s", seen.path("errors")).isTrue();
        assertThat(seen.path("version").asText()).isEqualTo("3.1");
        assertThat(seen.path("server").asText()).isEqualTo(Ground.url(on.gateway()).toString());
    }

    @Test
    void anAgentOfTheOfficialMcpSdkFindsPricesPaysAndVerifies() {
        long vault = on.ground().vault();

        JsonNode seen = client("mcp");

        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 32);
        assertThat(seen.path("server").path("name").asText()).isEqualTo("nyxos-gateway");
        assertThat(seen.path("tools")).extracting(tool -> tool.path("name").asText()).containsExactlyInAnyOrder("list_models", "infer", "embed", "verify_receipt", "call_weather");
        assertThat(seen.path("models").path("structuredContent")).isEqualTo(Posted.json(seen.path("models").path("content").path(0).path("text").asText()));
        JsonNode unpaid = seen.path("unpaid");
        assertThat(unpaid.path("isError").asBoolean()).isTrue();
        assertThat(Posted.json(unpaid.path("content").path(0).path("text").asText())).as("for clients that read text alone").isEqualTo(unpaid.path("structuredContent"));
        assertThat(unpaid.path("structuredContent").path("resource").path("url").asText()).isEqualTo("mcp://tool/infer");
        assertThat(unpaid.path("structuredContent").path("accepts").path(0).path("amount").asLong()).isEqualTo(ceiling);
        assertThat(seen.path("swapped").path("isError").asBoolean()).as("a payment is good for the call that it was offered for").isTrue();
        assertThat(seen.path("swapped").path("structuredContent").path("error").asText()).contains("memo_mismatch");
        assertThat(seen.path("swapped").path("structuredContent").path("x402/payment-response").path("success").asBoolean(true)).isFalse();
        JsonNode paid = seen.path("paid");
        assertThat(paid.path("isError").asBoolean()).as("%s", paid).isFalse();
        assertThat(paid.path("content").path(0).path("text").asText()).isEqualTo("Hello world");
        assertThat(paid.path("structuredContent").path("usage").path("total_tokens").asInt()).isEqualTo(8);
        assertThat(paid.path("_meta").path("x402/payment-response").path("success").asBoolean()).isTrue();
        assertThat(paid.path("_meta").path("x402/payment-response").path("transaction").asText()).isNotEmpty();
        assertThat(seen.path("again").path("structuredContent").path("error").path("code").asText()).isEqualTo("already_served");
        assertThat(on.ground().vault() - vault).isEqualTo(ceiling);
        JsonNode verified = seen.path("verified").path("structuredContent");
        assertThat(verified.path("valid").asBoolean()).isTrue();
        assertThat(verified.path("receipt").path("node").asText()).isEqualTo(on.node().key().toBase58());
        assertThat(verified.path("job").path("charge").asLong()).isEqualTo(ceiling);
        assertThat(seen.path("forged").path("structuredContent").path("valid").asBoolean(true)).isFalse();
        assertThat(seen.path("refused").path("structuredContent").path("error").path("param").asText()).isEqualTo("n");
        assertThat(seen.path("streamed").path("structuredContent").path("error").path("param").asText()).isEqualTo("stream");
    }

    @Test
    void theFacilitatorClientOfVersion2Settles() {
        JsonNode seen = client("facilitator");

        assertThat(seen.path("kinds").asInt()).isEqualTo(2);
        assertThat(seen.path("verified").path("isValid").asBoolean()).isTrue();
        assertThat(seen.path("settled").path("success").asBoolean()).isTrue();
        assertThat(seen.path("again").path("errorReason").asText()).contains("duplicate_settlement");
    }
}
