package network.nyxos.relayer.gate;

import software.sava.core.accounts.PublicKey;

/// How often jobs of the tier `verified` are replayed.
@FunctionalInterface
public interface SampleRates {
    /// The least rate for a node's job, parts per million.
    ///
    /// @param mint what the job is paid in
    /// @param slot the newest slot when its receipt was stored; facts of later slots do not count
    int rate(PublicKey mint, PublicKey node, long slot);
}
