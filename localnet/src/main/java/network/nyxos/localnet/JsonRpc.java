package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** JSON-RPC 2.0: single requests, batches, errors. */
final class JsonRpc {

    /** Answers a method call. */
    interface Methods {
        JsonNode call(String method, JsonNode params);
    }

    private static final Logger LOG = LoggerFactory.getLogger(JsonRpc.class);
    private static final int MAX_BATCH = 1_000;

    private JsonRpc() {
    }

    /** The answer to a request's or a batch's bytes; empty when nobody waits for one. */
    static Optional<JsonNode> answer(byte[] body, Methods methods) {
        JsonNode request;
        try {
            request = Json.parse(body);
        } catch (IOException e) {
            return Optional.of(error(Json.NODES.nullNode(), new RpcException(RpcException.PARSE_ERROR, "Parse error: the body is not JSON")));
        }
        if (!request.isArray()) {
            return answer(request, methods);
        }
        if (request.isEmpty() || request.size() > MAX_BATCH) {
            return Optional.of(invalidRequest("a batch has 1 to " + MAX_BATCH + " requests, not " + request.size()));
        }
        ArrayNode answers = Json.array();
        request.forEach(single -> answer(single, methods).ifPresent(answers::add));
        return answers.isEmpty() ? Optional.empty() : Optional.of(answers);
    }

    /** The answer to what is no request. */
    static ObjectNode invalidRequest(String why) {
        return error(Json.NODES.nullNode(), new RpcException(RpcException.INVALID_REQUEST, "Invalid request: " + why));
    }

    private static ObjectNode result(JsonNode id, JsonNode result) {
        ObjectNode node = Json.object().put("jsonrpc", "2.0");
        node.set("result", result);
        node.set("id", id);
        return node;
    }

    private static Optional<JsonNode> answer(JsonNode request, Methods methods) {
        JsonNode id = request.path("id");
        if (!request.isObject() || !request.path("method").isTextual()
                || !(id.isMissingNode() || id.isNull() || id.isTextual() || id.isNumber())) {
            return Optional.of(invalidRequest("an object with \"jsonrpc\", \"id\" and \"method\" is expected"));
        }
        ObjectNode answer;
        try {
            answer = result(id, methods.call(request.get("method").textValue(), request.path("params")));
        } catch (RpcException e) {
            answer = error(id, e);
        } catch (IllegalArgumentException e) {
            answer = error(id, RpcException.invalidParams(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("{} failed", request.get("method").textValue(), e);
            answer = error(id, new RpcException(RpcException.INTERNAL_ERROR,
                    e instanceof ChainFailure ? e.getMessage() : "Internal error; the node's log says more"));
        }
        // A request without an id asks for no answer.
        return id.isMissingNode() ? Optional.empty() : Optional.of(answer);
    }

    private static ObjectNode error(JsonNode id, RpcException e) {
        ObjectNode node = Json.object().put("jsonrpc", "2.0");
        ObjectNode error = node.putObject("error").put("code", e.code()).put("message", e.getMessage());
        e.data().ifPresent(data -> error.set("data", data));
        node.set("id", id.isMissingNode() ? Json.NODES.nullNode() : id);
        return node;
    }
}
