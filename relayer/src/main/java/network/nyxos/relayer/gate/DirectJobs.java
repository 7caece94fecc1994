package network.nyxos.relayer.gate;

import java.util.Set;
import network.nyxos.escrow.crypto.Hash;

/// Jobs of an escrow that their nodes have settled by themselves (`settle_direct`).
///
/// @param charged base units that the escrow was debited for them and that have not gone back to it
/// @param jobs    those that are paid so, or will be unless somebody voids it: nobody is to be paid for them in a batch
public record DirectJobs(long charged, Set<Hash> jobs) {
    /// There are none.
    public static final DirectJobs NONE = new DirectJobs(0, Set.of());

    /// Copies the set.
    public DirectJobs {
        jobs = Set.copyOf(jobs);
    }
}
