package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import network.nyxos.escrow.job.Tier;
import network.nyxos.npm.NpmPackage;
import network.nyxos.npm.PythonPackages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.encoding.Base58;

/// The official Python SDKs of OpenAI and of the Model Context Protocol and the agent framework Pydantic AI, as PyPI has them, with x402's own Python client paying.
@Timeout(600)
class PythonClientsTest {
    private static final long USDC = 1_000_000;
    private static final Path SOURCES = Path.of("src/test/python").toAbsolutePath();

    @TempDir
    static Path work;

    private static Path packages;
    private static OneNode on;

    @BeforeAll
    static void start() throws Exception {
        packages = PythonPackages.install(SOURCES.resolve("requirements.txt"));
        Files.copy(SOURCES.resolve("client.py"), work.resolve("client.py"));
        on = OneNode.of(ScriptedNode.Script.saying("Hel", "lo", " world")
            .formed("json_schema", "{\"city\": \"Ber", "n\", \"popul", "ation\": 134}")
            .formed("tools", "<tool", "_call>[{\"name\": \"get_weather\", \"argu", "ments\": {\"city\": \"Bern", "\"}}]</tool_call>"), Tier.OPEN);
    }

    @AfterAll
    static void stop() {
        if (on != null) {
            on.close();
        }
    }

    private static JsonNode client(String name) {
        return Posted.json(NpmPackage.said(work, List.of("python3", "-s", "client.py", name), Map.of("PYTHONPATH", packages.toString(), "GATEWAY", Ground.url(on.gateway()).toString(),
            "RPC", on.ground().rpc.httpUrl().toString(), "MODEL", Ground.MODEL, "VECTORS", Ground.VECTORS, "SECRET", Base58.encode(on.ground().wallet(USDC).bytes()))));
    }

    @Test
    void theRequirementsNameVersionsAndNoRegistry() throws IOException {
        assertThat(Files.readAllLines(SOURCES.resolve("requirements.txt")).stream().filter(line -> !line.startsWith("#"))).isNotEmpty()
            .allMatch(line -> line.matches("[A-Za-z0-9_.-]+==[A-Za-z0-9.]+"));
    }

    @Test
    void theOpenAiSdkReadsAWholeReply() {
        long vault = on.ground().vault();

        JsonNode seen = client("whole");

        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("total_tokens").asInt()).isEqualTo(8);
        assertThat(seen.path("id").asText()).startsWith("req_");
        assertThat(seen.path("logprobs")).isEqualTo(Posted.json("[{\"token\":\"Hel\",\"bytes\":[72,101,108],\"logprob\":-0.1,\"top_logprobs\":[{\"token\":\"Hel\",\"bytes\":[72,101,108],\"logprob\":-0.1}]},"
            + "{\"token\":\"lo\",\"bytes\":[108,111],\"logprob\":-0.2,\"top_logprobs\":[{\"token\":\"lo\",\"bytes\":[108,111],\"logprob\":-0.2}]},"
            + "{\"token\":\" world\",\"bytes\":[32,119,111,114,108,100],\"logprob\":-0.3,\"top_logprobs\":[{\"token\":\" world\",\"bytes\":[32,119,111,114,108,100],\"logprob\":-0.3}]}]"));
        assertThat(seen.path("routing").asText()).contains(on.node().key().toBase58());
        assertThat(Posted.get(on.gateway(), "/v1/jobs/" + seen.path("job").asText()).statusCode()).isEqualTo(200);
        assertThat(on.ground().vault() - vault).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 32));
    }

    @Test
    void theOpenAiSdkReadsAStream() {
        JsonNode seen = client("stream");

        assertThat(seen.path("pieces")).extracting(JsonNode::asText).containsExactly("Hel", "lo", " world");
        assertThat(seen.path("finish").asText()).isEqualTo("stop");
        assertThat(seen.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void theOpenAiSdkReadsSeveralChoicesWholeAndStreamed() {
        JsonNode seen = client("choices");

        for (String way : List.of("whole", "old", "texts", "gathered")) {
            assertThat(seen.path(way)).as(way).extracting(JsonNode::asText).containsExactly("Hello world", "Hello world #1");
        }
        assertThat(seen.path("indices")).extracting(JsonNode::asInt).containsExactly(0, 1);
        assertThat(seen.path("finishes")).extracting(JsonNode::asText).containsExactly("stop", "stop");
        assertThat(seen.path("usage").path("completion_tokens").asInt()).isEqualTo(7).isEqualTo(seen.path("streamed").path("completion_tokens").asInt());
        assertThat(seen.path("usage").path("prompt_tokens").asInt()).isEqualTo(5);
    }

    @Test
    void theOpenAiSdkParsesStructuredOutputsAndCallsOfTools() {
        JsonNode seen = client("parse");

        assertThat(seen.path("parsed").path("city").asText()).isEqualTo("Bern");
        assertThat(seen.path("parsed").path("population").asDouble()).isEqualTo(134);
        assertThat(seen.path("name").asText()).isEqualTo("get_weather");
        assertThat(seen.path("arguments").path("city").asText()).isEqualTo("Bern");
        assertThat(seen.path("finish").asText()).isEqualTo("tool_calls");
        assertThat(seen.path("streamed").asText()).isEqualTo("{\"city\": \"Bern\"}");
    }

    @Test
    void theOpenAiSdkEmbedsTexts() {
        JsonNode seen = client("embed");

        JsonNode hello = Posted.json("[11.0,104.0,0.3333333432674408,1.0]");
        assertThat(seen.path("vectors").path(0)).as("as base64, which it asks for by itself").isEqualTo(hello);
        assertThat(seen.path("vectors").path(1).path(0).asDouble()).isEqualTo(5);
        assertThat(seen.path("indices")).extracting(JsonNode::asInt).containsExactly(0, 1);
        assertThat(seen.path("usage")).isEqualTo(Posted.json("{\"prompt_tokens\":7,\"total_tokens\":7}"));
        assertThat(seen.path("model").asText()).isEqualTo(Ground.VECTORS);
        assertThat(seen.path("plain")).extracting(each -> (float) each.asDouble()).containsExactly(11f, 104f, 1 / 3f, 1f);
        assertThat(seen.path("charge").asText()).isEqualTo("12");
        assertThat(seen.path("errors")).extracting(error -> error.path("name").asText() + " " + error.path("code").asText() + " " + error.path("param").asText())
            .containsExactly("BadRequestError unsupported_value input", "BadRequestError unsupported_value dimensions", "BadRequestError unsupported_model model");
    }

    @Test
    void anAgentFrameworkCallsItsToolsAndGoesOnWithWhatTheySay() {
        JsonNode seen = client("agent");

        assertThat(seen.path("asked")).extracting(JsonNode::asText).containsExactly("Bern", "Bern");
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("requests").asInt()).as("one that calls the tool, one that reads its result").isEqualTo(2);
        assertThat(seen.path("tokens").asInt()).isPositive();
        assertThat(seen.path("streamed").asText()).isEqualTo("Hello world");
    }

    @Test
    void theOpenAiSdkListsModelsAndUnderstandsErrors() {
        JsonNode seen = client("surface");

        assertThat(seen.path("models")).extracting(JsonNode::asText).containsExactly(Ground.MODEL, Ground.MODEL + ":verified", Ground.MODEL + ":confidential", Ground.VECTORS, Ground.VECTORS + ":confidential", Ground.SERVICE);
        assertThat(seen.path("context").asInt()).isEqualTo(Ground.CONTEXT);
        assertThat(seen.path("old").asText()).isEqualTo("Hello world");
        assertThat(seen.path("errors")).extracting(error -> error.path("name").asText() + " " + error.path("code").asText() + " " + error.path("param").asText())
            .containsExactly("NotFoundError model_not_found null", "BadRequestError integer_above_max_value n", "BadRequestError unsupported_parameter logit_bias",
                "BadRequestError unsupported_parameter presence_penalty", "BadRequestError decimal_above_max_value top_p");
        assertThat(seen.path("errors")).allSatisfy(error -> assertThat(error.path("id").asText()).startsWith("req_"));
    }

    @Test
    void theMcpSdkWithX402sOwnSessionPaysByItself() {
        JsonNode seen = client("mcp");

        assertThat(seen.path("tools")).extracting(JsonNode::asText).containsExactlyInAnyOrder("list_models", "infer", "embed", "verify_receipt", "call_weather");
        assertThat(seen.path("free").asBoolean()).isFalse();
        assertThat(seen.path("error").asBoolean()).isFalse();
        assertThat(seen.path("paid").asBoolean()).isTrue();
        assertThat(seen.path("text").asText()).isEqualTo("Hello world");
        assertThat(seen.path("success").asBoolean()).isTrue();
        assertThat(seen.path("transaction").asText()).isNotEmpty();
        assertThat(seen.path("embedded").asText()).contains("2");
    }
}
