package network.nyxos.localnet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/** Mints and token accounts, as both token programs lay them out; Token-2022's extensions are left aside. */
sealed interface TokenState {

    PublicKey TOKEN = PublicKey.fromBase58Encoded("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    PublicKey TOKEN_2022 = PublicKey.fromBase58Encoded("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    PublicKey ASSOCIATED_TOKEN = PublicKey.fromBase58Encoded("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
    PublicKey NATIVE_MINT = PublicKey.fromBase58Encoded("So11111111111111111111111111111111111111112");

    int MINT_BYTES = 82;
    int ACCOUNT_BYTES = 165;
    int ACCOUNT_MINT_OFFSET = 0;
    int ACCOUNT_OWNER_OFFSET = 32;
    int ACCOUNT_AMOUNT_OFFSET = 64;
    int ACCOUNT_DELEGATE_OFFSET = 72;
    int MINT_SUPPLY_OFFSET = 36;

    /**
     * A mint.
     *
     * @param supply unsigned 64-bit, in base units
     */
    record Mint(Optional<PublicKey> authority, long supply, int decimals, Optional<PublicKey> freezeAuthority) implements TokenState {

        byte[] encode() {
            byte[] data = new byte[MINT_BYTES];
            ByteBuffer out = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
            putOptional(out, authority);
            out.putLong(supply).put((byte) decimals).put((byte) 1);
            putOptional(out, freezeAuthority);
            return data;
        }
    }

    /**
     * A token account.
     *
     * @param amount        unsigned 64-bit, in base units
     * @param frozen        whether the freeze authority froze it
     * @param rentReserve   lamports kept aside; present for wrapped SOL only
     */
    record Holding(PublicKey mint, PublicKey owner, long amount, Optional<PublicKey> delegate, boolean frozen,
            Optional<Long> rentReserve, long delegatedAmount, Optional<PublicKey> closeAuthority) implements TokenState {

        static Holding of(PublicKey mint, PublicKey owner, long amount) {
            return new Holding(mint, owner, amount, Optional.empty(), false, Optional.empty(), 0, Optional.empty());
        }

        byte[] encode() {
            byte[] data = new byte[ACCOUNT_BYTES];
            ByteBuffer out = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
            out.put(mint.toByteArray()).put(owner.toByteArray()).putLong(amount);
            putOptional(out, delegate);
            out.put((byte) (frozen ? 2 : 1));
            out.putInt(rentReserve.isPresent() ? 1 : 0).putLong(rentReserve.orElse(0L));
            out.putLong(delegatedAmount);
            putOptional(out, closeAuthority);
            return data;
        }
    }

    static boolean isTokenProgram(PublicKey program) {
        return program.equals(TOKEN) || program.equals(TOKEN_2022);
    }

    /** Reads an account; empty when it is neither an initialized mint nor an initialized token account. */
    static Optional<TokenState> read(PublicKey program, byte[] data) {
        if (!isTokenProgram(program)) {
            return Optional.empty();
        }
        // Token-2022 pads a mint to a token account's length and tells the two apart by the byte behind it.
        boolean extended = program.equals(TOKEN_2022) && data.length > ACCOUNT_BYTES;
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        if (data.length == MINT_BYTES || (extended && data[ACCOUNT_BYTES] == 1)) {
            return in.get(45) == 0 ? Optional.empty()
                    : Optional.of(new Mint(optional(data, 0), in.getLong(MINT_SUPPLY_OFFSET), Byte.toUnsignedInt(in.get(44)), optional(data, 46)));
        }
        if (data.length == ACCOUNT_BYTES || (extended && data[ACCOUNT_BYTES] == 2)) {
            return in.get(108) == 0 ? Optional.empty()
                    : Optional.of(new Holding(
                            key(data, ACCOUNT_MINT_OFFSET), key(data, ACCOUNT_OWNER_OFFSET), in.getLong(ACCOUNT_AMOUNT_OFFSET),
                            optional(data, ACCOUNT_DELEGATE_OFFSET), in.get(108) == 2,
                            in.getInt(109) == 0 ? Optional.empty() : Optional.of(in.getLong(113)),
                            in.getLong(121), optional(data, 129)));
        }
        return Optional.empty();
    }

    /** The address of an owner's associated token account. */
    static PublicKey associatedAddress(PublicKey owner, PublicKey mint, PublicKey tokenProgram) {
        return PublicKey.findProgramAddress(
                List.of(owner.toByteArray(), tokenProgram.toByteArray(), mint.toByteArray()), ASSOCIATED_TOKEN).publicKey();
    }

    private static void putOptional(ByteBuffer out, Optional<PublicKey> key) {
        out.putInt(key.isPresent() ? 1 : 0).put(key.map(PublicKey::toByteArray).orElseGet(() -> new byte[32]));
    }

    private static Optional<PublicKey> optional(byte[] data, int offset) {
        return data[offset] == 0 ? Optional.empty() : Optional.of(key(data, offset + 4));
    }

    private static PublicKey key(byte[] data, int offset) {
        return PublicKey.createPubKey(Arrays.copyOfRange(data, offset, offset + PublicKey.PUBLIC_KEY_LENGTH));
    }
}
