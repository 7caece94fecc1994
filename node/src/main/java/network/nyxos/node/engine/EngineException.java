package network.nyxos.node.engine;

/**
 * Something an engine could not do, with a stable code that may be shown to whoever asked.
 *
 * <p>The message says what was wrong and what to do; it never holds prompt or reply text.
 */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure this is. */
    public enum Code {
        /** The request itself cannot be served: wrong roles, sampler out of range, empty prompt. */
        INVALID_REQUEST,
        /** The prompt leaves no room for a single output token in the model's context. */
        CONTEXT_EXCEEDED,
        /** The model's file is missing and could not be fetched. */
        MODEL_UNAVAILABLE,
        /** The model's file is there but is not what it claims to be. */
        MODEL_FILE_INVALID,
        /** The engine or the server behind it failed while it worked. */
        ENGINE_FAILED,
        /** A service says that the request itself is wrong. */
        SERVICE_REFUSED,
        /** A service did not answer, or with something else than it should. */
        SERVICE_FAILED,
        /** A service took too long. */
        SERVICE_TIMEOUT,
        /** A service's reply is longer than the provider allows. */
        SERVICE_REPLY_TOO_LARGE,
        /** The engine was closed. */
        ENGINE_CLOSED;

        /** The code as it goes over the wire, for example {@code context_exceeded}. */
        public String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Code code;

    /** @param code the stable code; @param message what was wrong and what to do */
    public EngineException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /** As above, with what caused it. */
    public EngineException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The stable code. */
    public Code code() {
        return code;
    }
}
