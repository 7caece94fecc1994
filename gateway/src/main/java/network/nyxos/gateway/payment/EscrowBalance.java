package network.nyxos.gateway.payment;

/// What is left of an escrow, base units.
///
/// @param deposited ever deposited
/// @param settled   ever settled on chain
/// @param used      what jobs have cost so far
/// @param reserved  the ceilings of jobs that run
public record EscrowBalance(long deposited, long settled, long used, long reserved) {
    /// What a new job may cost, if a voucher covers it.
    public long spendable() {
        return Math.max(0, deposited - used - reserved);
    }
}
