package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;

/** ECDSA on P-256 with SHA-256, in the raw form evidence uses: points X ‖ Y, signatures r ‖ s, 32 bytes each, big-endian. */
public final class P256 {
    private static final EcdsaCurve CURVE = new EcdsaCurve("P-256", "secp256r1", "SHA256withECDSAinP1363Format", 32);

    private P256() {
    }

    /**
     * A public key from X ‖ Y.
     *
     * @param point 64 bytes
     * @throws AttestationException {@code p256.point} when it is not a point of the curve. The JDK's key factory takes such points, and a
     *                              signature under one proves nothing
     */
    public static ECPublicKey publicKey(Bytes point) {
        return CURVE.publicKey(point, "p256.point");
    }

    /** True when {@code key} is an EC key on P-256 and its point lies on the curve. */
    public static boolean isP256(PublicKey key) {
        return CURVE.isOf(key);
    }

    /** True when {@code signature} (r ‖ s, 64 bytes) is one of {@code message} under {@code key}. False for r or s out of range. */
    public static boolean verify(PublicKey key, byte[] message, Bytes signature) {
        return CURVE.verify(key, message, signature);
    }
}
