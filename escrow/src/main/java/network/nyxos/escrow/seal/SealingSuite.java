package network.nyxos.escrow.seal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.hpke.HPKE;

/// How prompts are sealed: HPKE (RFC 9180) in base mode with HKDF-SHA256 and ChaCha20-Poly1305, and one of these key encapsulations.
public enum SealingSuite {
    /// X25519 together with ML-KEM-768 (draft-connolly-cfrg-xwing-kem): who breaks one of the two reads nothing, so that what is recorded today stays shut for the
    /// quantum computers of tomorrow.
    X_WING("x-wing", HPKE.kem_X_WING, 1216, 1120),
    /// DHKEM(X25519, HKDF-SHA256), for clients that have no ML-KEM.
    X25519("x25519", HPKE.kem_X25519_SHA256, 32, 32);

    /// Bytes of a secret key: X25519's scalar, X-Wing's seed.
    public static final int SECRET_LENGTH = 32;
    /// Bytes that sealing adds to a plaintext.
    static final int TAG_LENGTH = 16;

    private final String wireName;
    private final short kem;
    private final int publicKeyLength;
    private final int encapsulationLength;

    SealingSuite(String wireName, short kem, int publicKeyLength, int encapsulationLength) {
        this.wireName = wireName;
        this.kem = kem;
        this.publicKeyLength = publicKeyLength;
        this.encapsulationLength = encapsulationLength;
    }

    /// The suite of this name.
    public static Optional<SealingSuite> ofWireName(String name) {
        return Arrays.stream(values()).filter(suite -> suite.wireName.equals(name)).findFirst();
    }

    /// `x-wing` or `x25519`.
    public String wireName() {
        return wireName;
    }

    /// Bytes of a public key.
    public int publicKeyLength() {
        return publicKeyLength;
    }

    /// Bytes of an encapsulated key.
    public int encapsulationLength() {
        return encapsulationLength;
    }

    /// RFC 9180's numbers of the suite, as its §5.1 writes them: `kem u16 ‖ kdf u16 ‖ aead u16`, big-endian.
    byte[] numbers() {
        return ByteBuffer.allocate(3 * Short.BYTES).putShort(kem).putShort(HPKE.kdf_HKDF_SHA256).putShort(HPKE.aead_CHACHA20_POLY1305).array();
    }

    // BouncyCastle's HPKE objects keep state while they work, so each use has its own.
    HPKE hpke() {
        return new HPKE(HPKE.mode_base, kem, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
    }
}
