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

/** ECDSA on one prime curve with the hash that belongs to it, in raw form: points X ‖ Y, signatures r ‖ s, big-endian. */
final class EcdsaCurve {
    private final String label;
    private final String algorithm;
    private final int coordinateBytes;
    private final ECParameterSpec parameters;
    private final BigInteger prime;

    /**
     * @param label           the curve's usual name, {@code P-256}
     * @param standardName    its name in Java, {@code secp256r1}
     * @param algorithm       the signature's name in Java, in raw form
     * @param coordinateBytes length of X, Y, r and s each
     */
    EcdsaCurve(String label, String standardName, String algorithm, int coordinateBytes) {
        this.label = label;
        this.algorithm = algorithm;
        this.coordinateBytes = coordinateBytes;
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
            named.init(new ECGenParameterSpec(standardName));
            this.parameters = named.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has " + label, e);
        }
        this.prime = ((ECFieldFp) parameters.getCurve().getField()).getP();
    }

    ECPublicKey publicKey(Bytes point, String code) {
        if (point.size() != 2 * coordinateBytes) {
            throw new AttestationException(code, "a " + label + " point has " + 2 * coordinateBytes + " bytes, not " + point.size());
        }
        byte[] raw = point.toArray();
        ECPoint candidate = new ECPoint(new BigInteger(1, raw, 0, coordinateBytes), new BigInteger(1, raw, coordinateBytes, coordinateBytes));
        if (!contains(candidate)) {
            throw new AttestationException(code, "the public key is not a point of " + label);
        }
        try {
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(candidate, parameters));
        } catch (GeneralSecurityException e) {
            throw new AttestationException(code, "not a " + label + " public key: " + e.getMessage(), e);
        }
    }

    boolean isOf(PublicKey key) {
        return key instanceof ECPublicKey ec
                && ec.getParams().getCurve().equals(parameters.getCurve())
                && ec.getParams().getGenerator().equals(parameters.getGenerator())
                && contains(ec.getW());
    }

    boolean verify(PublicKey key, byte[] message, Bytes signature) {
        if (signature.size() != 2 * coordinateBytes) {
            return false;
        }
        try {
            Signature verifier = SignatureEngine.named(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature.toArray());
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("JDK and native code verify ECDSA on " + label, e);
        }
    }

    private boolean contains(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || y.signum() < 0 || x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x).add(parameters.getCurve().getA()).multiply(x).add(parameters.getCurve().getB()).mod(prime);
        return y.multiply(y).mod(prime).equals(right);
    }
}
