package network.nyxos.gateway.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.gateway.route.Choice;
import network.nyxos.gateway.route.Routing;

/// OpenAI's JSON for one completion, whole or in chunks: the pieces of one reply are given to it in order, or the whole of it. Not thread-safe; the bytes it gives are UTF-8.
public final class Replies {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MICRO = 1e6;
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    /// How OpenAI writes a completion.
    public enum Form {
        /// Of `/v1/chat/completions`.
        CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk"),
        /// Of `/v1/completions`.
        TEXT("cmpl-", "text_completion", "text_completion");

        private final String prefix;
        private final String whole;
        private final String chunk;

        Form(String prefix, String whole, String chunk) {
            this.prefix = prefix;
            this.whole = whole;
            this.chunk = chunk;
        }
    }

    private final Form form;
    private final String id;
    private final String model;
    private final long created;
    private final boolean includeUsage;
    private final String job;
    private final boolean tools;
    private final boolean logprobs;
    private final CallScanner scanner = new CallScanner();
    // Characters of the tokens that were told, for completions of the old form.
    private int offset;

    /// @param form         as which endpoint has it
    /// @param job          hexadecimal id of the job, from which the completion's id follows
    /// @param model        the model's name
    /// @param created      unix seconds
    /// @param includeUsage whether a stream ends with a chunk for the usage alone
    /// @param tools        whether the reply may call tools
    /// @param logprobs     whether probabilities of its tokens were asked for
    public Replies(Form form, String job, String model, long created, boolean includeUsage, boolean tools, boolean logprobs) {
        this.form = form;
        this.job = job;
        this.tools = tools;
        this.logprobs = logprobs;
        this.id = form.prefix + job;
        this.model = model;
        this.created = created;
        this.includeUsage = includeUsage;
    }

    /// The whole completion.
    public byte[] whole(String text, List<TokenLogprob> tokens, Finish finish, Usage usage, Served served) {
        ObjectNode root = head(form.whole);
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        switch (form) {
            case CHAT -> message(choice.putObject("message").put("role", "assistant"), text);
            case TEXT -> choice.put("text", text);
        }
        choice.set("logprobs", probabilities(tokens));
        choice.put("finish_reason", reason(finish));
        root.set("usage", usage(usage));
        root.set("nyxos", nyxos(served));
        return bytes(root);
    }

    private void message(ObjectNode message, String text) {
        message.put("content", text).putNull("refusal");
        if (!tools) {
            return;
        }
        List<CallScanner.Part> parts = new ArrayList<>(scanner.accept(text));
        parts.addAll(scanner.end());
        ArrayNode calls = JSON.createArrayNode();
        // What was cut off before it was a call is no text either.
        message.put("content", "");
        for (CallScanner.Part part : parts) {
            switch (part) {
                case CallScanner.Part.Text(String said) -> message.put("content", said);
                case CallScanner.Part.Call(int index, String name) -> calls.addObject().put("id", callId(index)).put("type", "function").putObject("function").put("name", name).put("arguments", "");
                case CallScanner.Part.Arguments(int index, String json) -> {
                    ObjectNode function = (ObjectNode) calls.get(index).get("function");
                    function.put("arguments", function.get("arguments").asText() + json);
                }
            }
        }
        if (!calls.isEmpty()) {
            message.putNull("content").set("tool_calls", calls);
        }
    }

    private String callId(int index) {
        return "call_" + job.substring(0, 24) + "_" + index;
    }

    /// The first event of a stream: the role, in a chat.
    public byte[] opening() {
        if (form == Form.TEXT) {
            return new byte[0];
        }
        ObjectNode root = chunk(Optional.empty());
        ObjectNode delta = root.withArray("choices").get(0).withObject("/delta").put("role", "assistant");
        if (tools) {
            delta.putNull("content");
        } else {
            delta.put("content", "");
        }
        return event(root);
    }

    /// A piece of the reply; nothing where it is not clear yet what it is part of.
    public byte[] delta(String text, List<TokenLogprob> tokens) {
        return tools ? join(scanner.accept(text).stream().map(this::part).toArray(byte[][]::new)) : text(text, tokens);
    }

    /// As OpenAI writes them, which differs by endpoint; null where nobody asked.
    private JsonNode probabilities(List<TokenLogprob> tokens) {
        if (!logprobs) {
            return JSON.nullNode();
        }
        ObjectNode root = JSON.createObjectNode();
        switch (form) {
            case CHAT -> {
                ArrayNode content = root.putArray("content");
                for (TokenLogprob each : tokens) {
                    ArrayNode top = put(content.addObject(), each.token()).putArray("top_logprobs");
                    each.top().forEach(likely -> put(top.addObject(), likely));
                }
                root.putNull("refusal");
            }
            case TEXT -> {
                ArrayNode texts = root.putArray("tokens");
                ArrayNode chosen = root.putArray("token_logprobs");
                ArrayNode likeliest = root.putArray("top_logprobs");
                ArrayNode offsets = root.putArray("text_offset");
                for (TokenLogprob each : tokens) {
                    texts.add(each.token().text());
                    chosen.add(logprob(each.token()));
                    ObjectNode top = likeliest.addObject();
                    // Of tokens that read alike, such as parts of characters, the likelier one stands.
                    each.top().forEach(likely -> top.putIfAbsent(likely.text(), JSON.getNodeFactory().numberNode(logprob(likely))));
                    offsets.add(offset);
                    offset += each.token().text().length();
                }
            }
        }
        return root;
    }

    private static ObjectNode put(ObjectNode node, TokenLogprob.Likely likely) {
        node.put("token", likely.text()).put("logprob", logprob(likely));
        if (likely.hex().isEmpty()) {
            return node.putNull("bytes");
        }
        ArrayNode bytes = node.putArray("bytes");
        for (byte each : likely.bytes()) {
            bytes.add(each & 0xff);
        }
        return node;
    }

    private static double logprob(TokenLogprob.Likely likely) {
        return likely.micro() / MICRO;
    }

    private byte[] part(CallScanner.Part part) {
        return switch (part) {
            case CallScanner.Part.Text(String text) -> text(text, List.of());
            case CallScanner.Part.Call(int index, String name) -> call(index, Optional.of(name), "");
            case CallScanner.Part.Arguments(int index, String json) -> call(index, Optional.empty(), json);
        };
    }

    private byte[] call(int index, Optional<String> name, String arguments) {
        ObjectNode root = chunk(Optional.empty());
        ObjectNode call = root.withArray("choices").get(0).withObject("/delta").putArray("tool_calls").addObject().put("index", index);
        name.ifPresent(_ -> call.put("id", callId(index)).put("type", "function"));
        ObjectNode function = call.putObject("function");
        name.ifPresent(each -> function.put("name", each));
        function.put("arguments", arguments);
        return event(root);
    }

    private byte[] text(String text, List<TokenLogprob> tokens) {
        ObjectNode root = chunk(Optional.empty());
        ObjectNode choice = (ObjectNode) root.withArray("choices").get(0);
        choice.set("logprobs", probabilities(tokens));
        switch (form) {
            case CHAT -> choice.withObject("/delta").put("content", text);
            case TEXT -> choice.put("text", text);
        }
        return event(root);
    }

    /// All that follows the last piece: the finish, the usage (in a chunk of its own where the client asked for that) and `[DONE]`.
    public byte[] ending(Finish finish, Usage usage, Served served) {
        byte[] rest = join(scanner.end().stream().map(this::part).toArray(byte[][]::new));
        ObjectNode last = chunk(Optional.of(finish));
        if (!includeUsage) {
            return join(rest, event(withUsage(last, usage, served)), DONE);
        }
        ObjectNode own = head(form.chunk);
        own.putArray("choices");
        return join(rest, event(last), event(withUsage(own, usage, served)), DONE);
    }

    /// The event that ends a stream which failed after it had begun. No `[DONE]` follows: clients must not take the text for complete.
    public static byte[] failure(ApiException failure) {
        return event(error(failure));
    }

    /// The error object.
    public static ObjectNode error(ApiException failure) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode error = root.putObject("error").put("message", failure.getMessage()).put("type", failure.type()).put("code", failure.code());
        failure.param().ifPresentOrElse(param -> error.put("param", param), () -> error.putNull("param"));
        failure.details().forEach(error::put);
        return root;
    }

    private ObjectNode head(String object) {
        return JSON.createObjectNode().put("id", id).put("object", object).put("created", created).put("model", model);
    }

    private ObjectNode chunk(Optional<Finish> finish) {
        ObjectNode root = head(form.chunk);
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        switch (form) {
            case CHAT -> choice.putObject("delta");
            case TEXT -> choice.put("text", "");
        }
        choice.putNull("logprobs");
        finish.ifPresentOrElse(value -> choice.put("finish_reason", reason(value)), () -> choice.putNull("finish_reason"));
        if (includeUsage) {
            root.putNull("usage");
        }
        return root;
    }

    private static ObjectNode withUsage(ObjectNode chunk, Usage usage, Served served) {
        chunk.set("usage", usage(usage));
        chunk.set("nyxos", nyxos(served));
        return chunk;
    }

    private static ObjectNode usage(Usage usage) {
        return JSON.createObjectNode().put("prompt_tokens", usage.promptTokens()).put("completion_tokens", usage.completionTokens())
            .put("total_tokens", usage.totalTokens());
    }

    /// The member `nyxos` of every reply.
    static ObjectNode nyxos(Served served) {
        ObjectNode node = JSON.createObjectNode().put("job", served.job().hex()).put("node", served.receipt().receipt().node().toBase58())
            .put("tier", served.tier().wireName()).put("charge", Long.toString(served.charge())).put("mint", served.mint().toBase58())
            .put("receipt", Base64.getEncoder().encodeToString(served.receipt().receipt().encode()))
            .put("receiptSignature", served.receipt().signature().base64())
            .put("assignment", Base64.getEncoder().encodeToString(served.assignment().assignment().encode()))
            .put("assignmentSignature", served.assignment().signature().base64());
        served.used().ifPresent(used -> node.put("used", Long.toString(used)));
        node.set("paymentReceipt", served.paid());
        ArrayNode routing = node.putArray("routing");
        served.routing().steps().forEach(step -> routing.add(step(step)));
        return node;
    }

    private static ObjectNode step(Routing.Step step) {
        Choice choice = step.choice();
        ObjectNode node = JSON.createObjectNode().put("node", choice.node().toBase58()).put("by", choice.by()).put("able", choice.able()).put("free", choice.free()).put("costMs", choice.costMs());
        choice.nextMs().ifPresent(next -> node.put("nextMs", next));
        node.put("seen", choice.observed().observedMs() != 0).put("firstTokenMs", Math.round(choice.observed().firstTokenMs())).put("tokensPerSecond", choice.rateRounded())
            .put("success", choice.successRounded()).put("inFlight", choice.inFlight()).put("capacity", choice.capacity());
        step.failed().ifPresent(code -> node.put("failed", code));
        return node.put("said", step.said());
    }

    /// OpenAI knows no `cancelled`: whoever still reads such a stream was cut off, which is `length`.
    private String reason(Finish finish) {
        return finish != Finish.STOP ? "length" : scanner.calls() > 0 ? "tool_calls" : "stop";
    }

    private static byte[] event(ObjectNode node) {
        return join("data: ".getBytes(StandardCharsets.US_ASCII), bytes(node), "\n\n".getBytes(StandardCharsets.US_ASCII));
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can be written", e);
        }
    }

    private static byte[] join(byte[]... parts) {
        var out = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
