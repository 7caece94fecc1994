package network.nyxos.chain;

import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Hash;

/// A block without its transactions.
///
/// @param slot       where it is
/// @param blockhash  its hash
/// @param parentSlot the slot of the block before
/// @param height     blocks before it, where the node says it
/// @param time       unix seconds, where the node knows it
public record Block(long slot, Hash blockhash, long parentSlot, OptionalLong height, OptionalLong time) {
}
