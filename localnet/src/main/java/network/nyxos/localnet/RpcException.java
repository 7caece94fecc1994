package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** An answer that is an error; codes are JSON-RPC's and Solana's own. */
final class RpcException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    static final int PARSE_ERROR = -32700;
    static final int INVALID_REQUEST = -32600;
    static final int METHOD_NOT_FOUND = -32601;
    static final int INVALID_PARAMS = -32602;
    static final int INTERNAL_ERROR = -32603;
    static final int PREFLIGHT_FAILURE = -32002;
    static final int SIGNATURE_FAILURE = -32003;
    static final int BLOCK_NOT_AVAILABLE = -32004;
    static final int UNSUPPORTED_VERSION = -32015;
    static final int MIN_CONTEXT_SLOT = -32016;

    private final int code;
    private final transient Optional<JsonNode> data;

    RpcException(int code, String message) {
        this(code, message, Optional.empty());
    }

    RpcException(int code, String message, Optional<JsonNode> data) {
        super(message, null, false, false);
        this.code = code;
        this.data = data;
    }

    static RpcException invalidParams(String message) {
        return new RpcException(INVALID_PARAMS, "Invalid params: " + message);
    }

    int code() {
        return code;
    }

    Optional<JsonNode> data() {
        return data;
    }
}
