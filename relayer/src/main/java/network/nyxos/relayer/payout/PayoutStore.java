package network.nyxos.relayer.payout;

import java.util.List;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.relayer.batch.BatchStore;
import software.sava.core.accounts.PublicKey;

/// Where it is kept who has been paid how much.
public interface PayoutStore {
    /// Payees that are credited more than is known to be claimed.
    List<Credit> unclaimed(PublicKey mint);

    /// Notes what a payee has claimed in all. Its jobs that this covers are claimed, or refunded.
    ///
    /// @param claimed base units, cumulative
    /// @return the jobs that are over now
    List<BatchStore.Left> claimed(PublicKey mint, Credit credit, long claimed, long nowMs);
}
