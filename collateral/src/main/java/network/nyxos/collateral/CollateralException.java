package network.nyxos.collateral;

/// There is no collateral for a piece of evidence. {@link #code} is stable.
public final class CollateralException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /// Why there is none.
    public enum Kind {
        /// The evidence does not say whose it is, or hangs on no root that is trusted, so nobody is asked.
        EVIDENCE("collateral_evidence"),
        /// The maker's service knows no such platform, or has withdrawn it.
        UNKNOWN("collateral_unknown"),
        /// The maker's service did not answer, or not in its form; asked again later.
        UNAVAILABLE("collateral_unavailable"),
        /// So much was asked in the last minute that this waits.
        BUSY("collateral_busy");

        private final String code;

        Kind(String code) {
            this.code = code;
        }
    }

    /// @param message what was wrong
    public CollateralException(Kind kind, String message) {
        this(kind, message, null);
    }

    /// As above, with the cause.
    public CollateralException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// Why there is none.
    public Kind kind() {
        return kind;
    }

    /// `collateral_evidence`, `collateral_unknown`, `collateral_unavailable` or `collateral_busy`.
    public String code() {
        return kind.code;
    }
}
