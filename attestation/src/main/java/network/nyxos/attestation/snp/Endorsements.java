package network.nyxos.attestation.snp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.SignedJson;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P384;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.pki.SignatureEngine;
import network.nyxos.attestation.pki.SignatureScheme;
import network.nyxos.attestation.sev.Product;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The certificates behind a report's signature, and AMD's revocation list where there is one. What does not depend on time or policy is
 * found out once, here: keep one per chip. Immutable.
 */
public final class Endorsements {
    private static final String CODE = "snp.endorsements";
    private static final int RSA_BITS = 4096;
    private static final int KEY_USAGE_CERT_SIGN = 5;

    private final X509Certificate key;
    private final X509Certificate authority;
    private final X509Certificate root;
    private final Bytes rootFingerprint;
    private final Optional<RevocationList> revocationList;
    private final Bytes revocationListDer;
    private final Optional<String> chainProblem;
    private final Optional<String> listProblem;

    private Endorsements(X509Certificate key, X509Certificate authority, X509Certificate root, Bytes revocationList) {
        this.key = key;
        this.authority = authority;
        this.root = root;
        this.rootFingerprint = CertificateChain.fingerprint(root);
        this.revocationListDer = revocationList;
        this.revocationList = revocationList.isEmpty() ? Optional.empty() : Optional.of(RevocationList.parse(revocationList));
        this.chainProblem = findChainProblem();
        this.listProblem = this.revocationList.flatMap(list -> list.issuerProblem(root, SignatureScheme.RSA_PSS_SHA384));
    }

    /**
     * Endorsements of three certificates, DER each.
     *
     * @param key            of the endorsement key (VCEK or VLEK)
     * @param authority      of the CA that issued it (ASK or ASVK)
     * @param root           of the ARK
     * @param revocationList DER, signed by the ARK; no bytes: none
     * @throws AttestationException {@code pki.certificate} or {@code pki.crl} when one cannot be read
     */
    public static Endorsements of(Bytes key, Bytes authority, Bytes root, Bytes revocationList) {
        return new Endorsements(CertificateChain.parseDer(key.toArray()), CertificateChain.parseDer(authority.toArray()),
                CertificateChain.parseDer(root.toArray()), revocationList);
    }

    /**
     * Endorsements of three certificates in any order: the root names itself as issuer, the CA is issued by the root.
     *
     * @param certificates   exactly three
     * @param revocationList as {@link #of}
     * @throws AttestationException {@code snp.endorsements} when they cannot be put into an order
     */
    public static Endorsements ofUnordered(List<X509Certificate> certificates, Bytes revocationList) {
        if (certificates.size() != 3) {
            throw new AttestationException(CODE, "endorsements are three certificates (VCEK or VLEK, ASK or ASVK, ARK), not " + certificates.size());
        }
        X509Certificate root = only(certificates.stream().filter(c -> c.getSubjectX500Principal().equals(c.getIssuerX500Principal())).toList(), "root");
        List<X509Certificate> others = certificates.stream().filter(c -> c != root).toList();
        X509Certificate authority = only(others.stream().filter(c -> c.getIssuerX500Principal().equals(root.getSubjectX500Principal())).toList(),
                "CA under the root");
        X509Certificate key = others.get(others.getFirst() == authority ? 1 : 0);
        return new Endorsements(key, authority, root, revocationList);
    }

    /**
     * Reads {@link #toJson()}.
     *
     * @throws AttestationException {@code snp.endorsements}, {@code pki.certificate} or {@code pki.crl} for a malformed one
     */
    public static Endorsements fromJson(String json) {
        JsonNode object = SignedJson.object(json, CODE);
        Bytes list = object.has("revocation_list") ? hex(object, "revocation_list") : Bytes.EMPTY;
        return of(hex(object, "endorsement_key"), hex(object, "authority"), hex(object, "root"), list);
    }

    /**
     * The endorsement key's certificate in {@link #toJson()}, or in a document that has it alone.
     *
     * @throws AttestationException as {@link #fromJson}
     */
    public static X509Certificate keyOf(String json) {
        return CertificateChain.parseDer(hex(SignedJson.object(json, CODE), "endorsement_key").toArray());
    }

    /** One JSON document for transport, DER in hexadecimal. */
    public String toJson() {
        var json = JsonNodeFactory.instance.objectNode()
                .put("endorsement_key", der(key)).put("authority", der(authority)).put("root", der(root));
        if (!revocationListDer.isEmpty()) {
            json.put("revocation_list", revocationListDer.hex());
        }
        return json.toString();
    }

    private static Bytes hex(JsonNode object, String name) {
        return SignedJson.hex(SignedJson.text(object, name, CODE), name, CODE);
    }

    private static String der(X509Certificate certificate) {
        return Bytes.of(CertificateChain.encoded(certificate)).hex();
    }

    private static X509Certificate only(List<X509Certificate> found, String what) {
        if (found.size() != 1) {
            throw new AttestationException(CODE, "the certificates hold " + found.size() + " that could be the " + what + ", must hold one");
        }
        return found.getFirst();
    }

    /** Of the endorsement key. */
    public X509Certificate key() {
        return key;
    }

    /** Of the CA. */
    public X509Certificate authority() {
        return authority;
    }

    /** Of the root that the chain brought along. */
    public X509Certificate root() {
        return root;
    }

    /** SHA-256 of the root's whole DER. */
    public Bytes rootFingerprint() {
        return rootFingerprint;
    }

    /** The product that the root's name claims; proves nothing by itself. */
    public Optional<Product> claimedProduct() {
        return Product.claimedBy(CertificateChain.commonName(root));
    }

    /** True when there is a revocation list. */
    public boolean hasRevocationList() {
        return revocationList.isPresent();
    }

    /** What keeps the three from being a chain of AMD's form; empty when they are one. */
    public Optional<String> chainProblem() {
        return chainProblem;
    }

    /** The first certificate that is not valid at {@code now}, in words; empty when all are. */
    public Optional<String> validityProblem(Instant now) {
        return List.of(key, authority, root).stream().flatMap(c -> CertificateChain.validityProblem(c, now).stream()).findFirst();
    }

    /** Why the revocation list cannot be used at {@code now}, or that it lists the CA; empty when neither, or when there is no list. */
    public Optional<String> revocationProblem(Instant now) {
        return revocationList.flatMap(list -> listProblem.or(() -> revocationProblem(list, authority, now)));
    }

    /** Why a list of AMD's root cannot be used at {@code now}, or that it lists the CA; empty when neither. Who signed it is another question. */
    public static Optional<String> revocationProblem(RevocationList list, X509Certificate authority, Instant now) {
        return list.validityProblem(now).or(() -> list.revokes(authority)
                ? Optional.of(CertificateChain.commonName(authority) + " (serial " + authority.getSerialNumber().toString(16) + ") is revoked")
                : Optional.empty());
    }

    private Optional<String> findChainProblem() {
        return authoritiesProblem(authority, root).or(() -> about(key, linkProblem(key, authority).or(this::keyProblem)));
    }

    /** What keeps a CA and its root from being a chain of AMD's form; empty when they are one. Part of {@link #chainProblem}, for who has no key's certificate yet. */
    public static Optional<String> authoritiesProblem(X509Certificate authority, X509Certificate root) {
        return about(root, linkProblem(root, root).or(() -> authorityProblem(root)))
                .or(() -> about(authority, linkProblem(authority, root).or(() -> authorityProblem(authority))));
    }

    private static Optional<String> about(X509Certificate certificate, Optional<String> problem) {
        return problem.map(text -> CertificateChain.commonName(certificate) + ": " + text);
    }

    private static Optional<String> linkProblem(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return Optional.of("its issuer is not " + CertificateChain.commonName(issuer));
        }
        if (certificate.getVersion() != 3 || certificate.hasUnsupportedCriticalExtension()) {
            return Optional.of("it is not an X.509 v3 certificate, or has a critical extension that is not known here");
        }
        if (!SignatureScheme.RSA_PSS_SHA384.isOf(certificate)) {
            return Optional.of("it is not signed with " + SignatureScheme.RSA_PSS_SHA384.label());
        }
        try {
            SignatureEngine.verify(certificate, issuer.getPublicKey());
            return Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of("its signature is not its issuer's");
        }
    }

    private static Optional<String> authorityProblem(X509Certificate certificate) {
        if (!(certificate.getPublicKey() instanceof RSAPublicKey rsa) || rsa.getModulus().bitLength() != RSA_BITS) {
            return Optional.of("its key is not RSA of " + RSA_BITS + " bits");
        }
        boolean[] usage = certificate.getKeyUsage();
        return certificate.getBasicConstraints() >= 0 && usage != null && usage[KEY_USAGE_CERT_SIGN]
                ? Optional.empty()
                : Optional.of("it may not issue certificates");
    }

    private Optional<String> keyProblem() {
        if (!P384.isP384(key.getPublicKey())) {
            return Optional.of("its key is not on P-384");
        }
        return key.getBasicConstraints() == -1 ? Optional.empty() : Optional.of("it is a CA, and stands where a key must");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Endorsements that && key.equals(that.key) && authority.equals(that.authority) && root.equals(that.root)
                && revocationListDer.equals(that.revocationListDer);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, authority, root, revocationListDer);
    }
}
