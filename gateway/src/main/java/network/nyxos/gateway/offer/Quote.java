package network.nyxos.gateway.offer;

import network.nyxos.escrow.money.Price;

/// What a request costs at most, in one mint.
///
/// @param mint    the mint
/// @param price   per million tokens
/// @param ceiling base units
public record Quote(MintTerms mint, Price price, long ceiling) {
}
