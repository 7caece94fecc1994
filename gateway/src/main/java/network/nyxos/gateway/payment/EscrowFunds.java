package network.nyxos.gateway.payment;

/// An escrow with what is left of it.
///
/// @param escrow  as the chain has it
/// @param balance what was used and what runs
/// @param closed  whether it is gone from the chain, with its deposit paid out
public record EscrowFunds(EscrowState escrow, EscrowBalance balance, boolean closed) {
    /// Whether its session key may sign for a job now.
    ///
    /// @param earliestEnd unix seconds until which the session must hold
    public boolean open(long earliestEnd) {
        return !closed && !escrow.exiting() && (escrow.sessionExpires() == 0 || escrow.sessionExpires() >= earliestEnd);
    }

    /// What a new job may cost, the session's limit counted in; 0 where nothing can be spent any more.
    public long spendable() {
        if (closed || escrow.exiting()) {
            return 0;
        }
        long limit = escrow.sessionLimit() == 0 ? balance.deposited() : Math.min(balance.deposited(), escrow.sessionLimit());
        return Math.max(0, limit - balance.used() - balance.reserved());
    }
}
