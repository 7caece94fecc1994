package network.nyxos.escrow.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.wire.WireMessage.Ask;
import network.nyxos.escrow.wire.WireMessage.ChatMessage;
import network.nyxos.escrow.wire.WireMessage.ChatRequest;
import network.nyxos.escrow.wire.WireMessage.EmbeddingRequest;
import network.nyxos.escrow.wire.WireMessage.ModelOffer;

/// Reads and writes the text frames of the node link.
public final class WireCodec {
    /// The most bytes of a frame.
    public static final int MAX_FRAME = 1 << 20;
    private static final String MALFORMED = "message_malformed";
    private static final int MAX = Integer.MAX_VALUE;

    private WireCodec() {
    }

    /// Reads a frame.
    ///
    /// @throws ProtocolException `message_too_large`, `message_unknown` for a type that does not exist, `message_malformed` for anything else that is wrong, or
    ///                           the code of an assignment or receipt inside that is
    public static WireMessage decode(String frame) {
        // A character has at least one byte: what is too long in characters need not be encoded to know.
        byte[] bytes = frame.length() > MAX_FRAME ? new byte[0] : frame.getBytes(StandardCharsets.UTF_8);
        if (frame.length() > MAX_FRAME || bytes.length > MAX_FRAME) {
            throw new ProtocolException("message_too_large", "a frame has at most " + MAX_FRAME + " bytes");
        }
        Json json = Json.parse(bytes, "", MALFORMED);
        WireMessage message = read(json, json.text("type"));
        json.end();
        return message;
    }

    private static WireMessage read(Json json, String type) {
        return switch (type) {
            case "challenge" -> {
                version(json);
                yield new WireMessage.Challenge(json.hash("nonce"), json.key("peer"));
            }
            case "hello" -> {
                version(json);
                yield new WireMessage.Hello(json.key("node"), json.key("receiptKey"), json.sealing(), tiers(json), json.objects("models",
                    model -> new ModelOffer(model.hash("id"), model.text("name"), model.text("engine"), model.number("context", 1, MAX), model.bool("deterministic"), kind(model))),
                    json.number("capacity", 1, 10_000), json.signature("signature"));
            }
            case "welcome" -> new WireMessage.Welcome();
            case "refused" -> new WireMessage.Refused(json.text("code"), json.text("message"));
            case "attest" -> new WireMessage.Attest(json.hash("nonce"));
            case "evidence" -> new WireMessage.Evidence(json.hash("nonce"), json.text("kind"), json.base64("quote"), json.optional("collateral", json::base64),
                json.bool("development"), devices(json, "gpus"), devices(json, "switches"));
            case "assign" -> assign(json);
            case "accepted" -> new WireMessage.Accepted(json.hash("job"));
            case "rejected" -> new WireMessage.Rejected(json.hash("job"), json.text("code"), json.text("message"));
            case "delta" -> new WireMessage.Delta(json.hash("job"), json.has("choice") ? json.number("choice", 1, ReplyChoice.MAX - 1) : 0, json.number("index", 0, MAX), json.text("text"),
                json.number("tokens", 0, MAX), logprobs(json));
            case "vector" -> new WireMessage.Vector(json.hash("job"), json.number("index", 0, MAX), Embedding.decode(json.base64("vector")));
            case "output" -> new WireMessage.Output(json.hash("job"), ServiceBody.reply(json.base64("body")));
            case "done" -> new WireMessage.Done(json.hash("job"), json.named("finish", Finish::ofWireName), json.number("tokensIn", 0, MAX),
                json.number("tokensOut", 0, MAX), choices(json), json.receipt("receipt", "signature"));
            case "failed" -> new WireMessage.Failed(json.hash("job"), json.text("code"), json.text("message"));
            case "cancel" -> new WireMessage.Cancel(json.hash("job"));
            case "receipt" -> new WireMessage.OfferReceipt(json.assignment("assignment", "assignmentSignature"), json.receipt("receipt", "signature"));
            case "recorded" -> new WireMessage.Recorded(json.hash("job"), json.text("state"), json.optional("code", json::text), json.optional("message", json::text));
            case "reveal" -> new WireMessage.Reveal(json.hash("job"));
            case "revealed" -> new WireMessage.Revealed(json.hash("job"), json.hash("salt"), json.numbers("promptIds"), json.numbers("outputIds"),
                constraints(json.child("constraints")), text(json.child("text")));
            case "replay" -> new WireMessage.Replay(json.hash("id"), json.hash("model"), json.text("engine"), json.numbers("promptIds"), json.bits("seed"),
                sampler(json.child("sampler")), json.number("maxTokens", 1, MAX), constraints(json.child("constraints")), text(json.child("text")), json.hash("salt"));
            case "replayed" -> new WireMessage.Replayed(json.hash("id"), json.numbers("outputIds"), json.named("finish", Finish::ofWireName), json.hash("traceRoot"),
                json.signature("signature"));
            case "accuse" -> new WireMessage.Accuse(json.hash("job"), json.assignment("assignment", "assignmentSignature"), json.receipt("receipt", "signature"),
                json.hash("salt"), json.numbers("promptIds"), json.numbers("outputIds"), constraints(json.child("constraints")));
            case "accused" -> new WireMessage.Accused(json.hash("job"), json.key("accuser"));
            case "state" -> new WireMessage.State(json.hash("job"), json.text("state"), json.text("reason"));
            default -> throw new ProtocolException("message_unknown", "there is no message of type '" + type + "'");
        };
    }

    private static void version(Json json) {
        int version = json.number("version", 0, MAX);
        if (version != WireMessage.VERSION) {
            throw new ProtocolException("version_unsupported", "this speaks version " + WireMessage.VERSION + " of the node link, the other side " + version);
        }
    }

    private static Set<Tier> tiers(Json json) {
        var tiers = EnumSet.noneOf(Tier.class);
        for (String name : json.texts("tiers")) {
            tiers.add(Tier.ofWireName(name));
        }
        return tiers;
    }

    private static ModelKind kind(Json model) {
        if (model.has("service")) {
            if (!model.bool("service")) {
                throw new ProtocolException(MALFORMED, "service is true or left out");
            }
            return new ModelKind.Service();
        }
        return model.has("dimensions") ? new ModelKind.Embedding(model.number("dimensions", 1, Embedding.MAX_DIMENSIONS)) : new ModelKind.Chat(model.bool("formats"), model.bool("logprobs"));
    }

    private static WireMessage assign(Json json) {
        SignedAssignment assignment = json.assignment("assignment", "signature");
        Hash job = json.hash("job");
        if (!job.equals(assignment.assignment().jobId())) {
            throw new ProtocolException(MALFORMED, "job must be the assignment's");
        }
        Json request = json.child("request");
        Ask ask = ask(request);
        request.end();
        Optional<PaymentRecord.ByVoucher> voucher = json.has("payment") ? Optional.of(voucher(json.child("payment"), assignment)) : Optional.empty();
        return new WireMessage.Assign(job, assignment, voucher, ask);
    }

    private static Ask ask(Json request) {
        if (request.has("sealed")) {
            return new Ask.Sealed(sealed(request.child("sealed")));
        }
        if (request.has("body")) {
            return new Ask.Call(ServiceBody.request(request.base64("body")));
        }
        if (request.has("inputs")) {
            return new Ask.Embed(new EmbeddingRequest(request.texts("inputs")));
        }
        Hash nonce = request.hash("nonce");
        return new Ask.Clear(request(request), nonce);
    }

    private static PaymentRecord.ByVoucher voucher(Json json, SignedAssignment assignment) {
        if (PaymentJson.read(json) instanceof PaymentRecord.ByVoucher voucher && voucher.jobId().equals(assignment.assignment().jobId())
            && voucher.mint().equals(assignment.assignment().mint())) {
            return voucher;
        }
        throw new ProtocolException(MALFORMED, "payment must be a voucher for the assignment's job and mint");
    }

    private static SealedPrompt sealed(Json json) {
        var prompt = new SealedPrompt(json.key("key"), json.base64("encapsulation"), json.base64("ciphertext"));
        json.end();
        return prompt;
    }

    private static ChatRequest request(Json json) {
        var request = new ChatRequest(messages(json),
            json.number("maxTokens", 1, MAX), json.has("choices") ? json.number("choices", 2, ReplyChoice.MAX) : 1, constraintsAmong(json, Hash.ZERO),
            json.has("topLogprobs") ? OptionalInt.of(json.number("topLogprobs", 0, TokenLogprob.MAX_TOP)) : OptionalInt.empty());
        json.end();
        return request;
    }

    private static List<ReplyChoice> choices(Json json) {
        if (!json.has("choices")) {
            return List.of();
        }
        List<ReplyChoice> choices = json.objects("choices", each -> new ReplyChoice(each.hash("output"), each.named("finish", Finish::ofWireName), each.number("tokens", 0, MAX)));
        if (choices.size() < 2 || choices.size() > ReplyChoice.MAX) {
            throw new ProtocolException(MALFORMED, "choices are 2 to " + ReplyChoice.MAX + ", these are " + choices.size());
        }
        return choices;
    }

    private static List<TokenLogprob> logprobs(Json json) {
        return json.has("logprobs") ? json.objects("logprobs", each -> new TokenLogprob(likely(each), each.objects("top", WireCodec::likely))) : List.of();
    }

    private static TokenLogprob.Likely likely(Json json) {
        return new TokenLogprob.Likely(json.text("token"), -json.number("below", 0, MAX));
    }

    private static ObjectNode put(ObjectNode json, TokenLogprob.Likely likely) {
        return json.put("token", likely.hex()).put("below", -likely.micro());
    }

    private static Constraints constraints(Json json) {
        Constraints constraints = constraintsAmong(json, json.optional("prompt", json::hash).orElse(Hash.ZERO));
        json.end();
        return constraints;
    }

    private static Constraints constraintsAmong(Json json, Hash prompt) {
        return new Constraints(json.texts("stop"), json.optional("format", json::text).orElse(""), prompt);
    }

    private static PromptText text(Json json) {
        var text = new PromptText(json.hash("nonce"), messages(json));
        json.end();
        return text;
    }

    private static List<ChatMessage> messages(Json json) {
        return json.objects("messages", message -> new ChatMessage(message.text("role"), message.text("content")));
    }

    /// Reads a request by itself, as it stands in a sealed prompt.
    ///
    /// @throws ProtocolException `message_malformed`, also for one that asks for probabilities, which would show in the clear what is sealed, or for several
    ///                           choices, which one sealed reply has no place for
    public static ChatRequest decodeRequest(byte[] json) {
        ChatRequest request = request(Json.parse(json, "request", MALFORMED));
        if (request.topLogprobs().isPresent()) {
            throw new ProtocolException(MALFORMED, "probabilities of tokens are not told of a sealed reply");
        }
        if (request.choices() > 1) {
            throw new ProtocolException(MALFORMED, "a sealed prompt has one reply");
        }
        return request;
    }

    /// Writes a request by itself, JSON in UTF-8.
    public static byte[] encodeRequest(ChatRequest request) {
        return Json.bytes(write(Json.object(), request));
    }

    private static Sampler sampler(Json json) {
        var sampler = new Sampler(json.number("temperatureMicro", 0, MAX), json.number("topPMicro", 0, MAX), json.number("topK", 0, MAX));
        json.end();
        return sampler;
    }

    /// Writes a frame.
    ///
    /// @throws ProtocolException `message_too_large`
    public static String encode(WireMessage message) {
        ObjectNode json = write(message);
        String frame = json.toString();
        if (frame.getBytes(StandardCharsets.UTF_8).length > MAX_FRAME) {
            throw new ProtocolException("message_too_large", "a frame has at most " + MAX_FRAME + " bytes");
        }
        return frame;
    }

    private static ObjectNode typed(String type) {
        return Json.object().put("type", type);
    }

    private static ObjectNode typed(String type, Hash job) {
        return typed(type).put("job", job.hex());
    }

    private static List<WireMessage.Evidence.Device> devices(Json json, String name) {
        return json.has(name) ? json.objects(name, device -> new WireMessage.Evidence.Device(device.base64("report"), device.base64("certificates"))) : List.of();
    }

    private static void write(ObjectNode json, String name, List<WireMessage.Evidence.Device> devices) {
        if (!devices.isEmpty()) {
            ArrayNode list = json.putArray(name);
            devices.forEach(device -> list.addObject().put("report", Json.base64(device.report())).put("certificates", Json.base64(device.certificates())));
        }
    }

    private static ObjectNode write(WireMessage message) {
        return switch (message) {
            case WireMessage.Challenge m -> typed("challenge").put("version", WireMessage.VERSION).put("nonce", m.nonce().hex()).put("peer", m.peer().toBase58());
            case WireMessage.Hello m -> write(m);
            case WireMessage.Welcome _ -> typed("welcome");
            case WireMessage.Refused m -> typed("refused").put("code", m.code()).put("message", m.message());
            case WireMessage.Attest m -> typed("attest").put("nonce", m.nonce().hex());
            case WireMessage.Evidence m -> {
                ObjectNode json = typed("evidence").put("nonce", m.nonce().hex()).put("kind", m.kind()).put("quote", Json.base64(m.quote()));
                m.collateral().ifPresent(collateral -> json.put("collateral", Json.base64(collateral)));
                write(json, "gpus", m.gpus());
                write(json, "switches", m.switches());
                yield json.put("development", m.development());
            }
            case WireMessage.Assign m -> write(m);
            case WireMessage.Accepted m -> typed("accepted", m.job());
            case WireMessage.Rejected m -> typed("rejected", m.job()).put("code", m.code()).put("message", m.message());
            case WireMessage.Delta m -> {
                ObjectNode json = typed("delta", m.job());
                if (m.choice() > 0) {
                    json.put("choice", m.choice());
                }
                json.put("index", m.index()).put("text", m.text()).put("tokens", m.tokens());
                if (!m.logprobs().isEmpty()) {
                    ArrayNode list = json.putArray("logprobs");
                    m.logprobs().forEach(each -> {
                        ArrayNode top = put(list.addObject(), each.token()).putArray("top");
                        each.top().forEach(likely -> put(top.addObject(), likely));
                    });
                }
                yield json;
            }
            case WireMessage.Vector m -> typed("vector", m.job()).put("index", m.index()).put("vector", Json.base64(m.embedding().encode()));
            case WireMessage.Output m -> typed("output", m.job()).put("body", Json.base64(m.reply().bytes()));
            case WireMessage.Done m -> {
                ObjectNode json = typed("done", m.job()).put("finish", m.finish().wireName()).put("tokensIn", m.tokensIn()).put("tokensOut", m.tokensOut());
                if (!m.choices().isEmpty()) {
                    ArrayNode list = json.putArray("choices");
                    m.choices().forEach(each -> list.addObject().put("output", each.output().hex()).put("finish", each.finish().wireName()).put("tokens", each.tokens()));
                }
                yield putReceipt(json, m.receipt());
            }
            case WireMessage.Failed m -> typed("failed", m.job()).put("code", m.code()).put("message", m.message());
            case WireMessage.Cancel m -> typed("cancel", m.job());
            case WireMessage.OfferReceipt m -> putPapers(typed("receipt"), m.assignment(), m.receipt());
            case WireMessage.Recorded m -> {
                ObjectNode json = typed("recorded", m.job()).put("state", m.state());
                m.code().ifPresent(code -> json.put("code", code));
                m.message().ifPresent(text -> json.put("message", text));
                yield json;
            }
            case WireMessage.Reveal m -> typed("reveal", m.job());
            case WireMessage.Revealed m -> {
                ObjectNode json = putOpening(typed("revealed", m.job()), m.salt(), m.promptIds(), m.outputIds(), m.constraints());
                put(json.putObject("text"), m.text());
                yield json;
            }
            case WireMessage.Replay m -> write(m);
            case WireMessage.Replayed m -> {
                ObjectNode json = typed("replayed").put("id", m.id().hex());
                numbers(json.putArray("outputIds"), m.outputIds());
                yield json.put("finish", m.finish().wireName()).put("traceRoot", m.traceRoot().hex()).put("signature", m.signature().base64());
            }
            case WireMessage.Accuse m -> putOpening(putPapers(typed("accuse", m.job()), m.assignment(), m.receipt()), m.salt(), m.promptIds(), m.outputIds(), m.constraints());
            case WireMessage.Accused m -> typed("accused", m.job()).put("accuser", m.accuser().toBase58());
            case WireMessage.State m -> typed("state", m.job()).put("state", m.state()).put("reason", m.reason());
        };
    }

    private static ObjectNode write(WireMessage.Hello hello) {
        ObjectNode json = typed("hello").put("version", WireMessage.VERSION).put("node", hello.node().toBase58()).put("receiptKey", hello.receiptKey().toBase58());
        hello.sealing().ifPresent(key -> Json.putSealing(json, key));
        texts(json.putArray("tiers"), hello.tiers().stream().map(Tier::wireName).toList());
        ArrayNode models = json.putArray("models");
        for (ModelOffer model : hello.models()) {
            ObjectNode offer = models.addObject().put("id", model.id().hex()).put("name", model.name()).put("engine", model.engine()).put("context", model.context())
                .put("deterministic", model.deterministic());
            switch (model.kind()) {
                case ModelKind.Chat chat -> offer.put("formats", chat.formats()).put("logprobs", chat.logprobs());
                case ModelKind.Embedding embedding -> offer.put("dimensions", embedding.dimensions());
                case ModelKind.Service _ -> offer.put("service", true);
            }
        }
        return json.put("capacity", hello.capacity()).put("signature", hello.signature().base64());
    }

    private static ObjectNode write(WireMessage.Assign assign) {
        ObjectNode json = typed("assign", assign.job()).put("assignment", Json.base64(assign.assignment().assignment().encode()))
            .put("signature", assign.assignment().signature().base64());
        assign.voucher().ifPresent(voucher -> json.set("payment", PaymentJson.write(voucher)));
        ObjectNode request = json.putObject("request");
        switch (assign.ask()) {
            case Ask.Clear clear -> write(request.put("nonce", clear.nonce().hex()), clear.request());
            case Ask.Embed embed -> texts(request.putArray("inputs"), embed.request().inputs());
            case Ask.Call call -> request.put("body", Json.base64(call.request().bytes()));
            case Ask.Sealed sealed -> request.putObject("sealed").put("key", sealed.prompt().sealingKey().toBase58())
                .put("encapsulation", Json.base64(sealed.prompt().encapsulation())).put("ciphertext", Json.base64(sealed.prompt().ciphertext()));
        }
        return json;
    }

    private static ObjectNode write(ObjectNode json, ChatRequest request) {
        messages(json, request.messages());
        request.topLogprobs().ifPresent(top -> json.put("topLogprobs", top));
        json.put("maxTokens", request.maxTokens());
        if (request.choices() > 1) {
            json.put("choices", request.choices());
        }
        return put(json, request.constraints());
    }

    private static ObjectNode write(WireMessage.Replay replay) {
        ObjectNode json = typed("replay").put("id", replay.id().hex()).put("model", replay.model().hex()).put("engine", replay.engine());
        numbers(json.putArray("promptIds"), replay.promptIds());
        json.put("seed", Long.toUnsignedString(replay.seed()));
        json.putObject("sampler").put("temperatureMicro", replay.sampler().temperatureMicro()).put("topPMicro", replay.sampler().topPMicro())
            .put("topK", replay.sampler().topK());
        put(json.put("maxTokens", replay.maxTokens()).putObject("constraints"), replay.constraints());
        put(json.putObject("text"), replay.text());
        return json.put("salt", replay.salt().hex());
    }

    private static ObjectNode put(ObjectNode json, Constraints constraints) {
        texts(json.putArray("stop"), constraints.stop());
        if (!constraints.format().isEmpty()) {
            json.put("format", constraints.format());
        }
        return constraints.prompt().isZero() ? json : json.put("prompt", constraints.prompt().hex());
    }

    private static void put(ObjectNode json, PromptText text) {
        messages(json.put("nonce", text.nonce().hex()), text.messages());
    }

    private static void messages(ObjectNode json, List<ChatMessage> messages) {
        ArrayNode array = json.putArray("messages");
        for (ChatMessage message : messages) {
            array.addObject().put("role", message.role()).put("content", message.content());
        }
    }

    private static ObjectNode putOpening(ObjectNode json, Hash salt, List<Integer> promptIds, List<Integer> outputIds, Constraints constraints) {
        json.put("salt", salt.hex());
        numbers(json.putArray("promptIds"), promptIds);
        numbers(json.putArray("outputIds"), outputIds);
        put(json.putObject("constraints"), constraints);
        return json;
    }

    private static ObjectNode putPapers(ObjectNode json, SignedAssignment assignment, SignedReceipt receipt) {
        return putReceipt(json.put("assignment", Json.base64(assignment.assignment().encode())).put("assignmentSignature", assignment.signature().base64()), receipt);
    }

    private static ObjectNode putReceipt(ObjectNode json, SignedReceipt receipt) {
        return json.put("receipt", Json.base64(receipt.receipt().encode())).put("signature", receipt.signature().base64());
    }

    private static void numbers(ArrayNode array, List<Integer> numbers) {
        numbers.forEach(number -> array.add(number.intValue()));
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
