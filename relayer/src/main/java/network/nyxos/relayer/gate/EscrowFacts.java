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
/// @param settled        base units ever debited for work
/// @param collected      of those, moved to the pool's vault; of a closed one all, for the pool keeps the rest of it by itself
/// @param exitSlot       from when on the rest may leave; 0 unless exiting
/// @param sessionExpires unix seconds, 0 = never
/// @param sessionLimit   the most that may ever be settled, 0 = no limit
public record EscrowFacts(PublicKey market, PublicKey payer, PublicKey mint, PublicKey sessionKey, PublicKey operator, State state, long deposited, long settled,
                          long collected, long exitSlot, long sessionExpires, long sessionLimit) {
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
