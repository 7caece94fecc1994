package network.nyxos.gateway.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedReceipt;

/// HTTP with a gateway: requests sent, replies and streams read.
final class GatewayCalls {
    static final String CHAT = "/v1/chat/completions";
    static final String EMBEDDINGS = "/v1/embeddings";
    static final String SERVICES = "/v1/services/";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    // An account is opened, and a transfer settled and counted, while a client waits.
    private static final Duration SETTLING = Duration.ofSeconds(90);
    /// How long an answer is waited for.
    static final Duration ANSWER = Duration.ofMinutes(10);
    /// The header that carries a payment.
    static final String PAYMENT_SIGNATURE = "PAYMENT-SIGNATURE";
    private static final String DATA = "data: ";
    private static final String DONE = "[DONE]";

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
    private final String base;

    GatewayCalls(URI gateway) {
        this.base = gateway.toString().replaceAll("/+$", "");
    }

    /// An answer to what is sold: either it is to be paid, or it is the reply.
    sealed interface Answer<R> {
        /// 402.
        ///
        /// @param required the decoded header
        /// @param code     why
        record PaymentRequired<R>(JsonNode required, String code) implements Answer<R> {
        }

        /// 200.
        record Replied<R>(R reply) implements Answer<R> {
        }
    }

    /// Reads the reply out of an answer.
    @FunctionalInterface
    private interface Reading<R> {
        R of(HttpResponse<InputStream> answer, InputStream body) throws IOException;
    }

    /// The gateway's base URL, without a slash at its end.
    String base() {
        return base;
    }

    /// A payment as its header has it.
    static String encoded(ObjectNode payment) {
        return Base64.getEncoder().encodeToString(payment.toString().getBytes(StandardCharsets.UTF_8));
    }

    JsonNode get(String path) {
        return get(path, Optional.empty());
    }

    /// @param bearer sent as `Authorization`
    JsonNode get(String path, Optional<String> bearer) {
        return switch (send(HttpRequest.newBuilder(URI.create(base + path)).timeout(CONNECT), bearer)) {
            case Paid.Done(JsonNode body) -> body;
            case Paid.Required(_, String code) -> throw new AgentException(402, code, "this is to be paid for", Optional.empty());
        };
    }

    /// An answer to a request for anything else.
    sealed interface Paid {
        /// 200.
        record Done(JsonNode body) implements Paid {
        }

        /// 402 that says how to pay.
        ///
        /// @param required the decoded header
        /// @param code     why
        record Required(JsonNode required, String code) implements Paid {
        }
    }

    /// Sends JSON.
    ///
    /// @param payment the value of PAYMENT-SIGNATURE
    /// @param bearer  sent as `Authorization`
    Paid post(String path, byte[] body, Optional<ObjectNode> payment, Optional<String> bearer) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(SETTLING).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        payment.ifPresent(value -> request.header(PAYMENT_SIGNATURE, encoded(value)));
        return send(request, bearer);
    }

    private Paid send(HttpRequest.Builder request, Optional<String> bearer) {
        bearer.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        try {
            HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            Optional<JsonNode> required = answer.statusCode() == 402 ? header(answer, "PAYMENT-REQUIRED") : Optional.empty();
            if (required.isPresent()) {
                return new Paid.Required(required.get(), required.get().path("error").asText());
            }
            if (answer.statusCode() != 200) {
                throw refused(answer.statusCode(), answer.body());
            }
            return new Paid.Done(JSON.readTree(answer.body()));
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /// Sends a chat request.
    ///
    /// @param payment the value of PAYMENT-SIGNATURE
    /// @param text    gets the reply as it comes; only called when `stream` is set
    Answer<ChatReply> chat(Question question, boolean stream, Optional<ObjectNode> payment, Consumer<String> text) {
        return ask(CHAT, question.body(), payment, (answer, in) -> {
            // What comes as it is made is the first choice's: texts of several would be mixed.
            List<ChoiceText> texts = IntStream.range(0, question.call().choices()).mapToObj(i -> new ChoiceText(question.reply(stream && i == 0 ? text : _ -> { }))).toList();
            return stream ? streamed(answer, in, texts) : whole(answer, JSON.readTree(in), texts);
        });
    }

    /// Sends a request for embeddings, as base64.
    ///
    /// @param payment the value of PAYMENT-SIGNATURE
    Answer<EmbeddingReply> embeddings(byte[] body, Optional<ObjectNode> payment) {
        return ask(EMBEDDINGS, body, payment, (answer, in) -> vectors(answer, JSON.readTree(in)));
    }

    /// Sends a call of a service.
    ///
    /// @param payment the value of PAYMENT-SIGNATURE
    Answer<ServiceReply> service(ServiceCall call, Optional<ObjectNode> payment) {
        return ask(call.path(), call.request().bytes(), payment, GatewayCalls::output);
    }

    private <R> Answer<R> ask(String path, byte[] body, Optional<ObjectNode> payment, Reading<R> reading) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(ANSWER).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        payment.ifPresent(value -> request.header(PAYMENT_SIGNATURE, encoded(value)));
        try {
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = answer.body()) {
                return switch (answer.statusCode()) {
                    case 200 -> new Answer.Replied<>(reading.of(answer, in));
                    case 402 -> {
                        JsonNode required = header(answer, "PAYMENT-REQUIRED").orElseThrow(() -> malformed("a 402 without PAYMENT-REQUIRED"));
                        yield new Answer.PaymentRequired<>(required, required.path("error").asText());
                    }
                    default -> throw refused(answer.statusCode(), in.readAllBytes());
                };
            }
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private AgentException unreachable(IOException e) {
        return new AgentException(0, "gateway_unreachable", "the gateway " + base + " did not answer (" + Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName())
            + "); check its address and that it runs", Optional.empty());
    }

    private static AgentException interrupted() {
        Thread.currentThread().interrupt();
        return new AgentException(0, "interrupted", "the call was interrupted", Optional.empty());
    }

    private static AgentException malformed(String message) {
        return new AgentException(0, "gateway_malformed", message, Optional.empty());
    }

    private static AgentException refused(int status, byte[] body) throws IOException {
        try {
            return failure(status, JSON.readTree(body).path("error"));
        } catch (JsonProcessingException e) {
            return new AgentException(status, "gateway_malformed", "status " + status + " without a JSON error", Optional.empty());
        }
    }

    private static AgentException failure(int status, JsonNode error) {
        return new AgentException(status, error.path("code").asText("unknown"), error.path("message").asText(""), Optional.ofNullable(error.path("job").textValue()));
    }

    private static Optional<JsonNode> header(HttpResponse<?> answer, String name) throws IOException {
        Optional<String> value = answer.headers().firstValue(name);
        return value.isEmpty() ? Optional.empty() : Optional.of(JSON.readTree(Base64.getDecoder().decode(value.get())));
    }

    private static Optional<String> transaction(HttpResponse<?> answer) throws IOException {
        return header(answer, "PAYMENT-RESPONSE").map(settled -> settled.path("transaction").asText()).filter(signature -> !signature.isEmpty());
    }

    /// A choice as it comes in.
    private static final class ChoiceText {
        private final Question.ReplyText text;
        private String finish = "";

        ChoiceText(Question.ReplyText text) {
            this.text = text;
        }

        /// Takes what a gateway says of its choices.
        ///
        /// @param said where a choice has its text
        static void take(List<ChoiceText> texts, JsonNode choices, String said) {
            for (JsonNode choice : choices) {
                int index = choice.path("index").asInt(0);
                if (index < 0 || index >= texts.size()) {
                    throw malformed("a choice of number " + choice.path("index") + ", asked for were " + texts.size());
                }
                ChoiceText own = texts.get(index);
                String piece = choice.path(said).path("content").asText("");
                if (!piece.isEmpty()) {
                    own.text.take(piece);
                }
                own.finish = choice.path("finish_reason").asText(own.finish);
            }
        }

        ChatReply.Choice end() {
            return new ChatReply.Choice(text.end(), finish);
        }
    }

    private static ChatReply whole(HttpResponse<?> answer, JsonNode root, List<ChoiceText> texts) throws IOException {
        ChoiceText.take(texts, root.path("choices"), "message");
        return reply(texts, root, transaction(answer));
    }

    private static ChatReply streamed(HttpResponse<?> answer, InputStream in, List<ChoiceText> texts) throws IOException {
        Optional<JsonNode> last = Optional.empty();
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.startsWith(DATA)) {
                continue;
            }
            String data = line.substring(DATA.length());
            if (data.equals(DONE)) {
                JsonNode end = last.orElseThrow(() -> malformed("a stream without usage"));
                return reply(texts, end, transaction(answer));
            }
            JsonNode chunk = JSON.readTree(data);
            if (chunk.has("error")) {
                throw failure(200, chunk.path("error"));
            }
            ChoiceText.take(texts, chunk.path("choices"), "delta");
            if (chunk.hasNonNull("usage")) {
                last = Optional.of(chunk);
            }
        }
        throw new AgentException(200, "stream_broken", "the stream ended before its end", Optional.empty());
    }

    private static ChatReply reply(List<ChoiceText> texts, JsonNode root, Optional<String> transaction) {
        JsonNode nyxos = root.path("nyxos");
        return new ChatReply(texts.stream().map(ChoiceText::end).toList(), counted(nyxos), root.path("usage").path("prompt_tokens").asInt(), root.path("usage").path("completion_tokens").asInt(), nyxos.path("job").asText(),
            Long.parseLong(nyxos.path("charge").asText()), receipt(nyxos), used(nyxos), transaction, Optional.empty(), new ReceiptSigner.Unknown("not looked at"), Optional.empty());
    }

    private static List<ReplyChoice> counted(JsonNode nyxos) {
        try {
            return StreamSupport.stream(nyxos.path("choices").spliterator(), false).map(each -> new ReplyChoice(Hash.fromHex(each.path("output").asText()),
                Finish.ofWireName(each.path("finish").asText()), each.path("tokens").asInt(-1))).toList();
        } catch (IllegalArgumentException e) {
            throw malformed("choices that cannot be read: " + e.getMessage());
        }
    }

    private static EmbeddingReply vectors(HttpResponse<?> answer, JsonNode root) throws IOException {
        JsonNode nyxos = root.path("nyxos");
        var vectors = new ArrayList<Embedding>();
        try {
            for (JsonNode each : root.path("data")) {
                vectors.add(Embedding.decode(Base64.getDecoder().decode(each.path("embedding").asText())));
            }
        } catch (IllegalArgumentException e) {
            throw malformed("a vector that is none: " + e.getMessage());
        }
        return new EmbeddingReply(vectors, root.path("usage").path("prompt_tokens").asInt(), nyxos.path("job").asText(), Long.parseLong(nyxos.path("charge").asText()), receipt(nyxos),
            used(nyxos), transaction(answer), new ReceiptSigner.Unknown("not looked at"));
    }

    private static ServiceReply output(HttpResponse<?> answer, InputStream in) throws IOException {
        JsonNode nyxos = header(answer, "Nyxos-Served").orElseThrow(() -> malformed("a service's reply without Nyxos-Served"));
        ServiceBody body;
        try {
            body = ServiceBody.reply(in.readNBytes(ServiceBody.MAX_REPLY + 1));
        } catch (ProtocolException e) {
            throw malformed(e.getMessage());
        }
        return new ServiceReply(body, nyxos.path("job").asText(), Long.parseLong(nyxos.path("charge").asText()), receipt(nyxos), used(nyxos), transaction(answer),
            new ReceiptSigner.Unknown("not looked at"));
    }

    private static SignedReceipt receipt(JsonNode nyxos) {
        try {
            return new SignedReceipt(Receipt.decode(Base64.getDecoder().decode(nyxos.path("receipt").asText())), Signature.fromBase64(nyxos.path("receiptSignature").asText()));
        } catch (IllegalArgumentException e) {
            throw new AgentException(0, "receipt_malformed", "the reply's receipt cannot be read: " + e.getMessage(), Optional.ofNullable(nyxos.path("job").textValue()));
        }
    }

    private static OptionalLong used(JsonNode nyxos) {
        return nyxos.has("used") ? OptionalLong.of(Long.parseLong(nyxos.path("used").asText())) : OptionalLong.empty();
    }

    static AgentException tooExpensive(long amount, long most) {
        return new AgentException(402, "too_expensive", "the request may cost " + amount + " base units, more than the " + most + " allowed; nothing was paid", Optional.empty());
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /// The offer of a scheme in a mint.
    static Optional<ObjectNode> offer(JsonNode required, String scheme, String mint) {
        for (JsonNode each : required.path("accepts")) {
            if (each.path("scheme").asText().equals(scheme) && each.path("asset").asText().equals(mint)) {
                return Optional.of(each.deepCopy());
            }
        }
        return Optional.empty();
    }

    /// A payment in the form of x402 version 2.
    static ObjectNode payment(ObjectNode accepted, JsonNode payload) {
        ObjectNode root = JSON.createObjectNode().put("x402Version", 2);
        root.set("accepted", accepted);
        root.set("payload", payload);
        return root;
    }

    static JsonNode parse(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException("what was just written is JSON", e);
        }
    }
}
