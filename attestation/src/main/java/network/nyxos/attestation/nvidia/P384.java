package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;

/** ECDSA on P-384 with SHA-384, in the raw form of NVIDIA's evidence: coordinates of 48 bytes, signatures r ‖ s, all big-endian. */
public final class P384 {
    /** Length of a coordinate, and of r and s, in bytes. */
    public static final int COORDINATE = 48;
    /** Length of a signature in bytes. */
    public static final int SIGNATURE = 2 * COORDINATE;

    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp384r1");
    private static final ECParameterSpec PARAMETERS = parameters();

    private P384() {
    }

    /**
     * A public key from its coordinates.
     *
     * @param x 48 bytes
     * @param y 48 bytes
     * @throws AttestationException {@code p384.point} when it is not a point of the curve. The JDK's key factory takes such points, and a
     *                              signature under one proves nothing
     */
    public static ECPublicKey publicKey(Bytes x, Bytes y) {
        if (x.size() != COORDINATE || y.size() != COORDINATE) {
            throw new AttestationException("p384.point", "the coordinates have " + x.size() + " and " + y.size() + " bytes, must have " + COORDINATE);
        }
        ECPoint point = new ECPoint(new BigInteger(1, x.toArray()), new BigInteger(1, y.toArray()));
        if (!isOnCurve(point)) {
            throw new AttestationException("p384.point", "the public key is not a point of P-384");
        }
        try {
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, PARAMETERS));
        } catch (GeneralSecurityException e) {
            throw new AttestationException("p384.point", "not a P-384 public key: " + e.getMessage(), e);
        }
    }

    /** True when {@code key} is an EC key on P-384 and its point lies on the curve. */
    public static boolean isP384(PublicKey key) {
        return key instanceof ECPublicKey ec
                && ec.getParams().getCurve().equals(PARAMETERS.getCurve())
                && ec.getParams().getGenerator().equals(PARAMETERS.getGenerator())
                && isOnCurve(ec.getW());
    }

    /** True when {@code signature} (r ‖ s, 96 bytes) is one of {@code message} under {@code key}. False for r or s out of range. */
    public static boolean verify(PublicKey key, Bytes message, Bytes signature) {
        if (signature.size() != SIGNATURE) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("SHA384withECDSAinP1363Format");
            verifier.initVerify(key);
            verifier.update(message.toArray());
            return verifier.verify(signature.toArray());
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK verifies ECDSA on P-384", e);
        }
    }

    private static boolean isOnCurve(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        try {
            CURVE.getCurve().validatePoint(point.getAffineX(), point.getAffineY());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp384r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
