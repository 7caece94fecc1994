package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import network.nyxos.escrow.job.TokenLogprob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Probabilities of tokens: who is asked for them, how clients get them, and what is not passed on.
@Timeout(120)
class LogprobsTest extends WithGateway {
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo", " world");

    private static String body(String... more) {
        return "{\"model\":\"" + Ground.MODEL + "\",\"max_tokens\":32,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + String.join(",", more) + "}";
    }

    private HttpResponse<String> paid(String path, String body) {
        return paid(path, body, ground.wallet(1_000_000));
    }

    private JsonNode choice(String body) {
        HttpResponse<String> answer = paid(CHAT, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Posted.json(answer.body()).path("choices").path(0);
    }

    private static List<String> tokens(JsonNode logprobs) {
        return StreamSupport.stream(logprobs.path("content").spliterator(), false).map(each -> each.path("token").asText() + " " + each.path("logprob").asDouble()).toList();
    }

    @Test
    void aWholeReplyHasThemAsOpenAiWritesThem() {
        ScriptedNode unable = node(HELLO.saysNothingOfProbabilities());
        node(HELLO);

        JsonNode logprobs = choice(body("\"logprobs\":true,\"top_logprobs\":2")).path("logprobs");

        assertThat(tokens(logprobs)).containsExactly("Hel -0.1", "lo -0.2", " world -0.3");
        assertThat(logprobs.path("refusal").isNull()).isTrue();
        assertThat(logprobs.path("content").path(1)).isEqualTo(Posted.json("{\"token\":\"lo\",\"logprob\":-0.2,\"bytes\":[108,111],\"top_logprobs\":[{\"token\":\"lo\",\"logprob\":-0.2,\"bytes\":[108,111]},"
            + "{\"token\":\"z\ufffd\",\"logprob\":-2.5,\"bytes\":[122,195]}]}"));
        assertThat(unable.assigned()).as("a node that gives none is not asked").isEmpty();
        assertThat(choice(body("\"logprobs\":true")).path("logprobs").path("content").path(0).path("top_logprobs")).isEmpty();
        assertThat(choice(body("\"logprobs\":false,\"top_logprobs\":0")).path("logprobs").isNull()).isTrue();
    }

    @Test
    void theyAreStreamedWithTheirText() {
        node(HELLO);

        List<JsonNode> chunks = paid(CHAT, body("\"logprobs\":true,\"stream\":true")).body().lines().filter(line -> line.startsWith("data: {")).map(line -> Posted.json(line.substring(6))).toList();

        List<JsonNode> said = chunks.stream().map(chunk -> chunk.path("choices").path(0)).filter(choice -> !choice.path("delta").path("content").asText().isEmpty()).toList();
        assertThat(said).extracting(choice -> choice.path("delta").path("content").asText()).containsExactly("Hel", "lo", " world");
        assertThat(said).extracting(choice -> tokens(choice.path("logprobs"))).containsExactly(List.of("Hel -0.1"), List.of("lo -0.2"), List.of(" world -0.3"));
        assertThat(chunks.getLast().path("choices").path(0).path("logprobs").isNull()).isTrue();
    }

    @Test
    void completionsOfTheOldFormHaveTheirOwn() {
        node(HELLO);

        HttpResponse<String> answer = paid("/v1/completions", "{\"model\":\"" + Ground.MODEL + "\",\"prompt\":\"hi\",\"logprobs\":2}");

        assertThat(Posted.json(answer.body()).path("choices").path(0).path("logprobs")).isEqualTo(Posted.json("{\"tokens\":[\"Hel\",\"lo\",\" world\"],\"token_logprobs\":[-0.1,-0.2,-0.3],"
            + "\"top_logprobs\":[{\"Hel\":-0.1,\"z\ufffd\":-2.5},{\"lo\":-0.2,\"z\ufffd\":-2.5},{\" world\":-0.3,\"z\ufffd\":-2.5}],\"text_offset\":[0,3,5]}"));
    }

    @Test
    void whereNobodyGivesThemNothingIsPaid() {
        node(HELLO.saysNothingOfProbabilities());

        HttpResponse<String> answer = Posted.post(gateway, CHAT, body("\"logprobs\":true"));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(Posted.code(answer)).isEqualTo("no_node");
        assertThat(answer.body()).contains("gives probabilities of tokens", "nothing was charged");
        assertThat(Posted.json(Posted.get(gateway, "/v1/models/" + Ground.MODEL).body()).path("tiers").path("open").path("capacity").path("logprobs").asInt(-1)).isZero();
    }

    @Test
    void withCallsOfToolsTheyAreRefused() {
        node(HELLO);

        HttpResponse<String> answer = Posted.post(gateway, CHAT, body("\"logprobs\":true", "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\"}}]"));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Posted.json(answer.body()).path("error").path("param").asText()).isEqualTo("logprobs");
    }

    @Test
    void whatIsNotWhatWasAskedForIsANodesFault() {
        var one = new TokenLogprob(new TokenLogprob.Likely("68", -1), List.of());
        List<UnaryOperator<List<TokenLogprob>>> wrongs = List.of(_ -> List.of(), _ -> List.of(one, one), told -> List.of(new TokenLogprob(told.getFirst().token(), List.of(told.getFirst().token(), told.getFirst().token()))));
        ScriptedNode honest = node(HELLO);
        for (UnaryOperator<List<TokenLogprob>> wrong : wrongs) {
            ScriptedNode liar = node(HELLO.likely(wrong));
            String first = "\"provider\":{\"order\":[\"" + liar.key().toBase58() + "\",\"" + honest.key().toBase58() + "\"]}";

            assertThat(tokens(choice(body("\"logprobs\":true,\"top_logprobs\":1", first)).path("logprobs"))).containsExactly("Hel -0.1", "lo -0.2", " world -0.3");
            assertThat(liar.assigned()).hasSize(1);
            liar.close();
        }
    }

    @Test
    void noTokenIsToldTwiceWhenAnotherNodeGoesOn() {
        ScriptedNode dying = node(HELLO.dyingAfter(2));
        ScriptedNode honest = node(HELLO);
        String first = "\"provider\":{\"order\":[\"" + dying.key().toBase58() + "\",\"" + honest.key().toBase58() + "\"]}";

        List<JsonNode> chunks = paid(CHAT, body("\"logprobs\":true,\"stream\":true", first)).body().lines().filter(line -> line.startsWith("data: {")).map(line -> Posted.json(line.substring(6))).toList();

        assertThat(honest.assigned()).hasSize(1);
        assertThat(chunks.stream().flatMap(chunk -> tokens(chunk.path("choices").path(0).path("logprobs")).stream())).containsExactly("Hel -0.1", "lo -0.2", " world -0.3");
    }
}
