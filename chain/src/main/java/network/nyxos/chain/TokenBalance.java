package network.nyxos.chain;

import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/// A token account's balance before or after a transaction.
///
/// @param account the token account
/// @param owner   its owner, where the node says it
/// @param amount  base units
public record TokenBalance(PublicKey account, PublicKey mint, Optional<PublicKey> owner, long amount) {
}
