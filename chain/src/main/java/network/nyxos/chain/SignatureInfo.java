package network.nyxos.chain;

import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Signature;

/// A transaction that touched an address.
///
/// @param slot      where it was executed
/// @param error     why it failed; empty when it succeeded
/// @param blockTime unix seconds, where the node knows it
public record SignatureInfo(Signature signature, long slot, Optional<TransactionError> error, OptionalLong blockTime) {
}
