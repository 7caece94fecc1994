package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a server that streams what OpenAI's API documents. */
@Timeout(30)
class OpenAiServerEngineTest {
    private static final String CHUNK = "data: {\"choices\":[{\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]}\n\n";
    private static final String LAST = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    private static final String USAGE = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":5}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private final AtomicReference<JsonNode> asked = new AtomicReference<>();
    private final AtomicReference<String> authorization = new AtomicReference<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private HttpServer server;
    private OpenAiServerEngine engine;
    private volatile int status = 200;
    private volatile String answer = ": comment\n" + CHUNK.formatted("Hel") + CHUNK.formatted("lo") + LAST + USAGE + DONE;
    private volatile boolean hang;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/chat/completions", exchange -> {
            asked.set(new ObjectMapper().readTree(exchange.getRequestBody()));
            authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(status, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer.getBytes(StandardCharsets.UTF_8));
                out.flush();
                if (hang) {
                    release.await();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        engine = new OpenAiServerEngine(new ModelCard("ab".repeat(32), "big", "vllm", 4096, false, false),
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/"), "org/big", Optional.of("secret"));
    }

    @AfterEach
    void stop() {
        release.countDown();
        engine.close();
        server.stop(0);
    }

    private Completion ask(TokenSink sink, Cancellation cancellation) {
        return engine.generate(new GenerationRequest(List.of(new ChatMessage("user", "Hi")), new Sampling(700_000, 900_000, 40), 5, 9, List.of("END")), sink, cancellation);
    }

    @Test
    void streamsTextAndTakesTheServersCounts() {
        List<String> texts = new ArrayList<>();
        Completion completion = ask((text, tokens) -> texts.add(text), new Cancellation());
        assertThat(texts).containsExactly("Hel", "lo");
        assertThat(completion.tokensIn()).isEqualTo(11);
        assertThat(completion.tokensOut()).isEqualTo(5);
        assertThat(completion.finish()).isEqualTo(Completion.Finish.LENGTH);
        JsonNode body = asked.get();
        assertThat(body.path("model").asText()).isEqualTo("org/big");
        assertThat(body.path("temperature").asDouble()).isEqualTo(0.7);
        assertThat(body.path("max_tokens").asInt()).isEqualTo(9);
        assertThat(body.path("stop").get(0).asText()).isEqualTo("END");
        assertThat(authorization.get()).isEqualTo("Bearer secret");
    }

    @Test
    void refusesAServerThatCountsNothing() {
        answer = CHUNK.formatted("Hi") + DONE;
        assertThatThrownBy(() -> ask(TokenSink.NONE, new Cancellation())).hasMessageContaining("include_usage");
    }

    @Test
    void failsWhenTheStreamBreaksOffOrTheServerSaysNo() {
        answer = CHUNK.formatted("Hi");
        assertThatThrownBy(() -> ask(TokenSink.NONE, new Cancellation())).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.ENGINE_FAILED)).hasMessageContaining("broke off");
        status = 503;
        answer = "overloaded";
        assertThatThrownBy(() -> ask(TokenSink.NONE, new Cancellation())).hasMessageContaining("503").hasMessageContaining("overloaded");
    }

    @Test
    void cancellingEndsAServersReply() {
        answer = CHUNK.formatted("Hi");
        hang = true;
        Cancellation cancellation = new Cancellation();
        Completion completion = ask((text, tokens) -> Thread.startVirtualThread(cancellation::cancel), cancellation);
        assertThat(completion.finish()).isEqualTo(Completion.Finish.CANCELLED);
        assertThat(completion.tokensOut()).isEqualTo(1);
    }

    @Test
    void replaysNothing() {
        assertThatThrownBy(() -> engine.generate(new GenerationRequest(List.of(new ChatMessage("user", "Hi")), Sampling.GREEDY, 0, 1, List.of(), "{\"type\":\"json_object\"}"), TokenSink.NONE,
                new Cancellation())).hasMessageContaining("not held to forms");
        assertThatThrownBy(() -> engine.replay(new ReplayRequest(new int[] {1}, Sampling.GREEDY, 0, 1, List.of()), new Cancellation()))
                .isInstanceOf(EngineException.class);
    }
}
