package network.nyxos.relayer.batch;

import software.sava.core.accounts.PublicKey;

/// What the chain says of a pool now.
///
/// @param address    of the pool
/// @param nextSeq    of the next batch, from 1
/// @param pendingSeq of the batch in its window, 0 = none
/// @param finalSeq   of the latest final batch, 0 = none
/// @param credited   sum of the latest final batch, base units
/// @param settled    base units ever moved from deposits into the vault
/// @param uncollected base units that closed escrows left for the vault
public record PoolFacts(PublicKey address, long nextSeq, long pendingSeq, long finalSeq, long credited, long settled, long uncollected) {
}
