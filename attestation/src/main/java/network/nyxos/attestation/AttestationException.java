package network.nyxos.attestation;

import java.util.Objects;

/**
 * Input that this library refuses to read: malformed evidence, certificates, collateral or policy. The only exception that bad input
 * can cause here. Verification itself does not throw it: it answers with a {@link network.nyxos.attestation.verdict.Verdict}.
 */
public final class AttestationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * @param code    stable, dotted, lower case, such as {@code tdx.quote.layout}
     * @param message what was wrong, for people
     */
    public AttestationException(String code, String message) {
        super(Objects.requireNonNull(message, "message"));
        this.code = Objects.requireNonNull(code, "code");
    }

    /** As {@link #AttestationException(String, String)}, keeping the library exception that told so. */
    public AttestationException(String code, String message, Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** The stable code of what was wrong. */
    public String code() {
        return code;
    }
}
