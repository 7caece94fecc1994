package network.nyxos.escrow.standing;

import network.nyxos.escrow.ProtocolException;

/// What one batch says that a node did. Batches that were voided say nothing.
///
/// @param postedSlot when it was posted
/// @param finalSlot  when its window ended: from here on nobody can void it, so from here on its jobs count
/// @param verified   receipts of the tier `verified` in it that are the node's, 0 or more
public record BatchWork(long postedSlot, long finalSlot, long verified) {
    /// @throws ProtocolException `standing_range`
    public BatchWork {
        if (postedSlot < 0 || finalSlot < postedSlot || verified < 0) {
            throw new ProtocolException("standing_range", "a batch is posted before it is final and holds 0 jobs or more: " + postedSlot + ", " + finalSlot + ", " + verified);
        }
    }
}
