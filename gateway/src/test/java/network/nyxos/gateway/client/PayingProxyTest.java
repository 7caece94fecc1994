package network.nyxos.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.service.AiServices;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.Ground;
import network.nyxos.gateway.OneNode;
import network.nyxos.gateway.ScriptedNode;
import network.nyxos.localnet.LocalChain;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// LangChain4j as it is, told another base URL and key and nothing else, against a gateway that wants to be paid.
@Timeout(120)
class PayingProxyTest {
    private static final long USDC = 1_000_000;
    private static final long CEILING = Ground.PRICE.ceiling(List.of("hi"), 32);

    private static OneNode on;
    private Keypair wallet;
    private PayingProxy proxy;

    @BeforeAll
    static void lay() throws Exception {
        on = OneNode.of(ScriptedNode.Script.saying("Hel", "lo", " world")
            .formed("json_schema", "{\"city\": \"Ber", "n\", \"popul", "ation\": 134}")
            .formed("tools", "<tool", "_call>[{\"name\": \"get_weather\", \"argu", "ments\": {\"arg0\": \"Bern", "\"}}]</tool_call>"), Tier.OPEN);
    }

    @AfterAll
    static void clear() {
        if (on != null) {
            on.close();
        }
    }

    @BeforeEach
    void start() {
        wallet = on.ground().wallet(USDC);
        proxy = PayingProxy.start(Ground.url(on.gateway()), wallet, Ground.USDC, new PayingProxy.Budget(10 * CEILING, 10 * CEILING), 0);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    private OpenAiChatModel.OpenAiChatModelBuilder model() {
        return OpenAiChatModel.builder().baseUrl(proxy.baseUrl().toString()).apiKey(proxy.key()).modelName(Ground.MODEL).maxTokens(32).maxRetries(0);
    }

    private static long held(Keypair owner) {
        return on.ground().chain.tokenBalance(on.ground().chain.mintTo(Ground.USDC, owner.publicKey(), 0));
    }

    @Test
    void langChain4jReadsAWholeReply() {
        ChatResponse reply = model().temperature(0.0).seed(7).build().chat(UserMessage.from("hi"));

        assertThat(reply.aiMessage().text()).isEqualTo("Hello world");
        assertThat(reply.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(reply.tokenUsage().totalTokenCount()).isEqualTo(8);
        assertThat(USDC - held(wallet)).isEqualTo(CEILING);
        assertThat(proxy.left()).isEqualTo(9 * CEILING);
    }

    @Test
    void langChain4jTakesTheFirstOfSeveralChoicesAndPaysForAll() {
        ChatResponse reply = model().customParameters(Map.of("n", 2)).build().chat(UserMessage.from("hi"));

        assertThat(reply.aiMessage().text()).isEqualTo("Hello world");
        assertThat(reply.tokenUsage().outputTokenCount()).isEqualTo(7);
        assertThat(USDC - held(wallet)).isEqualTo(Ground.PRICE.ceiling(List.of("hi"), 2 * 32));
    }

    @Test
    void langChain4jReadsAStream() throws Exception {
        var pieces = new ArrayList<String>();
        var end = new CompletableFuture<ChatResponse>();

        OpenAiStreamingChatModel.builder().baseUrl(proxy.baseUrl().toString()).apiKey(proxy.key()).modelName(Ground.MODEL + ":open").maxTokens(32).build()
            .chat(List.of(UserMessage.from("hi")), new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String piece) {
                    pieces.add(piece);
                }

                @Override
                public void onCompleteResponse(ChatResponse reply) {
                    end.complete(reply);
                }

                @Override
                public void onError(Throwable error) {
                    end.completeExceptionally(error);
                }
            });

        assertThat(end.get().tokenUsage().outputTokenCount()).isEqualTo(3);
        assertThat(pieces).containsExactly("Hel", "lo", " world");
        assertThat(USDC - held(wallet)).isEqualTo(CEILING);
    }

    @Test
    void langChain4jEmbedsTexts() {
        Response<List<Embedding>> reply = OpenAiEmbeddingModel.builder().baseUrl(proxy.baseUrl().toString()).apiKey(proxy.key()).modelName(Ground.VECTORS).maxRetries(0).build()
            .embedAll(List.of(TextSegment.from("hello world"), TextSegment.from("world")));

        assertThat(reply.content()).extracting(Embedding::vector).containsExactly(ScriptedNode.vector("hello world").values(), ScriptedNode.vector("world").values());
        assertThat(reply.tokenUsage().totalTokenCount()).isEqualTo(7);
        assertThat(USDC - held(wallet)).isEqualTo(Ground.VECTORS_PRICE.charge(7, 0));
    }

    interface Assistant {
        String answer(String question);
    }

    @Test
    void anAgentOfLangChain4jKeepsAConversation() {
        Assistant agent = AiServices.builder(Assistant.class).chatModel(model().build()).chatMemory(MessageWindowChatMemory.withMaxMessages(10)).build();

        assertThat(agent.answer("hi")).isEqualTo("Hello world");
        assertThat(agent.answer("and again")).isEqualTo("Hello world");

        var asked = (WireMessage.Ask.Clear) on.node().assigned().getLast().ask();
        assertThat(asked.request().messages()).extracting(WireMessage.ChatMessage::role).containsExactly("user", "assistant", "user");
        assertThat(asked.request().messages()).extracting(WireMessage.ChatMessage::content).containsExactly("hi", AiMessage.from("Hello world").text(), "and again");
    }

    /// What an agent may use.
    static final class Weather {
        private final List<String> asked = new ArrayList<>();

        @Tool("the weather of today")
        String get_weather(String city) {
            asked.add(city);
            return "sun";
        }
    }

    record Place(String city, double population) {
    }

    interface Geographer {
        Place describe(String question);
    }

    @Test
    void anAgentOfLangChain4jUsesItsTools() {
        var weather = new Weather();
        Assistant agent = AiServices.builder(Assistant.class).chatModel(model().build()).chatMemory(MessageWindowChatMemory.withMaxMessages(10)).tools(weather).build();

        assertThat(agent.answer("hi")).isEqualTo("Hello world");

        assertThat(weather.asked).containsExactly("Bern");
        var asked = (WireMessage.Ask.Clear) on.node().assigned().getLast().ask();
        assertThat(asked.request().messages()).extracting(WireMessage.ChatMessage::role).containsExactly("system", "user", "assistant", "tool");
        assertThat(asked.request().messages().get(2).content()).isEqualTo("<tool_call>[{\"name\":\"get_weather\",\"arguments\":{\"arg0\":\"Bern\"}}]</tool_call>");
        assertThat(asked.request().messages().getLast().content()).contains("sun");
    }

    @Test
    void anAgentOfLangChain4jReadsObjects() {
        Geographer agent = AiServices.create(Geographer.class, model().supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA).strictJsonSchema(true).build());

        assertThat(agent.describe("hi")).isEqualTo(new Place("Bern", 134));
    }

    @Test
    void whatTheGatewayRefusesIsUnderstoodAndNotPaid() {
        assertThatThrownBy(() -> model().presencePenalty(0.5).build().chat("hi")).isInstanceOf(InvalidRequestException.class).hasMessageContaining("presence_penalty");
        assertThatThrownBy(() -> model().modelName("no-such-model").build().chat("hi")).hasMessageContaining("model_not_found");

        assertThat(held(wallet)).isEqualTo(USDC);
        assertThat(proxy.left()).isEqualTo(10 * CEILING);
    }

    @Test
    void nobodySpendsWithoutTheKey() {
        assertThatThrownBy(() -> model().apiKey("another").build().chat("hi")).isInstanceOf(AuthenticationException.class).hasMessageContaining("invalid_api_key");

        assertThat(held(wallet)).isEqualTo(USDC);
    }

    @Test
    void aBudgetIsNeverExceededHoweverManyAskAtOnce() throws Exception {
        var budget = new PayingProxy.Budget(CEILING, 3 * CEILING);
        try (PayingProxy tight = PayingProxy.start(Ground.url(on.gateway()), wallet, Ground.USDC, budget, 0); ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            OpenAiChatModel model = model().baseUrl(tight.baseUrl().toString()).apiKey(tight.key()).build();
            Callable<Optional<String>> ask = () -> {
                try {
                    return Optional.of(model.chat("hi"));
                } catch (RuntimeException e) {
                    assertThat(e).hasMessageContaining("budget_spent").hasRootCauseInstanceOf(HttpException.class);
                    return Optional.empty();
                }
            };

            List<Optional<String>> replies = side.invokeAll(Collections.nCopies(8, ask)).stream().map(each -> each.resultNow()).toList();

            assertThat(replies.stream().flatMap(Optional::stream)).containsExactly("Hello world", "Hello world", "Hello world");
            assertThat(tight.left()).isZero();
            assertThat(USDC - held(wallet)).isEqualTo(3 * CEILING);
        }
    }

    @Test
    void whatCostsMoreThanACallMayIsNotPaid() {
        try (PayingProxy tight = PayingProxy.start(Ground.url(on.gateway()), wallet, Ground.USDC, new PayingProxy.Budget(CEILING - 1, USDC), 0)) {
            assertThatThrownBy(() -> model().baseUrl(tight.baseUrl().toString()).apiKey(tight.key()).build().chat("hi")).hasMessageContaining("too_expensive");
        }
        assertThat(held(wallet)).isEqualTo(USDC);
    }

    @Test
    void anEmptyWalletIsToldSoAndTheBudgetStays() {
        Keypair poor = on.ground().wallet(1);
        try (PayingProxy broke = PayingProxy.start(Ground.url(on.gateway()), poor, Ground.USDC, new PayingProxy.Budget(CEILING, CEILING), 0)) {
            assertThatThrownBy(() -> model().baseUrl(broke.baseUrl().toString()).apiKey(broke.key()).build().chat("hi")).hasMessageContaining("insufficient_funds");
            assertThat(broke.left()).isEqualTo(CEILING);
        }
    }

    /// A gateway that asks for money in a way that cannot be paid.
    private static HttpServer asking(String offer) throws IOException {
        HttpServer liar = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String models = "{\"data\":[{\"tiers\":{\"open\":{\"pricing\":[{\"mint\":\"" + Ground.USDC.toBase58() + "\",\"token_program\":\"" + LocalChain.TOKEN_PROGRAM.toBase58()
            + "\",\"decimals\":6}]}}}]}";
        liar.createContext("/", exchange -> {
            byte[] body = (exchange.getRequestURI().getPath().equals("/v1/models") ? models : "{}").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("PAYMENT-REQUIRED", offer);
            exchange.sendResponseHeaders(exchange.getRequestMethod().equals("GET") ? 200 : 402, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        liar.start();
        return liar;
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"payTo\":\"!\",\"amount\":\"5\",\"extra\":{\"recentBlockhash\":\"11111111111111111111111111111111\",\"feePayer\":\"!\",\"memo\":\"x\"}}",
        "{\"payTo\":\"4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU\",\"amount\":\"5\",\"extra\":{\"recentBlockhash\":\"!\",\"feePayer\":\"4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU\",\"memo\":\"x\"}}",
        "{\"payTo\":\"4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU\",\"amount\":\"-5\",\"extra\":{}}"})
    void anOfferThatCannotBePaidCostsNothing(String offer) throws Exception {
        String accepts = "{\"accepts\":[" + offer.replace("{\"payTo\"", "{\"scheme\":\"exact\",\"asset\":\"" + Ground.USDC.toBase58() + "\",\"payTo\"") + "]}";
        HttpServer liar = asking(Base64.getEncoder().encodeToString(accepts.getBytes(StandardCharsets.UTF_8)));
        URI at = URI.create("http://127.0.0.1:" + liar.getAddress().getPort());
        try (PayingProxy careful = PayingProxy.start(at, wallet, Ground.USDC, new PayingProxy.Budget(CEILING, CEILING), 0)) {
            assertThatThrownBy(() -> model().baseUrl(careful.baseUrl().toString()).apiKey(careful.key()).build().chat("hi")).hasMessageContaining("nothing was paid");
            assertThat(careful.left()).isEqualTo(CEILING);
        } finally {
            liar.stop(0);
        }
    }

    @Test
    void aGatewayThatDoesNotAnswerIsToldSo() throws Exception {
        HttpServer gone = asking("e30=");
        URI at = URI.create("http://127.0.0.1:" + gone.getAddress().getPort());
        gone.stop(0);
        try (PayingProxy alone = PayingProxy.start(at, wallet, Ground.USDC, new PayingProxy.Budget(1, 1), 0)) {
            assertThatThrownBy(() -> model().baseUrl(alone.baseUrl().toString()).apiKey(alone.key()).build().chat("hi")).hasMessageContaining("gateway_unreachable");
        }
    }
}
