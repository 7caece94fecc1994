package network.nyxos.cli.up;

/** The stack cannot go on; the message says what was wrong and what to do. */
public final class StackException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * @param code    stable, lower case with underscores
     * @param message for a person
     */
    public StackException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Stable code. */
    public String code() {
        return code;
    }
}
