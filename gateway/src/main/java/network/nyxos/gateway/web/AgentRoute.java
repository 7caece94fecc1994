package network.nyxos.gateway.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessServerHandler;
import io.modelcontextprotocol.server.McpStatelessSyncServer;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpStatelessServerTransport;
import io.modelcontextprotocol.spec.ProtocolVersions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import network.nyxos.gateway.payment.Json;
import reactor.core.publisher.Mono;

/// `/mcp`: the Model Context Protocol over streamable HTTP. Stateless: each message stands alone, so any gateway of an address may answer it, and every answer is one
/// JSON document, which the protocol allows in place of a stream.
final class AgentRoute implements McpStatelessServerTransport {
    private static final HeaderName VERSION = HeaderNames.create("MCP-Protocol-Version");
    private static final String EXCHANGE = "exchange";
    private static final int DEEPEST = 32;
    // Longer than any job may take.
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final String INSTRUCTIONS = "AI inference, paid per request on Solana. list_models says what there is and what it costs; infer asks a model, embed turns texts into vectors, and both are paid by x402:"
        + " without a payment they answer with the price, with one in _meta[\"x402/payment\"] they serve; verify_receipt checks who signed for the work.";
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private final ObjectMapper json = new ObjectMapper(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build()).build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private final McpJsonMapper mapper = new JacksonMcpJsonMapper(json);
    private final McpStatelessSyncServer server;
    private volatile McpStatelessServerHandler handler;

    /// A message and where its answer goes.
    ///
    /// @param body     the message, which has been read
    /// @param handedOn whether another gateway has answered it
    record Exchange(ServerRequest request, ServerResponse response, byte[] body, AtomicBoolean handedOn) {
        /// Of a call.
        static Exchange of(McpTransportContext context) {
            return (Exchange) context.get(EXCHANGE);
        }
    }

    /// @param tools what agents may call
    AgentRoute(AgentTools tools) {
        this.server = McpServer.sync(this).serverInfo("nyxos-gateway", "1").instructions(INSTRUCTIONS).jsonMapper(mapper).jsonSchemaValidator(this::validate)
            .capabilities(McpSchema.ServerCapabilities.builder().tools(false).build()).requestTimeout(PATIENCE).immediateExecution(true).tools(tools.all(mapper)).build();
    }

    @Override
    public void setMcpHandler(McpStatelessServerHandler set) {
        handler = set;
    }

    @Override
    public List<String> protocolVersions() {
        return List.of(ProtocolVersions.MCP_2025_03_26, ProtocolVersions.MCP_2025_06_18, ProtocolVersions.MCP_2025_11_25);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    private JsonSchemaValidator.ValidationResponse validate(Map<String, Object> schema, Object content) {
        JsonNode value = json.valueToTree(content);
        Set<ValidationMessage> wrong = SCHEMAS.getSchema(json.<JsonNode>valueToTree(schema)).validate(value);
        return wrong.isEmpty() ? JsonSchemaValidator.ValidationResponse.asValid(Json.text(value))
            : JsonSchemaValidator.ValidationResponse.asInvalid(String.join("; ", wrong.stream().map(ValidationMessage::getMessage).toList()));
    }

    /// `POST /mcp`.
    void post(ServerRequest request, ServerResponse response) {
        byte[] body = Http.body(request);
        Optional<String> version = Http.once(request, VERSION);
        if (version.isPresent() && !protocolVersions().contains(version.get())) {
            refuse(response, McpSchema.ErrorCodes.INVALID_REQUEST, "unsupported protocol version; spoken are " + String.join(", ", protocolVersions()));
            return;
        }
        Optional<McpSchema.JSONRPCMessage> message = message(body);
        if (message.isEmpty()) {
            refuse(response, McpSchema.ErrorCodes.PARSE_ERROR, "not a JSON-RPC message");
            return;
        }
        var exchange = new Exchange(request, response, body, new AtomicBoolean());
        McpTransportContext context = McpTransportContext.create(Map.of(EXCHANGE, exchange));
        switch (message.get()) {
            case McpSchema.JSONRPCRequest asked -> {
                McpSchema.JSONRPCResponse answer = handle(context, asked);
                if (!exchange.handedOn.get()) {
                    answer(response, answer);
                }
            }
            case McpSchema.JSONRPCNotification told -> {
                handler.handleNotification(context, told).contextWrite(each -> each.put(McpTransportContext.KEY, context)).block();
                response.status(202).send();
            }
            // Nothing was asked of the client, so there is nothing to be answered by it.
            case McpSchema.JSONRPCResponse _ -> response.status(202).send();
        }
    }

    /// Reads a message. The SDK's own reader writes what it reads into the log; nor is anything told of what a parser says, which quotes the message.
    private Optional<McpSchema.JSONRPCMessage> message(byte[] body) {
        try {
            JsonNode node = json.readTree(body);
            boolean spoken = node.path("jsonrpc").asText().equals(McpSchema.JSONRPC_VERSION);
            if (spoken && node.path("method").isTextual()) {
                return Optional.of(node.hasNonNull("id") ? json.treeToValue(node, McpSchema.JSONRPCRequest.class) : json.treeToValue(node, McpSchema.JSONRPCNotification.class));
            }
            return spoken && (node.has("result") || node.has("error")) ? Optional.of(json.treeToValue(node, McpSchema.JSONRPCResponse.class)) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private McpSchema.JSONRPCResponse handle(McpTransportContext context, McpSchema.JSONRPCRequest asked) {
        try {
            McpSchema.JSONRPCResponse answer = handler.handleRequest(context, asked).contextWrite(each -> each.put(McpTransportContext.KEY, context)).block();
            // Tools say themselves what went wrong; what is left are parameters that could not be read, and the reader's words are not for others.
            return answer.error() == null || answer.error().code() != McpSchema.ErrorCodes.INTERNAL_ERROR ? answer : unreadable(asked);
        } catch (McpError e) {
            return failed(asked, McpSchema.ErrorCodes.METHOD_NOT_FOUND, "there is no such method here");
        } catch (IllegalArgumentException e) {
            return unreadable(asked);
        }
    }

    private static McpSchema.JSONRPCResponse unreadable(McpSchema.JSONRPCRequest asked) {
        return failed(asked, McpSchema.ErrorCodes.INVALID_PARAMS, "the parameters are not what this method takes");
    }

    private static McpSchema.JSONRPCResponse failed(McpSchema.JSONRPCRequest asked, int code, String message) {
        return new McpSchema.JSONRPCResponse(McpSchema.JSONRPC_VERSION, asked.id(), null, new McpSchema.JSONRPCResponse.JSONRPCError(code, message, null));
    }

    private void answer(ServerResponse response, McpSchema.JSONRPCResponse answer) {
        try {
            response.header(HeaderNames.CACHE_CONTROL, "private, no-store");
            Http.json(response, 200, mapper.writeValueAsBytes(answer));
        } catch (IOException e) {
            throw new IllegalStateException("an answer can be written", e);
        }
    }

    private void refuse(ServerResponse response, int code, String message) {
        var error = json.createObjectNode().put("jsonrpc", McpSchema.JSONRPC_VERSION).putNull("id");
        error.putObject("error").put("code", code).put("message", message);
        Http.json(response, 400, Json.bytes(error));
    }
}
