package network.nyxos.escrow.crypto;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.encoding.Base58;

/// 32 bytes that stand for something: a SHA-256 digest, a job id, a nonce, a block hash. A value: immutable, compared by its bytes, ordered unsigned.
public final class Hash implements Comparable<Hash> {
    /// Bytes in a hash.
    public static final int LENGTH = 32;

    /// All bytes zero; means "none" where the protocol allows it.
    public static final Hash ZERO = new Hash(new byte[LENGTH]);

    private final byte[] bytes;

    private Hash(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes a copy of 32 bytes.
    ///
    /// @throws ProtocolException `hash_length` for another number of bytes
    public static Hash of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new ProtocolException("hash_length", "a hash has 32 bytes, this has " + bytes.length);
        }
        return new Hash(bytes.clone());
    }

    /// Reads 64 hexadecimal digits, either case.
    ///
    /// @throws ProtocolException `hash_hex` for anything else
    public static Hash fromHex(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new ProtocolException("hash_hex", "a hash has 64 hexadecimal digits, this has " + hex.length() + " characters");
        }
        try {
            return new Hash(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("hash_hex", "a hash has 64 hexadecimal digits, this has another character", e);
        }
    }

    /// Reads base58, as block hashes are written.
    ///
    /// @throws ProtocolException `hash_base58` for anything that is not 32 bytes in base58
    public static Hash fromBase58(String text) {
        try {
            byte[] bytes = Base58.decode(text);
            if (bytes.length == LENGTH) {
                return new Hash(bytes);
            }
        } catch (RuntimeException e) {
            throw new ProtocolException("hash_base58", "not base58", e);
        }
        throw new ProtocolException("hash_base58", "a hash has 32 bytes in base58");
    }

    /// A SHA-256 for callers that feed it piece by piece; finish with {@link #finish}.
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The digest of what was fed.
    public static Hash finish(MessageDigest digest) {
        return new Hash(digest.digest());
    }

    /// SHA-256 of the parts joined.
    public static Hash sha256(byte[]... parts) {
        MessageDigest digest = digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return finish(digest);
    }

    /// 32 random bytes, as nonces and salts are.
    public static Hash random(RandomGenerator random) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        return new Hash(bytes);
    }

    /// SHA-256 of the ASCII domain, without a terminator, and the parts joined: `H("nyxos:…" ‖ parts)`.
    public static Hash domain(String domain, byte[]... parts) {
        MessageDigest digest = digest();
        digest.update(domain.getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : parts) {
            digest.update(part);
        }
        return finish(digest);
    }

    /// A copy of the 32 bytes.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// Writes the bytes into an array.
    ///
    /// @return the number of bytes written, 32
    public int write(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, LENGTH);
        return LENGTH;
    }

    /// Whether every byte is zero.
    public boolean isZero() {
        return equals(ZERO);
    }

    /// 64 lower-case hexadecimal digits.
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /// Base58, as block hashes are written.
    public String base58() {
        return Base58.encode(bytes);
    }

    @Override
    public int compareTo(Hash other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// The hexadecimal digits.
    @Override
    public String toString() {
        return hex();
    }
}
