package network.nyxos.attestation.development;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.pki.TrustAnchor;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.Optional;

/** Issues certificates, revocation lists and signatures of the shape of Intel's. */
final class DevelopmentPki {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Who a certificate speaks of, with the key to it. */
    record Identity(PrivateKey key, X509Certificate certificate) {
    }

    /**
     * What a certificate shall say.
     *
     * @param commonName of the subject
     * @param pathLength how many CAs may follow; negative for a leaf
     * @param notBefore  start of validity
     * @param notAfter   end of validity
     * @param extension  the value of the SGX extension; empty for none
     */
    record Request(String commonName, int pathLength, Instant notBefore, Instant notAfter, Optional<ASN1Encodable> extension) {
    }

    private DevelopmentPki() {
    }

    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK makes P-256 keys", e);
        }
    }

    /** A certificate that signs itself. */
    static Identity selfSigned(Request request) {
        KeyPair key = newKey();
        X500Name name = name(request.commonName());
        return new Identity(key.getPrivate(), certificate(request, name, key, key.getPrivate(), name));
    }

    /** A certificate by {@code issuer}. */
    static Identity issue(Request request, Identity issuer) {
        KeyPair key = newKey();
        X500Name issuerName = X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded());
        return new Identity(key.getPrivate(), certificate(request, name(request.commonName()), key, issuer.key(), issuerName));
    }

    /** A revocation list by {@code issuer}, in DER. */
    static Bytes revocationList(Identity issuer, Instant thisUpdate, Instant nextUpdate, Collection<BigInteger> revoked) {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded()),
                Date.from(thisUpdate));
        builder.setNextUpdate(Date.from(nextUpdate));
        revoked.forEach(serial -> builder.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise));
        try {
            return Bytes.of(builder.build(new JcaContentSignerBuilder(ALGORITHM).build(issuer.key())).getEncoded());
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("a development revocation list could not be signed", e);
        }
    }

    /** r ‖ s, 64 bytes, over {@code message}. */
    static Bytes sign(PrivateKey key, byte[] message) {
        try {
            Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
            signer.initSign(key, RANDOM);
            signer.update(message);
            return Bytes.of(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a development signature could not be made", e);
        }
    }

    /** X ‖ Y, 64 bytes. */
    static Bytes point(ECPublicKey key) {
        return coordinate(key.getW().getAffineX()).concat(coordinate(key.getW().getAffineY()));
    }

    static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a development certificate has an encoding", e);
        }
    }

    static String pem(X509Certificate... certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            pem.append(TrustAnchor.toPem(der(certificate)));
        }
        return pem.toString();
    }

    /** The value of the SGX extension, see {@link PckExtension}. */
    static ASN1Encodable sgxExtension(PckExtension platform) {
        ASN1EncodableVector tcb = new ASN1EncodableVector();
        for (int i = 0; i < PckExtension.COMPONENTS; i++) {
            tcb.add(member(".2." + (i + 1), new ASN1Integer(platform.cpuSvn().u8(i))));
        }
        tcb.add(member(".2.17", new ASN1Integer(platform.pceSvn())));
        tcb.add(member(".2.18", octets(platform.cpuSvn())));
        byte[] platformId = new byte[16];
        RANDOM.nextBytes(platformId);
        return new DERSequence(new ASN1Encodable[] {
            member(".1", octets(Bytes.of(platformId))),
            member(".2", new DERSequence(tcb)),
            member(".3", octets(platform.pceId())),
            member(".4", octets(platform.fmspc())),
            member(".5", new ASN1Enumerated(1)),
        });
    }

    static ASN1Encodable member(String arc, ASN1Encodable value) {
        return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(PckExtension.OID + arc), value});
    }

    private static DEROctetString octets(Bytes bytes) {
        return new DEROctetString(bytes.toArray());
    }

    private static X509Certificate certificate(Request request, X500Name subject, KeyPair key, PrivateKey issuerKey, X500Name issuer) {
        boolean authority = request.pathLength() >= 0;
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer, new BigInteger(152, RANDOM).setBit(151),
                Date.from(request.notBefore()), Date.from(request.notAfter()), subject, key.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, authority ? new BasicConstraints(request.pathLength()) : new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, authority
                    ? new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)
                    : new KeyUsage(KeyUsage.digitalSignature | KeyUsage.nonRepudiation));
            if (request.extension().isPresent()) {
                builder.addExtension(new ASN1ObjectIdentifier(PckExtension.OID), false, request.extension().get());
            }
            byte[] der = builder.build(new JcaContentSignerBuilder(ALGORITHM).build(issuerKey)).getEncoded();
            return CertificateChain.parseDer(der);
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("a development certificate could not be signed", e);
        }
    }

    static X500Name name(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .addRDN(BCStyle.O, "Nyxos development, no hardware")
                .build();
    }

    private static Bytes coordinate(BigInteger value) {
        byte[] raw = value.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(raw.length, 32);
        System.arraycopy(raw, raw.length - length, fixed, 32 - length, length);
        return Bytes.of(fixed);
    }
}
