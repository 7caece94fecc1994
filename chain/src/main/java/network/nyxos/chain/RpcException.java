package network.nyxos.chain;

/// A question to a node that got no usable answer. {@link #code} is stable.
public sealed class RpcException extends RuntimeException permits RpcException.Unreachable, RpcException.Refused, RpcException.Malformed {
    private static final long serialVersionUID = 1L;

    private final String code;

    private RpcException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// `rpc_unreachable`, `rpc_refused` or `rpc_malformed`.
    public String code() {
        return code;
    }

    /// The node did not answer, or answered that it cannot now, on every attempt. For a sent transaction that means: unknown.
    public static final class Unreachable extends RpcException {
        private static final long serialVersionUID = 1L;

        Unreachable(String message, Throwable cause) {
            super("rpc_unreachable", message, cause);
        }
    }

    /// The node answered with a JSON-RPC error.
    public static final class Refused extends RpcException {
        private static final long serialVersionUID = 1L;

        private final long number;

        Refused(long number, String message) {
            super("rpc_refused", message, null);
            this.number = number;
        }

        /// JSON-RPC's error number, for example −32002.
        public long number() {
            return number;
        }
    }

    /// The node's answer is not what the method answers.
    public static final class Malformed extends RpcException {
        private static final long serialVersionUID = 1L;

        Malformed(String message, Throwable cause) {
            super("rpc_malformed", message, cause);
        }
    }
}
