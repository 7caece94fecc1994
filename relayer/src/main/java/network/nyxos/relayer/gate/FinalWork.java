package network.nyxos.relayer.gate;

import java.util.List;
import java.util.Map;
import network.nyxos.escrow.standing.BatchWork;
import software.sava.core.accounts.PublicKey;

/// What final batches say that nodes did. Every method is one transaction.
public interface FinalWork {
    /// The latest batch of a mint that is kept; 0 = none.
    long known(PublicKey mint);

    /// Keeps what a final batch says; the same again changes nothing.
    ///
    /// @param postedSlot when it was posted
    /// @param finalSlot  when its window ended
    /// @param verified   how many receipts of the tier `verified` it holds, by node
    void keep(PublicKey mint, long seq, long postedSlot, long finalSlot, Map<PublicKey, Long> verified);

    /// A node's work. Batches that became final on the same day, counted back from a slot, are told as one: they count alike
    /// ({@link network.nyxos.escrow.standing.Standing#weight}).
    ///
    /// @param since only batches posted after this slot
    /// @param slot  only batches final by this slot
    List<BatchWork> of(PublicKey mint, PublicKey node, long since, long slot);
}
