package network.nyxos.gateway.credit;

/// How an escrow that is gone was left, as the program's events tell it.
///
/// @param deposited counted in its whole life, base units
/// @param paidOut   went to its wallet at the end
public record Departure(long deposited, long paidOut) {
    /// What was settled in its whole life.
    public long settled() {
        return Math.subtractExact(deposited, paidOut);
    }
}
