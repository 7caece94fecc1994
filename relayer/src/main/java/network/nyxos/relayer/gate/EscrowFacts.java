package network.nyxos.relayer.gate;

import software.sava.core.accounts.PublicKey;

/// What the chain says of an escrow now.
///
/// @param market         it belongs to
/// @param payer          whose money it holds
/// @param mint           what it holds
/// @param sessionKey     signs its vouchers
/// @param exiting        the payer asked for the rest back
/// @param deposited      base units ever put in
/// @param settled        base units ever debited for work
/// @param collected      of those, moved to the pool's vault
/// @param exitSlot       from when on the rest may leave; 0 unless exiting
/// @param sessionExpires unix seconds, 0 = never
/// @param sessionLimit   the most that may ever be settled, 0 = no limit
public record EscrowFacts(PublicKey market, PublicKey payer, PublicKey mint, PublicKey sessionKey, boolean exiting, long deposited, long settled,
                          long collected, long exitSlot, long sessionExpires, long sessionLimit) {
}
