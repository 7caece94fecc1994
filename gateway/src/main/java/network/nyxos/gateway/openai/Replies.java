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
import java.util.stream.IntStream;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.gateway.route.Choice;
import network.nyxos.gateway.route.Routing;

/// OpenAI's JSON for one completion, whole or in chunks: the pieces of each choice are given to it in order, or the whole of all. Not thread-safe; the bytes it gives are UTF-8.
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
    private final List<OneChoice> choices;

    /// A choice on its way.
    private static final class OneChoice {
        private final int index;
        private final CallScanner scanner = new CallScanner();
        // Characters of the tokens that were told, for completions of the old form.
        private int offset;

        OneChoice(int index) {
            this.index = index;
        }
    }

    /// A choice that is whole.
    ///
    /// @param tokens how likely they were, where that was asked for
    public record Said(String text, List<TokenLogprob> tokens, Finish finish) {
    }

    /// @param form         as which endpoint has it
    /// @param job          hexadecimal id of the job, from which the completion's id follows
    /// @param model        the model's name
    /// @param created      unix seconds
    /// @param choices      how many replies there are
    /// @param includeUsage whether a stream ends with a chunk for the usage alone
    /// @param tools        whether the replies may call tools
    /// @param logprobs     whether probabilities of their tokens were asked for
    public Replies(Form form, String job, String model, long created, int choices, boolean includeUsage, boolean tools, boolean logprobs) {
        this.form = form;
        this.job = job;
        this.tools = tools;
        this.logprobs = logprobs;
        this.id = form.prefix + job;
        this.model = model;
        this.created = created;
        this.includeUsage = includeUsage;
        this.choices = IntStream.range(0, choices).mapToObj(OneChoice::new).toList();
    }

    /// The whole completion.
    ///
    /// @param said every choice, in order
    public byte[] whole(List<Said> said, Usage usage, Served served) {
        ObjectNode root = head(form.whole);
        ArrayNode list = root.putArray("choices");
        for (OneChoice choice : choices) {
            Said own = said.get(choice.index);
            ObjectNode written = list.addObject().put("index", choice.index);
            switch (form) {
                case CHAT -> message(choice, written.putObject("message").put("role", "assistant"), own.text);
                case TEXT -> written.put("text", own.text);
            }
            written.set("logprobs", probabilities(choice, own.tokens));
            written.put("finish_reason", reason(choice, own.finish));
        }
        root.set("usage", usage(usage));
        root.set("nyxos", nyxos(served));
        return bytes(root);
    }

    private void message(OneChoice choice, ObjectNode message, String text) {
        message.put("content", text).putNull("refusal");
        if (!tools) {
            return;
        }
        List<CallScanner.Part> parts = new ArrayList<>(choice.scanner.accept(text));
        parts.addAll(choice.scanner.end());
        ArrayNode calls = JSON.createArrayNode();
        // What was cut off before it was a call is no text either.
        message.put("content", "");
        for (CallScanner.Part part : parts) {
            switch (part) {
                case CallScanner.Part.Text(String said) -> message.put("content", said);
                case CallScanner.Part.Call(int index, String name) -> calls.addObject().put("id", callId(choice, index)).put("type", "function").putObject("function").put("name", name).put("arguments", "");
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

    private String callId(OneChoice choice, int index) {
        return "call_" + job.substring(0, 24) + "_" + (choice.index == 0 ? "" : choice.index + "_") + index;
    }

    /// The first events of a stream: the role of each choice, in a chat.
    public byte[] opening() {
        return form == Form.TEXT ? new byte[0] : join(choices.stream().map(this::opening).toArray(byte[][]::new));
    }

    private byte[] opening(OneChoice choice) {
        ObjectNode root = chunk(choice, Optional.empty());
        ObjectNode delta = root.withArray("choices").get(0).withObject("/delta").put("role", "assistant");
        if (tools) {
            delta.putNull("content");
        } else {
            delta.put("content", "");
        }
        return event(root);
    }

    /// A piece of a choice; nothing where it is not clear yet what it is part of.
    ///
    /// @param choice which, from 0
    public byte[] delta(int choice, String text, List<TokenLogprob> tokens) {
        OneChoice of = choices.get(choice);
        return tools ? parts(of, of.scanner.accept(text)) : text(of, text, tokens);
    }

    private byte[] parts(OneChoice choice, List<CallScanner.Part> parts) {
        return join(parts.stream().map(part -> part(choice, part)).toArray(byte[][]::new));
    }

    /// As OpenAI writes them, which differs by endpoint; null where nobody asked.
    private JsonNode probabilities(OneChoice choice, List<TokenLogprob> tokens) {
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
                    offsets.add(choice.offset);
                    choice.offset += each.token().text().length();
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

    private byte[] part(OneChoice choice, CallScanner.Part part) {
        return switch (part) {
            case CallScanner.Part.Text(String text) -> text(choice, text, List.of());
            case CallScanner.Part.Call(int index, String name) -> call(choice, index, Optional.of(name), "");
            case CallScanner.Part.Arguments(int index, String json) -> call(choice, index, Optional.empty(), json);
        };
    }

    private byte[] call(OneChoice choice, int index, Optional<String> name, String arguments) {
        ObjectNode root = chunk(choice, Optional.empty());
        ObjectNode call = root.withArray("choices").get(0).withObject("/delta").putArray("tool_calls").addObject().put("index", index);
        name.ifPresent(_ -> call.put("id", callId(choice, index)).put("type", "function"));
        ObjectNode function = call.putObject("function");
        name.ifPresent(each -> function.put("name", each));
        function.put("arguments", arguments);
        return event(root);
    }

    private byte[] text(OneChoice choice, String text, List<TokenLogprob> tokens) {
        ObjectNode root = chunk(choice, Optional.empty());
        ObjectNode written = (ObjectNode) root.withArray("choices").get(0);
        written.set("logprobs", probabilities(choice, tokens));
        switch (form) {
            case CHAT -> written.withObject("/delta").put("content", text);
            case TEXT -> written.put("text", text);
        }
        return event(root);
    }

    /// All that follows the last piece: the finish of each choice, the usage (in a chunk of its own where the client asked for that) and `[DONE]`. Nothing of it is
    /// told before, since another node may have to go on with any choice until the receipt is there.
    ///
    /// @param finishes why each choice ended, in order
    public byte[] ending(List<Finish> finishes, Usage usage, Served served) {
        var out = new ArrayList<byte[]>();
        for (OneChoice choice : choices) {
            out.add(parts(choice, choice.scanner.end()));
            ObjectNode last = chunk(choice, Optional.of(finishes.get(choice.index)));
            boolean carries = !includeUsage && choice.index == choices.size() - 1;
            out.add(event(carries ? withUsage(last, usage, served) : last));
        }
        if (includeUsage) {
            ObjectNode own = head(form.chunk);
            own.putArray("choices");
            out.add(event(withUsage(own, usage, served)));
        }
        out.add(DONE);
        return join(out.toArray(byte[][]::new));
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

    private ObjectNode chunk(OneChoice choice, Optional<Finish> finish) {
        ObjectNode root = head(form.chunk);
        ObjectNode written = root.putArray("choices").addObject().put("index", choice.index);
        switch (form) {
            case CHAT -> written.putObject("delta");
            case TEXT -> written.put("text", "");
        }
        written.putNull("logprobs");
        finish.ifPresentOrElse(value -> written.put("finish_reason", reason(choice, value)), () -> written.putNull("finish_reason"));
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

    /// The member `nyxos` of every reply; of a service's, which has no such member, a header.
    public static ObjectNode nyxos(Served served) {
        ObjectNode node = JSON.createObjectNode().put("job", served.job().hex()).put("node", served.receipt().receipt().node().toBase58())
            .put("tier", served.tier().wireName()).put("charge", Long.toString(served.charge())).put("mint", served.mint().toBase58())
            .put("receipt", Base64.getEncoder().encodeToString(served.receipt().receipt().encode()))
            .put("receiptSignature", served.receipt().signature().base64())
            .put("assignment", Base64.getEncoder().encodeToString(served.assignment().assignment().encode()))
            .put("assignmentSignature", served.assignment().signature().base64());
        if (served.choices().size() > 1) {
            ArrayNode choices = node.putArray("choices");
            served.choices().forEach(each -> choices.addObject().put("output", each.output().hex()).put("finish", each.finish().wireName()).put("tokens", each.tokens()));
        }
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
    private static String reason(OneChoice choice, Finish finish) {
        return finish != Finish.STOP ? "length" : choice.scanner.calls() > 0 ? "tool_calls" : "stop";
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
