package network.nyxos.relayer.gate;

import software.sava.core.accounts.PublicKey;

/// What the chain says of an escrow: as it is now, or as it was when its payer left.
///
/// @param market         it belongs to
/// @param payer          whose money it holds
/// @param mint           what it holds
/// @param sessionKey     signs its vouchers
/// @param operator       may settle it
/// @param state          whether it may still be debited
/// @param deposited      base units ever put in
/// @param settled        base units ever debited for work that batches pay; what nodes settled by themselves is in `direct`
/// @param collected      of those, moved to the pool's vault; of a closed one all, for the pool keeps the rest of it by itself
/// @param exitSlot       from when on the rest may leave; 0 unless exiting
/// @param sessionExpires unix seconds, 0 = never
/// @param sessionLimit   the most that may ever be settled, directly or not, 0 = no limit
/// @param direct         what its nodes settled by themselves
public record EscrowFacts(PublicKey market, PublicKey payer, PublicKey mint, PublicKey sessionKey, PublicKey operator, State state, long deposited, long settled,
                          long collected, long exitSlot, long sessionExpires, long sessionLimit, DirectJobs direct) {
    /// An escrow of which no node has settled anything by itself.
    public EscrowFacts(PublicKey market, PublicKey payer, PublicKey mint, PublicKey sessionKey, PublicKey operator, State state, long deposited, long settled,
                       long collected, long exitSlot, long sessionExpires, long sessionLimit) {
        this(market, payer, mint, sessionKey, operator, state, deposited, settled, collected, exitSlot, sessionExpires, sessionLimit, DirectJobs.NONE);
    }

    /// What the program counts as debited with a voucher when batches have debited this much.
    public long counted(long cumulative) {
        return Math.addExact(cumulative, direct.charged());
    }

    /// How far an escrow's life has come.
    public enum State {
        /// It takes deposits and debits.
        OPEN,
        /// The payer asked for the rest back; debits are taken until the exit slot.
        EXITING,
        /// The rest went back. What it was debited before stays debited, nothing more ever will be.
        CLOSED
    }
}
