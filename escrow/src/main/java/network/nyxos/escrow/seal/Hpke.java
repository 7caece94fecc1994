package network.nyxos.escrow.seal;

import org.bouncycastle.crypto.hpke.HPKE;

/// The one suite in use: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (RFC 9180 §7).
final class Hpke {
    /// Bytes of a public or private X25519 key, and of an encapsulated key.
    static final int KEY_LENGTH = 32;
    /// Bytes that sealing adds.
    static final int TAG_LENGTH = 16;

    private Hpke() {
    }

    // BouncyCastle's HPKE objects keep state while they work, so each use has its own.
    static HPKE suite() {
        return new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
    }
}
