package network.nyxos.gateway.payment;

/// A payment that is refused. Nothing was moved.
public final class PaymentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /// @param code    one of {@link PaymentError}, or of the escrow scheme
    /// @param message what was wrong, for the payer
    public PaymentException(String code, String message) {
        super(message);
        this.code = code;
    }

    /// The stable code.
    public String code() {
        return code;
    }
}
