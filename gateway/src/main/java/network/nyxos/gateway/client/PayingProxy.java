package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import network.nyxos.escrow.crypto.Keypair;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Stands on this machine between clients of OpenAI's API that know nothing of payments and a gateway, and pays for what they ask by transfers (x402 `exact`): such a
/// client is told another base URL and the proxy's key, and nothing else. Whoever has the key spends from the wallet, up to the budget; nobody else does. What is asked
/// and answered is passed on as it is and kept nowhere. Thread-safe.
public final class PayingProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PayingProxy.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int MOST_BODY = 256 * 1024;
    private static final int KEY_BYTES = 24;
    private static final String BEARER = "Bearer ";
    private static final List<String> PASSED_ON = List.of("Content-Type", "Accept", "MCP-Protocol-Version");
    private static final List<String> PASSED_BACK = List.of("Content-Type", "Retry-After", "X-Request-Id", "Nyxos-Routing", "Nyxos-Served", "PAYMENT-RESPONSE", "Cache-Control", "Allow");

    private final Keypair wallet;
    private final PublicKey mint;
    private final Budget budget;
    private final AtomicLong left;
    private final String key;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final GatewayCalls calls;
    private final HttpServer server;
    // A mint's terms never change.
    private volatile Optional<Transfers.Terms> terms = Optional.empty();

    /// What may be spent, base units.
    ///
    /// @param perCall for one request; what costs more is not paid
    /// @param inAll   until the proxy is closed
    public record Budget(long perCall, long inAll) {
        /// @throws IllegalArgumentException when one is below 1
        public Budget {
            if (perCall < 1 || inAll < 1) {
                throw new IllegalArgumentException("a budget is at least 1 base unit for a call and in all");
            }
        }
    }

    private PayingProxy(URI gateway, Keypair wallet, PublicKey mint, Budget budget, int port) {
        this.calls = new GatewayCalls(gateway);
        this.wallet = wallet;
        this.mint = mint;
        this.budget = budget;
        this.left = new AtomicLong(budget.inAll);
        byte[] secret = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(secret);
        this.key = "nyxos-" + HexFormat.of().formatHex(secret);
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + " of this machine cannot be had", e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(work);
        server.start();
    }

    /// Starts one, for this machine only.
    ///
    /// @param gateway its base URL
    /// @param wallet  pays and signs; needs tokens and no SOL
    /// @param mint    what it pays in
    /// @param budget  what may be spent
    /// @param port    0: any free one
    public static PayingProxy start(URI gateway, Keypair wallet, PublicKey mint, Budget budget, int port) {
        return new PayingProxy(gateway, wallet, mint, budget, port);
    }

    /// The base URL that clients are told, up to and with `/v1`.
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    /// What clients give as their API key. Made anew at every start.
    public String key() {
        return key;
    }

    /// What is left of the budget, base units.
    public long left() {
        return left.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                byte[] body = admitted(exchange);
                try (InputStream answer = pass(exchange, body)) {
                    OutputStream out = exchange.getResponseBody();
                    byte[] piece = new byte[8 * 1024];
                    for (int read = answer.read(piece); read >= 0; read = answer.read(piece)) {
                        out.write(piece, 0, read);
                        out.flush();
                    }
                }
            } catch (AgentException e) {
                refuse(exchange, e);
            } catch (RuntimeException e) {
                // An offer or terms that are not what they have to be; all else was read before.
                LOG.warn("the gateway's answer cannot be used: {}", e.getMessage());
                refuse(exchange, unreadable());
            }
        } catch (IOException e) {
            // Client or gateway is gone; whoever is left sees a broken stream.
            LOG.debug("cut off: {}", e.getMessage());
            throw e;
        }
    }

    /// The body of whoever has the key.
    private byte[] admitted(HttpExchange exchange) throws IOException {
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).filter(value -> value.startsWith(BEARER)).map(value -> value.substring(BEARER.length()))
            .orElse("");
        if (!MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8))) {
            throw new AgentException(401, "invalid_api_key", "this proxy pays for whoever has its key; give that as the API key", Optional.empty());
        }
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BODY + 1);
        if (body.length > MOST_BODY) {
            throw new AgentException(413, "request_too_large", "a body has at most " + MOST_BODY + " bytes", Optional.empty());
        }
        return body;
    }

    /// Asks the gateway, pays where it is to be paid, and begins the answer.
    ///
    /// @return the answer's body
    private InputStream pass(HttpExchange exchange, byte[] body) throws IOException {
        HttpResponse<InputStream> answer = send(exchange, body, Optional.empty());
        Optional<String> required = answer.headers().firstValue("PAYMENT-REQUIRED");
        if (answer.statusCode() == 402 && required.isPresent()) {
            answer.body().close();
            answer = paid(exchange, body, decoded(required.get()));
        }
        for (String name : PASSED_BACK) {
            answer.headers().firstValue(name).ifPresent(value -> exchange.getResponseHeaders().set(name, value));
        }
        exchange.sendResponseHeaders(answer.statusCode(), answer.statusCode() == 204 ? -1 : 0);
        return answer.body();
    }

    private HttpResponse<InputStream> paid(HttpExchange exchange, byte[] body, JsonNode required) throws IOException {
        ObjectNode offer = GatewayCalls.offer(required, "exact", mint.toBase58())
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway does not take mint " + mint + " for this; nothing was paid", Optional.empty()));
        long amount = offer.path("amount").asLong();
        if (amount < 1) {
            throw unreadable();
        }
        if (amount > budget.perCall) {
            throw GatewayCalls.tooExpensive(amount, budget.perCall);
        }
        ObjectNode payment = Transfers.payment(offer, Transfers.make(offer, amount, terms(), wallet));
        take(amount);
        // Whenever it is not known that it was not, it was.
        boolean spent = true;
        try {
            HttpResponse<InputStream> answer = settled(exchange, body, payment);
            spent = answer.headers().firstValue("PAYMENT-RESPONSE").map(PayingProxy::decoded).map(told -> told.path("success").asBoolean() || pending(told))
                .orElse(answer.statusCode() == 200);
            Optional<String> refused = answer.statusCode() == 402 ? answer.headers().firstValue("PAYMENT-REQUIRED") : Optional.empty();
            if (refused.isPresent()) {
                answer.body().close();
                String code = decoded(refused.get()).path("error").asText("payment_refused");
                throw new AgentException(402, code, "the gateway did not accept the payment; nothing was paid", Optional.empty());
            }
            return answer;
        } finally {
            if (!spent) {
                left.addAndGet(amount);
            }
        }
    }

    private static AgentException unreadable() {
        return new AgentException(502, "gateway_malformed", "the gateway's offer cannot be read; nothing was paid", Optional.empty());
    }

    private void take(long amount) {
        if (left.getAndUpdate(before -> before < amount ? before : before - amount) < amount) {
            throw new AgentException(402, "budget_spent", "this request costs up to " + amount + " base units, " + left.get() + " of the proxy's budget are left; nothing was paid",
                Optional.empty());
        }
    }

    /// Asks with a payment, and again with the same one while it is not known what became of it: another one would pay twice.
    private HttpResponse<InputStream> settled(HttpExchange exchange, byte[] body, ObjectNode payment) throws IOException {
        long deadline = System.nanoTime() + Transfers.PENDING.toNanos();
        while (true) {
            HttpResponse<InputStream> answer = send(exchange, body, Optional.of(payment));
            Optional<JsonNode> told = answer.statusCode() == 503 ? answer.headers().firstValue("PAYMENT-RESPONSE").map(PayingProxy::decoded) : Optional.empty();
            if (told.filter(PayingProxy::pending).isEmpty() || System.nanoTime() > deadline) {
                return answer;
            }
            answer.body().close();
            GatewayCalls.pause(Transfers.POLL);
        }
    }

    private static boolean pending(JsonNode told) {
        return told.path("errorReason").asText().equals("settlement_pending");
    }

    private Transfers.Terms terms() {
        if (terms.isEmpty()) {
            terms = calls.get("/v1/models").path("data").valueStream().flatMap(model -> model.path("tiers").valueStream())
                .flatMap(tier -> Transfers.terms(tier.path("pricing"), mint).stream()).findFirst();
        }
        return terms.orElseThrow(() -> new AgentException(402, "not_offered", "the gateway has no price in mint " + mint + "; nothing was paid", Optional.empty()));
    }

    private HttpResponse<InputStream> send(HttpExchange exchange, byte[] body, Optional<ObjectNode> payment) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(calls.base() + exchange.getRequestURI())).timeout(GatewayCalls.ANSWER)
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        PASSED_ON.forEach(name -> Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).ifPresent(value -> request.header(name, value)));
        payment.ifPresent(value -> request.header(GatewayCalls.PAYMENT_SIGNATURE, GatewayCalls.encoded(value)));
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new AgentException(502, "gateway_unreachable", "the gateway " + calls.base() + " did not answer; a payment that was taken goes back by itself", Optional.empty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException(503, "interrupted", "the proxy is being stopped", Optional.empty());
        }
    }

    private static JsonNode decoded(String header) {
        try {
            return JSON.readTree(Base64.getDecoder().decode(header));
        } catch (IOException | IllegalArgumentException e) {
            throw new AgentException(502, "gateway_malformed", "the gateway's payment header cannot be read; ask it what became of the payment, where one was sent", Optional.empty());
        }
    }

    private static void refuse(HttpExchange exchange, AgentException failure) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error").put("message", failure.getMessage()).put("type", "invalid_request_error").put("code", failure.code()).putNull("param");
        byte[] body = JSON.writeValueAsBytes(root);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        // What was refused here is refused again; and what may have been paid must not be paid twice.
        exchange.getResponseHeaders().set("x-should-retry", "false");
        exchange.sendResponseHeaders(failure.status() < 400 ? 502 : failure.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    /// Stops, at once.
    @Override
    public void close() {
        server.stop(0);
        work.shutdownNow();
        http.shutdownNow();
    }
}
