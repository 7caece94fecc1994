package network.nyxos.escrow;

import java.util.Objects;

/// Input that the protocol does not allow: what came from outside is wrong, nothing of ours is broken. The code is stable and meant for machines, the
/// message says to a person what was wrong; neither holds anything secret, so both may be sent back to whoever sent the input.
public final class ProtocolException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /// @param code    lower-case words joined by underscores, for example `voucher_malformed`; never changed once released
    /// @param message what was wrong, with the value where it helps
    public ProtocolException(String code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "code");
    }

    /// As the other constructor, keeping what led here for the log.
    public ProtocolException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /// The stable code.
    public String code() {
        return code;
    }
}
