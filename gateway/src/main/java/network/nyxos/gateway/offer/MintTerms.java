package network.nyxos.gateway.offer;

import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/// A mint that is taken.
///
/// @param mint         the mint
/// @param tokenProgram Token or Token-2022
/// @param decimals     digits behind the point
/// @param symbol       for people, for example `USDC`
public record MintTerms(PublicKey mint, PublicKey tokenProgram, int decimals, String symbol) {
    /// The pool of a market that takes this mint; `exact` pays to it.
    public PublicKey pool(Programs programs, PublicKey market) {
        return programs.pool(market, mint);
    }
}
