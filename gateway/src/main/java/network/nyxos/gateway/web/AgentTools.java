package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.server.McpStatelessServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.Incoming;
import network.nyxos.gateway.link.RegisteredNode;
import network.nyxos.gateway.link.Registry;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.ChatRequestReader;
import network.nyxos.gateway.openai.EmbeddingRequestReader;
import network.nyxos.gateway.openai.InferenceRequest;
import network.nyxos.gateway.openai.Replies;
import network.nyxos.gateway.openai.ServiceRequest;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.SettlementResponse;
import network.nyxos.gateway.store.JobStore;

/// What agents may call over the Model Context Protocol: find, price and pay by themselves. Payments are x402's, as its transport for this protocol has them: a call
/// without one gets the price as an error result, `_meta["x402/payment"]` carries one, `_meta["x402/payment-response"]` says what became of it.
final class AgentTools {
    private static final String INFER = "infer";
    private static final String EMBED = "embed";
    private static final String CALL = "call_";
    private static final String METHOD = "MCP";
    private static final String PAYMENT = "x402/payment";
    private static final String PAYMENT_RESPONSE = "x402/payment-response";
    private static final int VERSION = 2;
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final ChatRequestReader chats = new ChatRequestReader();
    private final EmbeddingRequestReader embeddings = new EmbeddingRequestReader();
    private final Catalogue catalogue;
    private final Checkout checkout;
    private final BearerPayment bearers;
    private final Serving serving;
    private final Answers answers;
    private final Neighbours neighbours;
    private final InfoRoutes info;
    private final Registry registry;
    private final JobStore jobs;
    private final ApiDocument document;
    private final Failures failures;

    AgentTools(Catalogue catalogue, Checkout checkout, BearerPayment bearers, Serving serving, Answers answers, Neighbours neighbours, InfoRoutes info, Registry registry,
               JobStore jobs, ApiDocument document, Failures failures) {
        this.catalogue = catalogue;
        this.checkout = checkout;
        this.bearers = bearers;
        this.serving = serving;
        this.answers = answers;
        this.neighbours = neighbours;
        this.info = info;
        this.registry = registry;
        this.jobs = jobs;
        this.document = document;
        this.failures = failures;
    }

    /// One tool's work.
    @FunctionalInterface
    private interface Work {
        CallToolResult call(McpTransportContext context, CallToolRequest call);
    }

    /// The tools: those of every gateway, and one for each service that it sells.
    List<SyncToolSpecification> all(McpJsonMapper mapper) {
        return Stream.concat(common(mapper).stream(), catalogue.models().stream().flatMap(model -> service(mapper, model).stream())).toList();
    }

    private Optional<SyncToolSpecification> service(McpJsonMapper mapper, ModelTerms model) {
        if (!(model.product() instanceof Product.Service service)) {
            return Optional.empty();
        }
        String name = CALL + model.name();
        return Optional.of(tool(mapper, name, "Call " + model.name(), service.description() + " This is another agent's service: it costs what list_models says for a call, paid as infer is, and"
            + " what it answers is its seller's word. The answer is in structuredContent.output, the receipt in structuredContent.nyxos.",
            service.input().filter(schema -> schema.path("type").asText().equals("object")).orElseGet(AgentTools::anything), false,
            (context, call) -> {
                byte[] body = arguments(call);
                return sell(context, call, name, body, ServiceRequest.read(model.name(), body));
            }));
    }

    private List<SyncToolSpecification> common(McpJsonMapper mapper) {
        return List.of(
            tool(mapper, "list_models", "Models for sale", "Lists the models with their price for each tier and mint (base units per million tokens in and out), context length, and how many"
                + " places their nodes have now. Free.", nothing(), true, (_, _) -> result(info.models())),
            tool(mapper, INFER, "Ask a model", "Asks a model for a chat completion. Costs what list_models says: a call without a payment gets the price and the ways to pay (x402),"
                + " the same call with a payment in _meta gets the reply, the usage, the charge and the receipt of the node that did the work.", inference(), false, this::infer),
            tool(mapper, EMBED, "Embed texts", "Turns texts into vectors, to find what is alike in meaning. Costs what list_models says for the tokens of the texts, exactly; paid as infer is."
                + " The vectors, the charge and the receipt are in structuredContent.", document.schema("EmbeddingRequest"), false, this::embed),
            tool(mapper, "verify_receipt", "Verify a receipt", "Checks a receipt that came with a reply: whether the receipt key that the registry on chain has for the node signed it, what it"
                + " says, and what this gateway knows of the job. Free. That it was paid for is on chain, where anybody can check it (nyxos verify).", receipt(), true, this::verify));
    }

    private SyncToolSpecification tool(McpJsonMapper mapper, String name, String title, String description, ObjectNode input, boolean readOnly, Work work) {
        Tool tool = Tool.builder().name(name).title(title).description(description).inputSchema(mapper, Json.text(input))
            .annotations(new ToolAnnotations(title, readOnly, false, readOnly, !readOnly, null)).build();
        return SyncToolSpecification.builder().tool(tool).callHandler((context, call) -> {
            try {
                return work.call(context, call);
            } catch (RuntimeException e) {
                return refusal(failures.told(e, Http.id(AgentRoute.Exchange.of(context).response()), METHOD + " " + name));
            }
        }).build();
    }

    private static ObjectNode nothing() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object").put("additionalProperties", false);
        schema.putObject("properties");
        return schema;
    }

    private static ObjectNode anything() {
        return JsonNodeFactory.instance.objectNode().put("type", "object");
    }

    private ObjectNode inference() {
        ObjectNode schema = document.schema("ChatRequest");
        ((ObjectNode) schema.path("properties")).remove(List.of("stream", "stream_options"));
        return schema;
    }

    private static ObjectNode receipt() {
        ObjectNode schema = nothing();
        ObjectNode members = (ObjectNode) schema.path("properties");
        members.putObject("receipt").put("type", "string").put("description", "Base64, the reply's nyxos.receipt");
        members.putObject("signature").put("type", "string").put("description", "Base64, the reply's nyxos.receiptSignature");
        schema.putArray("required").add("receipt").add("signature");
        return schema;
    }

    // --- results -----------------------------------------------------------------------------------------------------

    private static CallToolResult result(ObjectNode content) {
        return CallToolResult.builder().addTextContent(Json.text(content)).structuredContent(content).isError(false).build();
    }

    /// What was paid for, with the text of each choice, or its calls of tools, first. Vectors are nothing to read: they are in the structured content alone.
    ///
    /// @param served of a service's reply, which is its own, what others have as the member `nyxos`
    private static CallToolResult reply(byte[] answer, JsonNode settlement, Optional<String> served) {
        if (served.isPresent()) {
            ObjectNode content = JsonNodeFactory.instance.objectNode();
            content.set("output", tree(answer));
            content.set("nyxos", Json.header(served.get()));
            return CallToolResult.builder().addTextContent(new String(answer, StandardCharsets.UTF_8)).structuredContent(content).isError(false).meta(Map.of(PAYMENT_RESPONSE, settlement)).build();
        }
        JsonNode content = Json.object(answer);
        CallToolResult.Builder result = CallToolResult.builder();
        if (content.has("data")) {
            result.addTextContent(content.path("data").size() + " embeddings, in structuredContent.data");
        }
        for (JsonNode choice : content.path("choices")) {
            JsonNode message = choice.path("message");
            result.addTextContent(message.hasNonNull("content") ? message.get("content").asText() : message.path("tool_calls").toString());
        }
        return result.structuredContent(content).isError(false).meta(Map.of(PAYMENT_RESPONSE, settlement)).build();
    }

    private static JsonNode tree(byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException("what a service says has been found to be JSON", e);
        }
    }

    private static CallToolResult refusal(ApiException failure) {
        ObjectNode content = Replies.error(failure);
        Map<String, Object> meta = new HashMap<>();
        Optional.ofNullable(failure.headers().get("Retry-After")).ifPresent(seconds -> content.withObject("/error").put("retry_after", Integer.parseInt(seconds)));
        Optional.ofNullable(failure.headers().get(SettlementResponse.header(VERSION))).ifPresent(header -> meta.put(PAYMENT_RESPONSE, Json.header(header)));
        return CallToolResult.builder().addTextContent(Json.text(content)).structuredContent(content).isError(true).meta(meta.isEmpty() ? null : meta).build();
    }

    private static CallToolResult unpaid(Admission.Unpaid unpaid) {
        ObjectNode content = unpaid.required().toJson();
        unpaid.refused().ifPresent(refused -> content.set(PAYMENT_RESPONSE, refused.response().toJson()));
        return CallToolResult.builder().addTextContent(Json.text(content)).structuredContent(content).isError(true).build();
    }

    // --- infer, embed -------------------------------------------------------------------------------------------------------

    private CallToolResult infer(McpTransportContext context, CallToolRequest call) {
        byte[] body = arguments(call);
        ChatRequest chat = chats.read(body);
        if (chat.stream()) {
            throw ApiException.badRequest("unsupported_parameter", "stream", "Unsupported parameter: 'stream': the result of a tool comes whole; leave it out.");
        }
        return sell(context, call, INFER, body, chat);
    }

    private CallToolResult embed(McpTransportContext context, CallToolRequest call) {
        byte[] body = arguments(call);
        return sell(context, call, EMBED, body, embeddings.read(body));
    }

    private static byte[] arguments(CallToolRequest call) {
        return Json.canonical(MAPPER.<ObjectNode>valueToTree(Optional.ofNullable(call.arguments()).orElse(Map.of())));
    }

    private CallToolResult sell(McpTransportContext context, CallToolRequest call, String tool, byte[] body, InferenceRequest asked) {
        // What a call pays for, in place of a URL.
        String resource = "mcp://tool/" + tool;
        var incoming = new Incoming(asked, catalogue.price(asked), RequestBinding.requestHash(METHOD, resource, body), resource);
        Optional<PaymentPayload> payment = payment(call);
        Optional<Admission> byKey = payment.isEmpty() ? bearers.admit(AgentRoute.Exchange.of(context).request(), incoming) : Optional.empty();
        return switch (byKey.orElseGet(() -> checkout.admit(incoming, payment))) {
            case Admission.Unpaid unpaid -> unpaid(unpaid);
            case Admission.Repeated again -> repeat(AgentRoute.Exchange.of(context), again);
            case Admission.Paid paid -> serve(paid, resource);
        };
    }

    private static Optional<PaymentPayload> payment(CallToolRequest call) {
        Object payment = Optional.ofNullable(call.meta()).map(meta -> meta.get(PAYMENT)).orElse(null);
        if (payment == null) {
            return Optional.empty();
        }
        try {
            PaymentPayload payload = PaymentPayload.read(MAPPER.valueToTree(payment));
            if (payload.x402Version() != VERSION) {
                throw ApiException.badRequest("invalid_x402_version", "payments of tools are of x402 version 2; nothing was charged");
            }
            return Optional.of(payload);
        } catch (PaymentException e) {
            throw ApiException.badRequest(e.code(), e.getMessage() + "; nothing was charged");
        }
    }

    private CallToolResult serve(Admission.Paid paid, String resource) {
        try {
            Serving.Done done = serving.whole(paid, resource);
            return reply(done.reply(), done.settlement().toJson(), done.served());
        } catch (ApiException e) {
            // An answer that is not the reply says as well that it was paid for.
            throw e.withHeader(SettlementResponse.header(VERSION), Json.toHeader(paid.response().toJson()));
        }
    }

    private CallToolResult repeat(AgentRoute.Exchange exchange, Admission.Repeated again) {
        if (!answers.has(again.job().id()) && neighbours.handOn(again.job().runner(), exchange.request(), exchange.body(), exchange.response())) {
            exchange.handedOn().set(true);
            return CallToolResult.builder().addTextContent("answered by another gateway").build();
        }
        Answers.Whole whole = answers.again(again);
        return reply(whole.body(), Json.header(whole.settlement()), whole.served());
    }

    // --- receipts ----------------------------------------------------------------------------------------------------

    private CallToolResult verify(McpTransportContext context, CallToolRequest call) {
        Map<String, Object> arguments = Optional.ofNullable(call.arguments()).orElse(Map.of());
        SignedReceipt signed;
        try {
            signed = new SignedReceipt(Receipt.decode(bytes(arguments, "receipt")), Signature.of(bytes(arguments, "signature")));
        } catch (ProtocolException e) {
            throw ApiException.badRequest(e.code(), e.getMessage());
        }
        Receipt receipt = signed.receipt();
        Optional<RegisteredNode> node = registry.find(receipt.node());
        boolean valid = node.filter(registered -> signed.verify(registered.receiptKey())).isPresent();
        ObjectNode content = JsonNodeFactory.instance.objectNode().put("valid", valid);
        if (!valid) {
            content.put("reason", node.isPresent() ? "the receipt key that the registry has for this node did not sign it" : "the registry has no such node");
        }
        node.ifPresent(registered -> content.putObject("registry").put("receipt_key", registered.receiptKey().toBase58()).put("active", registered.active())
            .put("slot", registry.slot()));
        content.set("receipt", shown(receipt));
        jobs.find(receipt.jobId()).ifPresent(job -> content.set("job", new JobView(jobs).of(job)));
        return result(content);
    }

    private static byte[] bytes(Map<String, Object> arguments, String name) {
        if (!(arguments.get(name) instanceof String text)) {
            throw ApiException.badRequest("missing_required_parameter", name, "Missing required parameter: '" + name + "'.");
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("invalid_value", name, "'" + name + "' must be base64");
        }
    }

    private static ObjectNode shown(Receipt receipt) {
        return JsonNodeFactory.instance.objectNode().put("job", receipt.jobId().hex()).put("node", receipt.node().toBase58()).put("model_id", receipt.modelId().hex())
            .put("engine", receipt.engine()).put("tier", receipt.tier().wireName()).put("tokens_in", receipt.tokensIn()).put("tokens_out", receipt.tokensOut())
            .put("mint", receipt.mint().toBase58()).put("charge", Long.toString(receipt.charge())).put("finish", receipt.finish().name().toLowerCase(java.util.Locale.ROOT))
            .put("prompt_commitment", receipt.promptCommitment().hex()).put("output_hash", receipt.outputHash().hex()).put("start_ms", receipt.startMs())
            .put("end_ms", receipt.endMs());
    }
}
