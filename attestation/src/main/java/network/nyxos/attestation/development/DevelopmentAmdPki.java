package network.nyxos.attestation.development;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.development.DevelopmentPki.Identity;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.snp.EndorsementKey;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/** Issues certificates and revocation lists of the shape of AMD's. */
final class DevelopmentAmdPki {
    /** RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes. */
    static final String PSS_SHA384 = "SHA384withRSAandMGF1";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

    /** An extension of an endorsement key's certificate; {@code value} is what its OCTET STRING holds. */
    record Entry(String arc, Bytes value) {
        static Entry integer(String arc, int number) {
            return new Entry(arc, der(new ASN1Integer(number)));
        }

        static Entry text(String arc, String text) {
            return new Entry(arc, der(new DERIA5String(text)));
        }

        private static Bytes der(ASN1Encodable value) {
            try {
                return Bytes.of(value.toASN1Primitive().getEncoded());
            } catch (IOException e) {
                throw new IllegalStateException("a value in memory has an encoding", e);
            }
        }
    }

    /**
     * What a certificate shall say.
     *
     * @param commonName of the subject
     * @param authority  whether it is a CA
     * @param notBefore  start of validity
     * @param notAfter   end of validity
     * @param entries    AMD's extensions
     * @param algorithm  that it is signed with, {@link #PSS_SHA384} for AMD's
     */
    record Request(String commonName, boolean authority, Instant notBefore, Instant notAfter, List<Entry> entries, String algorithm) {
    }

    private DevelopmentAmdPki() {
    }

    static KeyPair newAuthorityKey() {
        return generate("RSA", 4096);
    }

    static KeyPair newEndorsementKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp384r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK makes P-384 keys", e);
        }
    }

    private static KeyPair generate(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits, RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK makes " + algorithm + " keys", e);
        }
    }

    static Identity selfSigned(Request request, KeyPair key) {
        X500Name name = DevelopmentPki.name(request.commonName());
        return certificate(request, key.getPublic(), key.getPrivate(), key.getPrivate(), name);
    }

    static Identity issue(Request request, KeyPair key, Identity issuer) {
        X500Name name = X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded());
        return certificate(request, key.getPublic(), key.getPrivate(), issuer.key(), name);
    }

    /** The extensions of a VCEK with a hardware id, or of a VLEK with a cloud's name. */
    static List<Entry> entries(Product product, TcbVersion tcb, Optional<Bytes> hardwareId, Optional<String> cloud) {
        List<Entry> entries = new ArrayList<>();
        entries.add(Entry.integer("1", product.hasFmc() ? 1 : 0));
        entries.add(Entry.text("2", product.label()));
        entries.add(Entry.integer("3.1", tcb.bootLoader()));
        entries.add(Entry.integer("3.2", tcb.tee()));
        entries.add(Entry.integer("3.3", tcb.snp()));
        for (int reserved = product.hasFmc() ? 5 : 4; reserved <= 7; reserved++) {
            entries.add(Entry.integer("3." + reserved, 0));
        }
        entries.add(Entry.integer("3.8", tcb.microcode()));
        if (product.hasFmc()) {
            entries.add(Entry.integer("3.9", tcb.fmc()));
        }
        hardwareId.ifPresent(id -> entries.add(new Entry("4", id)));
        cloud.ifPresent(name -> entries.add(Entry.text("5", name)));
        return entries;
    }

    /** A revocation list by {@code issuer}, in DER. */
    static Bytes revocationList(Identity issuer, Instant thisUpdate, Instant nextUpdate, Collection<BigInteger> revoked, String algorithm) {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded()),
                Date.from(thisUpdate));
        builder.setNextUpdate(Date.from(nextUpdate));
        revoked.forEach(serial -> builder.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise));
        try {
            return Bytes.of(builder.build(signer(algorithm, issuer.key())).getEncoded());
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("a development revocation list could not be signed", e);
        }
    }

    private static ContentSigner signer(String algorithm, PrivateKey key) throws OperatorCreationException {
        return new JcaContentSignerBuilder(algorithm).setProvider(PROVIDER).build(key);
    }

    private static Identity certificate(Request request, PublicKey key, PrivateKey own, PrivateKey issuerKey, X500Name issuer) {
        // AMD numbers endorsement keys with 0; its CAs have serials of their own.
        BigInteger serial = request.authority() ? new BigInteger(64, RANDOM).setBit(63) : BigInteger.ZERO;
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer, serial, Date.from(request.notBefore()), Date.from(request.notAfter()),
                DevelopmentPki.name(request.commonName()), key);
        try {
            if (request.authority()) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            }
            for (Entry entry : request.entries()) {
                builder.addExtension(new ASN1ObjectIdentifier(EndorsementKey.ARC + entry.arc()), false, entry.value().toArray());
            }
            return new Identity(own, CertificateChain.parseDer(builder.build(signer(request.algorithm(), issuerKey)).getEncoded()));
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("a development certificate could not be signed", e);
        }
    }
}
