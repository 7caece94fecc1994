package network.nyxos.attestation.verdict;

/**
 * One named check and how it came out.
 *
 * @param id      stable, such as {@code tdx.quote.signature}
 * @param outcome passed, failed, or not reached
 * @param detail  what was found, or why it failed, or what kept it from being reached
 */
public record Check(String id, Outcome outcome, String detail) {
    /** How a check came out. Evidence is accepted only when every check passed. */
    public enum Outcome {
        /** Held. */
        PASSED,
        /** Did not hold. */
        FAILED,
        /** Could not be judged because an earlier check failed. */
        NOT_REACHED
    }

    /** True when it held. */
    public boolean passed() {
        return outcome == Outcome.PASSED;
    }
}
