package network.nyxos.gateway.payment;

import software.sava.core.accounts.PublicKey;

/// An escrow as the chain has it.
///
/// @param address        its address
/// @param payer          who owns the deposit
/// @param mint           what it holds
/// @param sessionKey     signs vouchers
/// @param exiting        whether the payer is taking the deposit out
/// @param deposited      base units ever deposited
/// @param settled        base units ever settled
/// @param sessionExpires unix seconds; 0 = never
/// @param sessionLimit   the most that may ever be settled; 0 = no limit
/// @param slot           the slot as of which this was read
public record EscrowState(PublicKey address, PublicKey payer, PublicKey mint, PublicKey sessionKey, boolean exiting, long deposited, long settled, long sessionExpires,
                          long sessionLimit, long slot) {
    /// The same as of another slot.
    public EscrowState at(long otherSlot) {
        return new EscrowState(address, payer, mint, sessionKey, exiting, deposited, settled, sessionExpires, sessionLimit, otherSlot);
    }
}
