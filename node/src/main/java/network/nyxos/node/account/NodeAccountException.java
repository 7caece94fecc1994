package network.nyxos.node.account;

import java.util.Optional;
import network.nyxos.chain.Outcome;

/** Something about a node's registration or claim that did not work, with a stable code. */
public final class NodeAccountException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final transient Optional<Outcome> outcome;

    /** Before anything was sent. */
    public NodeAccountException(String code, String message) {
        super(message);
        this.code = code;
        this.outcome = Optional.empty();
    }

    /** A transaction that was not confirmed. */
    public NodeAccountException(Outcome outcome) {
        super(outcome.describe());
        this.code = switch (outcome.state()) {
            case SIGNED, SENT, UNKNOWN -> "outcome_unknown";
            case EXPIRED -> "transaction_expired";
            default -> "transaction_failed";
        };
        this.outcome = Optional.of(outcome);
    }

    /** {@code outcome_unknown} (ask again: nothing is done twice), {@code transaction_failed}, {@code proof_invalid}, … */
    public String code() {
        return code;
    }

    /** The transaction's outcome, where one was sent. */
    public Optional<Outcome> outcome() {
        return outcome;
    }
}
