package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/** A certificate revocation list in DER. Whose it is and whether it is current is asked with an issuer and a time. */
public final class RevocationList {
    private final X509CRL crl;

    private RevocationList(X509CRL crl) {
        this.crl = crl;
    }

    /**
     * Reads a list.
     *
     * @throws AttestationException {@code pki.crl} when it is not exactly one DER list
     */
    public static RevocationList parse(Bytes der) {
        if (der.isEmpty()) {
            throw new AttestationException("pki.crl", "the revocation list is missing");
        }
        X509CRL crl;
        boolean exact;
        try {
            crl = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der.toArray()));
            exact = Bytes.of(crl.getEncoded()).equals(der);
        } catch (CRLException | CertificateException | RuntimeException e) {
            // The JDK's parser lets runtime exceptions of broken DER through.
            throw new AttestationException("pki.crl", "not a revocation list: " + e.getMessage(), e);
        }
        if (!exact) {
            throw new AttestationException("pki.crl", "bytes beside the revocation list");
        }
        return new RevocationList(crl);
    }

    /** As {@link #issuerProblem(X509Certificate, SignatureScheme)} with Intel's scheme. */
    public Optional<String> issuerProblem(X509Certificate issuer) {
        return issuerProblem(issuer, SignatureScheme.ECDSA_SHA256);
    }

    /** Why this list is not {@code issuer}'s, signed by {@code scheme}; empty when it is. Does not depend on time. */
    public Optional<String> issuerProblem(X509Certificate issuer, SignatureScheme scheme) {
        if (!crl.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return Optional.of("the revocation list is of " + crl.getIssuerX500Principal().getName() + ", not of "
                    + CertificateChain.commonName(issuer));
        }
        if (crl.hasUnsupportedCriticalExtension() || !scheme.isOf(crl)) {
            return Optional.of("the revocation list of " + CertificateChain.commonName(issuer) + " has an algorithm or a critical extension not known here");
        }
        try {
            SignatureEngine.verify(crl, issuer.getPublicKey());
            return Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of("the revocation list is not signed by " + CertificateChain.commonName(issuer));
        }
    }

    /** Why this list cannot be used at {@code now}; empty when it can. A list without an end is refused: it would hide every later one. */
    public Optional<String> validityProblem(Instant now) {
        if (crl.getNextUpdate() == null) {
            return Optional.of("the revocation list has no next update");
        }
        if (now.isBefore(crl.getThisUpdate().toInstant())) {
            return Optional.of("the revocation list is from the future: " + crl.getThisUpdate().toInstant());
        }
        if (now.isAfter(crl.getNextUpdate().toInstant())) {
            return Optional.of("the revocation list expired at " + crl.getNextUpdate().toInstant());
        }
        return Optional.empty();
    }

    /** When the next list is due; empty when this one does not say. */
    public Optional<Instant> nextUpdate() {
        return Optional.ofNullable(crl.getNextUpdate()).map(java.util.Date::toInstant);
    }

    /** True when {@code certificate} is on this list of its issuer. */
    public boolean revokes(X509Certificate certificate) {
        return crl.getRevokedCertificate(certificate.getSerialNumber()) != null;
    }
}
