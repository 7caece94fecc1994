package network.nyxos.gateway.payment;

/// The chain's names in payments.
///
/// @param caip2 as in x402 v2, for example `solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1`
/// @param v1    as in x402 v1, for example `solana-devnet`
public record Network(String caip2, String v1) {
    /// What a local chain advertises too: stock clients know no fourth network.
    public static final Network DEVNET = new Network("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "solana-devnet");
    /// Solana's main network.
    public static final Network MAINNET = new Network("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "solana");

    /// Its name in a version of x402.
    ///
    /// @param x402Version 1 or 2
    public String name(int x402Version) {
        return x402Version == 1 ? v1 : caip2;
    }
}
