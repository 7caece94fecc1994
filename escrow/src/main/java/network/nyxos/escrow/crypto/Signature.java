package network.nyxos.escrow.crypto;

import java.util.Arrays;
import java.util.Base64;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.encoding.Base58;

/// An Ed25519 signature, 64 bytes: R and s. A value: immutable, compared by its bytes. That it is one says nothing about whether it verifies.
public final class Signature {
    /// Bytes in a signature.
    public static final int LENGTH = 64;

    private final byte[] bytes;

    private Signature(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes a copy of 64 bytes.
    ///
    /// @throws ProtocolException `signature_length` for another number of bytes
    public static Signature of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new ProtocolException("signature_length", "a signature has 64 bytes, this has " + bytes.length);
        }
        return new Signature(bytes.clone());
    }

    /// Reads standard base64.
    ///
    /// @throws ProtocolException `signature_base64` or `signature_length`
    public static Signature fromBase64(String text) {
        try {
            return of(Base64.getDecoder().decode(text));
        } catch (ProtocolException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("signature_base64", "not base64", e);
        }
    }

    /// Reads base58, as transaction signatures are written.
    ///
    /// @throws ProtocolException `signature_base58` or `signature_length`
    public static Signature fromBase58(String text) {
        byte[] bytes;
        try {
            bytes = Base58.decode(text);
        } catch (RuntimeException e) {
            throw new ProtocolException("signature_base58", "not base58", e);
        }
        return of(bytes);
    }

    /// A copy of the 64 bytes.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// Standard base64 with padding.
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// Base58, as transaction signatures are written.
    public String base58() {
        return Base58.encode(bytes);
    }

    /// Whether all 64 bytes are zero: the slot of a signer who has not signed yet.
    public boolean isEmpty() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signature signature && Arrays.equals(bytes, signature.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// Base58.
    @Override
    public String toString() {
        return base58();
    }
}
