package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;

/** ECDSA on P-256 with SHA-256, in the raw form evidence uses: points X ‖ Y, signatures r ‖ s, 32 bytes each, big-endian. */
public final class P256 {
    private static final ECParameterSpec CURVE = curve();
    private static final BigInteger PRIME = ((ECFieldFp) CURVE.getCurve().getField()).getP();

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
        if (point.size() != 64) {
            throw new AttestationException("p256.point", "a P-256 point has 64 bytes, not " + point.size());
        }
        byte[] raw = point.toArray();
        ECPoint candidate = new ECPoint(new BigInteger(1, raw, 0, 32), new BigInteger(1, raw, 32, 32));
        if (!isOnCurve(candidate)) {
            throw new AttestationException("p256.point", "the public key is not a point of P-256");
        }
        try {
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(candidate, CURVE));
        } catch (GeneralSecurityException e) {
            throw new AttestationException("p256.point", "not a P-256 public key: " + e.getMessage(), e);
        }
    }

    /** True when {@code key} is an EC key on P-256 and its point lies on the curve. */
    public static boolean isP256(PublicKey key) {
        return key instanceof ECPublicKey ec
                && ec.getParams().getCurve().equals(CURVE.getCurve())
                && ec.getParams().getGenerator().equals(CURVE.getGenerator())
                && isOnCurve(ec.getW());
    }

    /** True when {@code signature} (r ‖ s, 64 bytes) is one of {@code message} under {@code key}. False for r or s out of range. */
    public static boolean verify(PublicKey key, byte[] message, Bytes signature) {
        if (signature.size() != 64) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature.toArray());
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK verifies ECDSA on P-256", e);
        }
    }

    private static boolean isOnCurve(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || y.signum() < 0 || x.compareTo(PRIME) >= 0 || y.compareTo(PRIME) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x).add(CURVE.getCurve().getA()).multiply(x).add(CURVE.getCurve().getB()).mod(PRIME);
        return y.multiply(y).mod(PRIME).equals(right);
    }

    private static ECParameterSpec curve() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
