package network.nyxos.gateway.payment;

import network.nyxos.escrow.crypto.Hash;

/// The chain's names in payments.
///
/// @param caip2 as in x402 v2, for example `solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1`
/// @param v1    as in x402 v1, for example `solana-devnet`
public record Network(String caip2, String v1) {
    /// What a local chain advertises too: stock clients know no fourth network.
    public static final Network DEVNET = new Network("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "solana-devnet");
    /// Solana's main network.
    public static final Network MAINNET = new Network("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "solana");

    /// Whether a chain with this genesis hash is meant: CAIP-2 names Solana's clusters by the first 32 characters of it.
    public boolean isOf(Hash genesis) {
        return caip2.equals("solana:" + genesis.base58().substring(0, 32));
    }

    /// Its name in a version of x402.
    ///
    /// @param x402Version 1 or 2
    public String name(int x402Version) {
        return x402Version == 1 ? v1 : caip2;
    }
}
