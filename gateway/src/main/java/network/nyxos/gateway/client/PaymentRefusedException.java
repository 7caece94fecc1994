package network.nyxos.gateway.client;

/** The gateway asks for something this agent does not do, or answers what no gateway answers. Nothing was paid. */
public final class PaymentRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String code;

    public PaymentRefusedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Stable code. */
    public String code() {
        return code;
    }
}
