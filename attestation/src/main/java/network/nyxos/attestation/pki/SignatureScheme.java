package network.nyxos.attestation.pki;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;

/** How a maker signs certificates and revocation lists. Anything else is refused, though the JDK could verify it. */
public enum SignatureScheme {
    /** Intel: ECDSA with SHA-256. */
    ECDSA_SHA256("ECDSA and SHA-256") {
        @Override
        boolean matches(String oid, byte[] parameters) {
            return CertificateChain.ECDSA_SHA256.equals(oid);
        }
    },
    /** AMD: RSASSA-PSS with SHA-384, MGF1 with SHA-384, a salt of 48 bytes. */
    RSA_PSS_SHA384("RSASSA-PSS and SHA-384") {
        @Override
        boolean matches(String oid, byte[] parameters) {
            return PKCSObjectIdentifiers.id_RSASSA_PSS.getId().equals(oid) && parameters != null && isPssSha384(parameters);
        }
    };

    private static final BigInteger SALT_BYTES = BigInteger.valueOf(48);

    private final String label;

    SignatureScheme(String label) {
        this.label = label;
    }

    /** The scheme in words. */
    public String label() {
        return label;
    }

    /** True when {@code certificate} says that it is signed so. */
    public boolean isOf(X509Certificate certificate) {
        return matches(certificate.getSigAlgOID(), certificate.getSigAlgParams());
    }

    /** True when {@code list} says that it is signed so. */
    public boolean isOf(X509CRL list) {
        return matches(list.getSigAlgOID(), list.getSigAlgParams());
    }

    /** {@code parameters} are DER, or null where the algorithm has none, as the JDK gives them. */
    abstract boolean matches(String oid, byte[] parameters);

    private static boolean isPssSha384(byte[] parameters) {
        try {
            RSASSAPSSparams pss = RSASSAPSSparams.getInstance(ASN1Primitive.fromByteArray(parameters));
            ASN1ObjectIdentifier sha384 = NISTObjectIdentifiers.id_sha384;
            return pss.getHashAlgorithm().getAlgorithm().equals(sha384)
                    && pss.getMaskGenAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
                    && AlgorithmIdentifier.getInstance(pss.getMaskGenAlgorithm().getParameters()).getAlgorithm().equals(sha384)
                    && pss.getSaltLength().equals(SALT_BYTES)
                    && pss.getTrailerField().equals(BigInteger.ONE);
        } catch (IOException | RuntimeException e) {
            // The ASN.1 library tells of broken content by several runtime exceptions.
            return false;
        }
    }
}
