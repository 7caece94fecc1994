package network.nyxos.chain;

import network.nyxos.escrow.crypto.Hash;

/// A blockhash to build a transaction on.
///
/// @param blockhash            the hash
/// @param lastValidBlockHeight the last block height at which a transaction on it can be included
/// @param slot                 the slot as of which the node answered
public record LatestBlockhash(Hash blockhash, long lastValidBlockHeight, long slot) {
}
