package network.nyxos.escrow.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import network.nyxos.escrow.ProtocolException;
import org.bouncycastle.util.BigIntegers;

/// A Solana wallet that an EVM wallet owns: its key is made from a signature that only that wallet can give, of a text that says so (EIP-712).
///
/// Nobody keeps a list of whose is whose: who signs the same text again has the same key again. That holds for wallets whose signatures are deterministic (RFC 6979, as those of all common ones are),
/// so [#of] takes two signings and refuses when they differ. Why so: docs/decisions/051.
public final class EvmWallet {
    private static final int SCALAR = 32;
    private static final int SIGNATURE = 2 * SCALAR + 1;
    /// secp256k1's order (SEC 2, 2.4.1).
    private static final BigInteger ORDER = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

    private EvmWallet() {
    }

    /// What the wallet signs with `eth_signTypedData_v4`.
    ///
    /// @param account which of its wallets, from 0
    public static String typedData(int account) {
        if (account < 0) {
            throw new ProtocolException("account_invalid", "a wallet's accounts are numbered from 0, not " + account);
        }
        return """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"}],"Wallet":[{"name":"purpose","type":"string"},{"name":"account","type":"uint32"}]},\
            "primaryType":"Wallet","domain":{"name":"Nyxos","version":"1"},"message":{"purpose":\
            "This signature is the key of a Solana wallet. Who has it can spend all that this wallet holds. Sign it only for software that you trust, and give it to nobody.","account":%d}}"""
            .formatted(account);
    }

    /// The Solana wallet.
    ///
    /// @param first  a signature of [#typedData]: `r 32 ‖ s 32 ‖ v`, big-endian as EVM wallets give it
    /// @param second of a second signing
    /// @throws ProtocolException `signature_invalid` for anything but two signatures of 65 bytes; `signature_varies` when they are two keys
    public static Keypair of(byte[] first, byte[] second) {
        byte[] seed = seed(first);
        if (!Arrays.equals(seed, seed(second))) {
            throw new ProtocolException("signature_varies", "this wallet signs the same text differently each time: no key can be made of that, since nobody could make it again");
        }
        return Keypair.fromSeed(seed);
    }

    private static byte[] seed(byte[] signature) {
        if (signature.length != SIGNATURE) {
            throw new ProtocolException("signature_invalid", "an EVM wallet's signature has " + SIGNATURE + " bytes, this has " + signature.length);
        }
        var r = new BigInteger(1, signature, 0, SCALAR);
        var s = new BigInteger(1, signature, SCALAR, SCALAR);
        if (r.signum() == 0 || s.signum() == 0 || r.compareTo(ORDER) >= 0 || s.compareTo(ORDER) >= 0) {
            throw new ProtocolException("signature_invalid", "this is no signature: its numbers are out of range");
        }
        // s and its negative are the same signature; wallets give the lower one (EIP-2), hardware not always.
        BigInteger low = s.min(ORDER.subtract(s));
        return Hash.domain("nyxos:evm-wallet:v1", Arrays.copyOf(signature, SCALAR), BigIntegers.asUnsignedByteArray(SCALAR, low)).bytes();
    }
}
