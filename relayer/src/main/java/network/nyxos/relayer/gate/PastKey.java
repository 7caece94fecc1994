package network.nyxos.relayer.gate;

import software.sava.core.accounts.PublicKey;

/// A receipt key that the registry had for a node, and has no more.
///
/// @param key     it signed the node's receipts
/// @param untilMs when the node put another in its place, by the chain's clock, unix milliseconds
public record PastKey(PublicKey key, long untilMs) {
}
