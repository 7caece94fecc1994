package network.nyxos.escrow.standing;

import network.nyxos.escrow.ProtocolException;

/// What the registry says of a node as of a slot. Whose bond was taken can come back under its key only by registering anew, with a new bond and after the
/// unbonding time: so the slot of the registration is also the end of every punishment before it.
///
/// @param registeredSlot when it registered; the latest time, where it did so again
/// @param active         whether its bond is at stake: not slashed, not on its way out
/// @param accused        whether a dispute about one of its receipts is open
public record Enrolment(long registeredSlot, boolean active, boolean accused) {
    /// @throws ProtocolException `standing_range`
    public Enrolment {
        if (registeredSlot < 0) {
            throw new ProtocolException("standing_range", "a node cannot have registered in slot " + registeredSlot);
        }
    }
}
