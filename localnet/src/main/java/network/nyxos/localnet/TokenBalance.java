package network.nyxos.localnet;

import software.sava.core.accounts.PublicKey;

/**
 * What a token account held.
 *
 * @param mint     the token
 * @param owner    whose
 * @param program  the token program
 * @param amount   base units, unsigned 64-bit
 * @param decimals the mint's
 */
public record TokenBalance(PublicKey mint, PublicKey owner, PublicKey program, long amount, int decimals) {
}
