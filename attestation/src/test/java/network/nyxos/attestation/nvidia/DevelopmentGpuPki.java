package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Issues certificates and lists of the shape of NVIDIA's, all of which name themselves DEVELOPMENT. */
public final class DevelopmentGpuPki {
    static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    static final Instant FROM = NOW.minus(Duration.ofDays(30));
    static final Instant TO = NOW.plus(Duration.ofDays(300));
    static final String SHA384 = "2.16.840.1.101.3.4.2.2";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Who a certificate speaks of, with the key to it. */
    public record Identity(PrivateKey key, X509Certificate certificate) {
    }

    record Extra(String oid, boolean critical, ASN1Encodable value) {
    }

    /** What a certificate shall say; pathLength -1 for a leaf. */
    record Request(String name, int pathLength, Instant from, Instant to, String curve, String algorithm, List<Extra> extras) {
        static Request authority(String name) {
            return new Request(name, 9, FROM, TO, "secp384r1", "SHA384withECDSA", List.of());
        }

        static Request leaf(String name, Extra... extras) {
            return new Request(name, -1, FROM, TO, "secp384r1", "SHA384withECDSA", List.of(extras));
        }

        Request valid(Instant begin, Instant end) {
            return new Request(name, pathLength, begin, end, curve, algorithm, extras);
        }

        Request path(int length) {
            return new Request(name, length, from, to, curve, algorithm, extras);
        }

        Request curve(String other) {
            return new Request(name, pathLength, from, to, other, algorithm, extras);
        }

        Request with(Extra extra) {
            List<Extra> more = new ArrayList<>(extras);
            more.add(extra);
            return new Request(name, pathLength, from, to, curve, algorithm, more);
        }
    }

    private DevelopmentGpuPki() {
    }

    public static KeyPair key(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve), RANDOM);
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static Identity selfSigned(Request request) {
        KeyPair key = key(request.curve());
        return new Identity(key.getPrivate(), certificate(request, key, name(request.name()), key.getPrivate(), request.algorithm()));
    }

    static Identity issue(Request request, Identity issuer) {
        KeyPair key = key(request.curve());
        X500Name issuerName = X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded());
        return new Identity(key.getPrivate(), certificate(request, key, issuerName, issuer.key(), request.algorithm()));
    }

    private static X509Certificate certificate(Request request, KeyPair key, X500Name issuer, PrivateKey issuerKey, String algorithm) {
        try {
            var builder = new JcaX509v3CertificateBuilder(issuer, new BigInteger(120, RANDOM).setBit(119), Date.from(request.from()),
                    Date.from(request.to()), name(request.name()), key.getPublic());
            boolean authority = request.pathLength() >= 0;
            if (authority) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(request.pathLength()));
            }
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
            for (Extra extra : request.extras()) {
                builder.addExtension(new ASN1ObjectIdentifier(extra.oid()), extra.critical(), extra.value());
            }
            return CertificateChain.parseDer(builder.build(new JcaContentSignerBuilder(algorithm).build(issuerKey)).getEncoded());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).addRDN(BCStyle.O, "Nyxos development, no hardware").build();
    }

    static Extra distributionPoint() {
        GeneralNames names = new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, "http://development.invalid/list.crl"));
        return new Extra("2.5.29.31", false, new CRLDistPoint(new DistributionPoint[] {new DistributionPoint(new DistributionPointName(names), null, null)}));
    }

    /** A Hopper leaf's firmware id. */
    static Extra compositeDeviceId(Bytes firmwareId) {
        return new Extra("2.23.133.5.4.1", false, new DERSequence(new ASN1Encodable[] {
            new ASN1Integer(1), SubjectPublicKeyInfo.getInstance(key("secp384r1").getPublic().getEncoded()), digest(SHA384, firmwareId)}));
    }

    /** A Blackwell leaf's firmware ids and flags. */
    static Extra tcbInfo(byte[] flags, Bytes... firmwareIds) {
        ASN1Encodable[] digests = new ASN1Encodable[firmwareIds.length];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = digest(SHA384, firmwareIds[i]);
        }
        return new Extra("2.23.133.5.4.1.1", false, new DERSequence(new ASN1Encodable[] {
            new DERTaggedObject(false, 6, new DERSequence(digests)), new DERTaggedObject(false, 7, new DERBitString(flags))}));
    }

    static ASN1Encodable digest(String algorithm, Bytes value) {
        return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(algorithm), new DEROctetString(value.toArray())});
    }

    /** A revocation list of serials and reasons. */
    static Bytes revocationList(Identity issuer, Instant thisUpdate, Instant nextUpdate, Map<BigInteger, Integer> revoked) {
        try {
            var builder = new X509v2CRLBuilder(X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded()), Date.from(thisUpdate));
            builder.setNextUpdate(Date.from(nextUpdate));
            revoked.forEach((serial, reason) -> builder.addCRLEntry(serial, Date.from(thisUpdate), reason));
            return Bytes.of(builder.build(new JcaContentSignerBuilder("SHA384withECDSA").build(issuer.key())).getEncoded());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static Extra ocspService() {
        return new Extra("1.3.6.1.5.5.7.1.1", false, new AuthorityInformationAccess(AccessDescription.id_ad_ocsp,
                new GeneralName(GeneralName.uniformResourceIdentifier, "http://development.invalid/ocsp")));
    }

    static Extra ocspSigning() {
        return new Extra("2.5.29.37", false, new ExtendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning));
    }

    /** An OCSP answer about one certificate; status null: good. */
    static Bytes ocspAnswer(Identity issuer, BigInteger serial, CertificateStatus status, Identity signer, Instant thisUpdate, Optional<Instant> nextUpdate) {
        try {
            X509CertificateHolder holder = new X509CertificateHolder(issuer.certificate().getEncoded());
            var digests = new BcDigestCalculatorProvider();
            var builder = new BasicOCSPRespBuilder(new RespID(X500Name.getInstance(signer.certificate().getSubjectX500Principal().getEncoded())));
            builder.addResponse(new CertificateID(digests.get(CertificateID.HASH_SHA1), holder, serial), status, Date.from(thisUpdate), nextUpdate.map(Date::from).orElse(null));
            X509CertificateHolder[] certificates = signer == issuer ? new X509CertificateHolder[0] : new X509CertificateHolder[] {new X509CertificateHolder(signer.certificate().getEncoded())};
            var basic = builder.build(new JcaContentSignerBuilder("SHA384withECDSA").build(signer.key()), certificates, Date.from(thisUpdate));
            return Bytes.of(new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic).getEncoded());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** r ‖ s, 96 bytes, over {@code message}. */
    public static Bytes sign(PrivateKey key, Bytes message) {
        try {
            Signature signer = Signature.getInstance("SHA384withECDSAinP1363Format");
            signer.initSign(key, RANDOM);
            signer.update(message.toArray());
            return Bytes.of(signer.sign());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static String pem(Identity... identities) {
        StringBuilder pem = new StringBuilder();
        for (Identity identity : identities) {
            try {
                pem.append(TrustAnchor.toPem(identity.certificate().getEncoded()));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        return pem.toString();
    }
}
