package network.nyxos.escrow.token;

import software.sava.core.accounts.PublicKey;

/// Keys that are the same on every cluster.
public final class WellKnown {
    /// The system program.
    public static final PublicKey SYSTEM = key("11111111111111111111111111111111");
    /// The Token program.
    public static final PublicKey TOKEN = key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    /// The Token-2022 program.
    public static final PublicKey TOKEN_2022 = key("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    /// The associated token account program.
    public static final PublicKey ASSOCIATED_TOKEN = key("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
    /// The memo program (version 2).
    public static final PublicKey MEMO = key("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
    /// The compute budget program.
    public static final PublicKey COMPUTE_BUDGET = key("ComputeBudget111111111111111111111111111111");
    /// The Ed25519 precompile.
    public static final PublicKey ED25519 = key("Ed25519SigVerify111111111111111111111111111");
    /// The instructions sysvar.
    public static final PublicKey INSTRUCTIONS_SYSVAR = key("Sysvar1nstructions1111111111111111111111111");
    /// The address lookup table program.
    public static final PublicKey ADDRESS_LOOKUP_TABLE = key("AddressLookupTab1e1111111111111111111111111");

    private WellKnown() {
    }

    private static PublicKey key(String base58) {
        return PublicKey.fromBase58Encoded(base58);
    }
}
