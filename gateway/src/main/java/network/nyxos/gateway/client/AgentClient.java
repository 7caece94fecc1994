package network.nyxos.gateway.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.voucher.RequestBinding;

/** Sends chat completions to a gateway and pays for them. Safe for use by many threads. */
public final class AgentClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/v1/chat/completions";

    private final URI gateway;
    private final Payer payer;
    private final long mostPerRequest;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();

    /**
     * @param gateway        its base URL, without a path
     * @param payer          answers the 402
     * @param mostPerRequest base units that one request may cost at most; a dearer offer is not paid
     */
    public AgentClient(URI gateway, Payer payer, long mostPerRequest) {
        this.gateway = Objects.requireNonNull(gateway, "gateway");
        this.payer = Objects.requireNonNull(payer, "payer");
        if (mostPerRequest < 1) {
            throw new IllegalArgumentException("mostPerRequest is " + mostPerRequest + ", must be at least 1");
        }
        this.mostPerRequest = mostPerRequest;
    }

    /**
     * Sends a request, pays when asked to, and reads the reply to its end.
     *
     * @param request the OpenAI request; with {@code stream: true} the reply's text is given out as it comes
     * @param text    gets pieces of the reply's text
     * @throws PaymentRefusedException {@code no_offer} or {@code too_dear}: nothing was paid
     */
    public Reply chat(JsonNode request, Consumer<String> text) {
        byte[] body = bytes(request);
        HttpResponse<Stream<String>> first = send(body, Optional.empty());
        if (first.statusCode() != 402) {
            return read(first, text);
        }
        String header;
        try (Stream<String> ignored = first.body()) {
            header = first.headers().firstValue("PAYMENT-REQUIRED")
                    .orElseThrow(() -> new PaymentRefusedException("no_offer", "the gateway answered 402 without the header PAYMENT-REQUIRED"));
        }
        JsonNode required = parse(Base64.getDecoder().decode(header));
        Offer offer = choose(required);
        Payer.Signed signed = payer.sign(offer, RequestBinding.requestHash("POST", PATH, body));
        ObjectNode payment = JSON.createObjectNode().put("x402Version", 2);
        payment.set("resource", required.path("resource"));
        payment.set("accepted", offer.json());
        payment.set("payload", signed.payload());
        Reply reply = read(send(body, Optional.of(Base64.getEncoder().encodeToString(bytes(payment)))), text);
        signed.ended(reply);
        return reply;
    }

    private Offer choose(JsonNode required) {
        List<Offer> offers = new ArrayList<>();
        required.path("accepts").forEach(each -> offers.add(Offer.read(each)));
        Offer offer = offers.stream().filter(payer::takes).findFirst()
                .orElseThrow(() -> new PaymentRefusedException("no_offer", "none of the gateway's " + offers.size() + " offers can be paid with this wallet"));
        if (offer.amount() > mostPerRequest) {
            throw new PaymentRefusedException("too_dear", "the request may cost " + offer.amount() + " base units, more than the " + mostPerRequest + " allowed");
        }
        return offer;
    }

    private HttpResponse<Stream<String>> send(byte[] body, Optional<String> payment) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.resolve(PATH)).timeout(Duration.ofMinutes(5)).header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        payment.ifPresent(value -> request.header("PAYMENT-SIGNATURE", value));
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofLines());
        } catch (IOException e) {
            throw new UncheckedIOException("the gateway " + gateway + " did not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while the gateway answered"));
        }
    }

    private static Reply read(HttpResponse<Stream<String>> response, Consumer<String> text) {
        JsonNode payment = response.headers().firstValue("PAYMENT-RESPONSE").map(value -> parse(Base64.getDecoder().decode(value))).orElse(MissingNode.getInstance());
        boolean events = response.headers().firstValue("content-type").orElse("").startsWith("text/event-stream");
        try (Stream<String> lines = response.body()) {
            if (events) {
                return new EventReader(response.statusCode(), payment, text).read(lines);
            }
            JsonNode body = parse(String.join("\n", lines.toList()).getBytes(StandardCharsets.UTF_8));
            if (response.statusCode() != 200) {
                return Reply.failed(response.statusCode(), payment, body.has("error") && body.get("error").isObject() ? body.get("error") : body);
            }
            String content = body.path("choices").path(0).path("message").path("content").asText("");
            text.accept(content);
            return new Reply(200, content, body.path("nyxos"), body.path("usage"), payment, MissingNode.getInstance());
        }
    }

    /** Reads server-sent events until {@code [DONE]}. */
    private static final class EventReader {
        private final int status;
        private final JsonNode payment;
        private final Consumer<String> text;
        private final StringBuilder all = new StringBuilder();
        private JsonNode nyxos = MissingNode.getInstance();
        private JsonNode usage = MissingNode.getInstance();
        private JsonNode error = MissingNode.getInstance();

        EventReader(int status, JsonNode payment, Consumer<String> text) {
            this.status = status;
            this.payment = payment;
            this.text = text;
        }

        Reply read(Stream<String> lines) {
            lines.filter(line -> line.startsWith("data:")).map(line -> line.substring(5).strip()).takeWhile(data -> !data.equals("[DONE]"))
                    .forEach(data -> event(parse(data.getBytes(StandardCharsets.UTF_8))));
            return new Reply(status, all.toString(), nyxos, usage, payment, error);
        }

        private void event(JsonNode chunk) {
            String piece = chunk.path("choices").path(0).path("delta").path("content").asText("");
            if (!piece.isEmpty()) {
                all.append(piece);
                text.accept(piece);
            }
            if (chunk.path("nyxos").isObject()) {
                nyxos = chunk.get("nyxos");
            }
            if (chunk.path("usage").isObject()) {
                usage = chunk.get("usage");
            }
            if (chunk.path("error").isObject()) {
                error = chunk.get("error");
            }
        }
    }

    private static JsonNode parse(byte[] bytes) {
        try {
            JsonNode node = JSON.readTree(bytes);
            return node == null ? MissingNode.getInstance() : node;
        } catch (IOException e) {
            throw new PaymentRefusedException("malformed_answer", "the gateway's answer is not JSON: " + new String(bytes, 0, Math.min(bytes.length, 200), StandardCharsets.UTF_8));
        }
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the request cannot be written as JSON", e);
        }
    }
}
