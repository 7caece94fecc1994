package network.nyxos.relayer.gate;

import network.nyxos.escrow.crypto.Hash;

/// A block.
///
/// @param slot its slot
/// @param hash its blockhash
public record SlotHash(long slot, Hash hash) {
}
