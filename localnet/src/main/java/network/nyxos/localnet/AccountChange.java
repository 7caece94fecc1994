package network.nyxos.localnet;

import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/**
 * What became of an account.
 *
 * @param address its address
 * @param account its new state; empty when it is gone
 */
record AccountChange(PublicKey address, Optional<ChainAccount> account) {
}
