package network.nyxos.gateway.openai;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// An answer other than success, in OpenAI's form: `{"error":{"message","type","code","param"}}`. What it says goes to the client as it stands, so it holds
/// nothing of a prompt, a reply or our own insides.
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String code;
    private final transient Optional<String> param;
    private final transient Map<String, String> headers;
    private final transient Map<String, String> details;

    private ApiException(int status, String type, String code, String message, Optional<String> param, Map<String, String> headers, Map<String, String> details) {
        super(Objects.requireNonNull(message, "message"));
        this.status = status;
        this.type = Objects.requireNonNull(type, "type");
        this.code = Objects.requireNonNull(code, "code");
        this.param = param;
        this.headers = Map.copyOf(headers);
        this.details = Map.copyOf(details);
    }

    /// The request is wrong (400).
    ///
    /// @param param the member of the body that is wrong
    public static ApiException badRequest(String code, String param, String message) {
        return new ApiException(400, "invalid_request_error", code, message, Optional.of(param), Map.of(), Map.of());
    }

    /// The request is wrong as a whole.
    public static ApiException badRequest(String code, String message) {
        return new ApiException(400, "invalid_request_error", code, message, Optional.empty(), Map.of(), Map.of());
    }

    /// The client's fault, with any status of 400 to 499.
    public static ApiException refused(int status, String code, String message) {
        return new ApiException(status, "invalid_request_error", code, message, Optional.empty(), Map.of(), Map.of());
    }

    /// It cannot be done now (503); the same request may be sent again.
    ///
    /// @param retryAfterSeconds when to try again
    public static ApiException unavailable(String code, String message, int retryAfterSeconds) {
        return new ApiException(503, "server_error", code, message, Optional.empty(), Map.of("Retry-After", Integer.toString(retryAfterSeconds)), Map.of());
    }

    /// This client asks for too much at once (429); the same request may be sent again.
    ///
    /// @param retryAfterSeconds when to try again
    public static ApiException tooMany(String message, int retryAfterSeconds) {
        return new ApiException(429, "requests", "rate_limit_exceeded", message, Optional.empty(), Map.of("Retry-After", Integer.toString(retryAfterSeconds)), Map.of());
    }

    /// What is left does not pay for the request (402), in the words that OpenAI's clients know.
    public static ApiException quota(String message) {
        return new ApiException(402, "insufficient_quota", "insufficient_quota", message, Optional.empty(), Map.of(), Map.of());
    }

    /// We or a node failed.
    ///
    /// @param status 500 to 599
    public static ApiException failed(int status, String code, String message) {
        return new ApiException(status, "server_error", code, message, Optional.empty(), Map.of(), Map.of());
    }

    /// This with one more response header.
    public ApiException withHeader(String name, String value) {
        var more = new java.util.LinkedHashMap<>(headers);
        more.put(name, value);
        return copy(more, details);
    }

    /// This with one more member beside the four of OpenAI, for example the job's id.
    public ApiException with(String name, String value) {
        var more = new java.util.LinkedHashMap<>(details);
        more.put(name, value);
        return copy(headers, more);
    }

    private ApiException copy(Map<String, String> newHeaders, Map<String, String> newDetails) {
        var copy = new ApiException(status, type, code, getMessage(), param, newHeaders, newDetails);
        copy.setStackTrace(getStackTrace());
        return copy;
    }

    /// HTTP status, 400 to 599.
    public int status() {
        return status;
    }

    /// OpenAI's class of error: `invalid_request_error`, `requests` (too many), `insufficient_quota` or `server_error`.
    public String type() {
        return type;
    }

    /// Stable, for machines.
    public String code() {
        return code;
    }

    /// The member of the request that is wrong.
    public Optional<String> param() {
        return param;
    }

    /// Headers of the answer.
    public Map<String, String> headers() {
        return headers;
    }

    /// Further members of the error object.
    public Map<String, String> details() {
        return details;
    }
}
