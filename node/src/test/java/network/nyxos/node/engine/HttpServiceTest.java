package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.ServiceBody;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent's own service on this machine, which a node calls. */
@Timeout(60)
class HttpServiceTest {
    private static final Hash JOB = Hash.sha256(new byte[] {1});
    private static final ServiceBody REQUEST = ServiceBody.request("{\"city\": \"Łódź\" }".getBytes(StandardCharsets.UTF_8));
    private static final int MOST = 1_000;

    /** What the service was asked. */
    private record Asked(String method, URI uri, Headers headers, byte[] body) {
    }

    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private HttpService service;
    private volatile Answer answer = exchange -> say(exchange, 200, "application/json", "{\"sun\":true}");

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(work);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.add(new Asked(exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), exchange.getRequestBody().readAllBytes()));
                answer.to(exchange);
            }
        });
        server.start();
        service = service(Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() {
        service.close();
        server.stop(0);
        work.shutdownNow();
    }

    private HttpService service(Duration limit) {
        return new HttpService("weather", URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v2/forecast?key=mine"), limit, MOST);
    }

    private static void say(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private ServiceBody call() {
        return service.call(JOB, REQUEST, new Cancellation());
    }

    private void fails(EngineException.Code code) {
        assertThatThrownBy(this::call).isInstanceOfSatisfying(EngineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void itsUrlIsCalledWithTheBodyAndNothingElseOfAClients() {
        assertThat(call()).isEqualTo(ServiceBody.reply("{\"sun\":true}".getBytes(StandardCharsets.UTF_8)));

        Asked was = asked.getFirst();
        assertThat(was.method()).isEqualTo("POST");
        assertThat(was.uri()).isEqualTo(URI.create("/v2/forecast?key=mine"));
        assertThat(was.body()).isEqualTo(REQUEST.bytes());
        assertThat(was.headers().getFirst("Content-Type")).isEqualTo("application/json");
        assertThat(was.headers().getFirst("Nyxos-Job")).isEqualTo(JOB.hex());
        assertThat(was.headers().keySet()).containsExactlyInAnyOrder("Host", "Content-length", "Content-type", "Accept", "Nyxos-job", "User-agent");
    }

    @Test
    void itIsToldAsAServiceThatNobodyCanReplay() {
        assertThat(service.model()).isEqualTo(new ModelCard(ModelId.ofService("weather").hex(), "weather", "http-service", ServiceBody.MAX_REQUEST, false, new ModelKind.Service()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/JSON", "application/geo+json"})
    void itAnswersJson(String type) {
        answer = exchange -> say(exchange, 201, type, "[1]");
        assertThat(call().bytes()).isEqualTo("[1]".getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"400, SERVICE_REFUSED", "413, SERVICE_REFUSED", "422, SERVICE_REFUSED", "401, SERVICE_FAILED", "404, SERVICE_FAILED", "429, SERVICE_FAILED", "302, SERVICE_FAILED", "500, SERVICE_FAILED"})
    void anotherStatusIsAFailureOfWhichNothingIsRepeated(int status, EngineException.Code code) {
        answer = exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            say(exchange, status, "application/json", "{\"error\":\"no secret-city\"}");
        };
        assertThatThrownBy(this::call).isInstanceOfSatisfying(EngineException.class, e -> assertThat(e.code()).isEqualTo(code)).hasMessageContaining(Integer.toString(status))
                .hasMessageNotContaining("secret");
        assertThat(asked).as("no redirect is followed").hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"text/html, {}", "application/jsonp, {}", "application/json, {secret", "application/json, ''", "application/json, {} {}"})
    void whatIsNoJsonIsAFailure(String type, String body) {
        answer = exchange -> say(exchange, 200, type, body);
        assertThatThrownBy(this::call).isInstanceOfSatisfying(EngineException.class, e -> assertThat(e.code()).isEqualTo(EngineException.Code.SERVICE_FAILED)).hasMessageNotContaining("secret");
    }

    @Test
    void itsReplyIsAsLongAsTheProviderAllowsAndNoLonger() {
        String longest = "\"" + "x".repeat(MOST - 2) + "\"";
        answer = exchange -> say(exchange, 200, "application/json", longest);
        assertThat(call().length()).isEqualTo(MOST);
        answer = exchange -> say(exchange, 200, "application/json", longest + " ");
        fails(EngineException.Code.SERVICE_REPLY_TOO_LARGE);
    }

    @Test
    void aReplyOrAnErrorWithoutEndIsNotReadToItsEnd() {
        for (int status : new int[] {200, 500}) {
            answer = exchange -> {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(status, 0);
                while (true) {
                    exchange.getResponseBody().write(new byte[10_000]);
                    exchange.getResponseBody().flush();
                }
            };
            fails(status == 200 ? EngineException.Code.SERVICE_REPLY_TOO_LARGE : EngineException.Code.SERVICE_FAILED);
        }
    }

    @Test
    void itHasItsTimeToTheReplysLastByte() {
        service.close();
        service = service(Duration.ofMillis(300));
        var never = new CountDownLatch(1);
        answer = exchange -> await(never);
        fails(EngineException.Code.SERVICE_TIMEOUT);
        answer = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('[');
            exchange.getResponseBody().flush();
            await(never);
        };
        fails(EngineException.Code.SERVICE_TIMEOUT);
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aCallThatIsGivenUpEndsAtOnce() {
        var never = new CountDownLatch(1);
        answer = exchange -> await(never);
        var cancellation = new Cancellation();
        work.execute(() -> {
            Awaitility.await().until(() -> !asked.isEmpty());
            cancellation.cancel();
        });
        assertThatThrownBy(() -> service.call(JOB, REQUEST, cancellation)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> service.call(JOB, REQUEST, cancellation)).as("before it began").isInstanceOf(CancellationException.class);
        never.countDown();
    }

    @Test
    void whatBreaksOrIsNotThereIsAFailure() throws IOException {
        answer = HttpExchange::close;
        fails(EngineException.Code.SERVICE_FAILED);
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        try (HttpService absent = new HttpService("weather", URI.create("http://127.0.0.1:" + free + "/"), Duration.ofSeconds(30), MOST)) {
            assertThatThrownBy(() -> absent.call(JOB, REQUEST, new Cancellation())).isInstanceOfSatisfying(EngineException.class,
                    e -> assertThat(e.code()).isEqualTo(EngineException.Code.SERVICE_FAILED)).hasMessageNotContaining("127.0.0.1");
        }
    }

    @Test
    void aServiceHasSomeTimeAndAReplyThatFitsTheLink() {
        URI url = URI.create("http://127.0.0.1:1/");
        assertThatThrownBy(() -> new HttpService("weather", url, Duration.ZERO, MOST)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new HttpService("weather", url, Duration.ofSeconds(1), ServiceBody.MAX_REPLY + 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
