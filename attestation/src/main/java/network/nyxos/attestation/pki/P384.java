package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;

/** ECDSA on P-384 with SHA-384, in the raw form evidence uses: points X ‖ Y, signatures r ‖ s, 48 bytes each, big-endian. */
public final class P384 {
    private static final EcdsaCurve CURVE = new EcdsaCurve("P-384", "secp384r1", "SHA384withECDSAinP1363Format", 48);

    private P384() {
    }

    /**
     * A public key from X ‖ Y.
     *
     * @param point 96 bytes
     * @throws AttestationException {@code p384.point} when it is not a point of the curve. The JDK's key factory takes such points, and a
     *                              signature under one proves nothing
     */
    public static ECPublicKey publicKey(Bytes point) {
        return CURVE.publicKey(point, "p384.point");
    }

    /** True when {@code key} is an EC key on P-384 and its point lies on the curve. */
    public static boolean isP384(PublicKey key) {
        return CURVE.isOf(key);
    }

    /** True when {@code signature} (r ‖ s, 96 bytes) is one of {@code message} under {@code key}. False for r or s out of range. */
    public static boolean verify(PublicKey key, byte[] message, Bytes signature) {
        return CURVE.verify(key, message, signature);
    }
}
