package network.nyxos.escrow.token;

import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import software.sava.core.accounts.PublicKey;

/// Reads what Nyxos needs from the accounts of the token programs. Extensions of Token-2022 lie behind these fields and are not looked at.
public final class TokenAccounts {
    /// Bytes of a mint without extensions.
    public static final int MINT_SIZE = 82;
    /// Bytes of a token account without extensions.
    public static final int ACCOUNT_SIZE = 165;
    /// Where a token account names its mint, for filters.
    public static final int OFFSET_MINT = 0;
    /// Where a token account names its owner, for filters.
    public static final int OFFSET_OWNER = 32;
    /// With extensions, a byte behind the 165 says what the account is.
    private static final int TYPE_MINT = 1;
    private static final int TYPE_ACCOUNT = 2;

    private TokenAccounts() {
    }

    /// A token account.
    ///
    /// @param amount base units, as 64 bits
    /// @param frozen whether nothing can be moved
    public record TokenAccount(PublicKey mint, PublicKey owner, long amount, boolean frozen) {
    }

    /// A mint.
    ///
    /// @param mintAuthority who can make more; empty when nobody can
    /// @param supply        base units, as 64 bits
    /// @param decimals      0 to 255
    public record Mint(Optional<PublicKey> mintAuthority, long supply, int decimals) {
    }

    /// Reads a token account's data.
    ///
    /// @throws ProtocolException `token_account_malformed` when it is none, or not initialized
    public static TokenAccount account(byte[] data) {
        if (!typed(data, ACCOUNT_SIZE, TYPE_ACCOUNT)) {
            throw new ProtocolException("token_account_malformed", "not the data of a token account");
        }
        var reader = new BorshReader(data, 0, ACCOUNT_SIZE);
        PublicKey mint = reader.publicKey();
        PublicKey owner = reader.publicKey();
        long amount = reader.u64();
        reader.bytes(36);
        int state = reader.u8();
        if (state != 1 && state != 2) {
            throw new ProtocolException("token_account_malformed", "the token account is not initialized");
        }
        return new TokenAccount(mint, owner, amount, state == 2);
    }

    /// Reads a mint's data.
    ///
    /// @throws ProtocolException `mint_malformed` when it is none, or not initialized
    public static Mint mint(byte[] data) {
        if (!typed(data, MINT_SIZE, TYPE_MINT)) {
            throw new ProtocolException("mint_malformed", "not the data of a mint");
        }
        var reader = new BorshReader(data, 0, MINT_SIZE);
        boolean hasAuthority = reader.u32() == 1;
        PublicKey authority = reader.publicKey();
        long supply = reader.u64();
        int decimals = reader.u8();
        if (reader.u8() != 1) {
            throw new ProtocolException("mint_malformed", "the mint is not initialized");
        }
        return new Mint(hasAuthority ? Optional.of(authority) : Optional.empty(), supply, decimals);
    }

    private static boolean typed(byte[] data, int plainSize, int type) {
        return data.length == plainSize || data.length > ACCOUNT_SIZE && data[ACCOUNT_SIZE] == type;
    }
}
