package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CRLReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Judges a device's chain by revocation lists: revoked for good and on hold are different results. */
final class DeviceRevocation {
    private static final String DISTRIBUTION_POINTS = "2.5.29.31";
    private static final String ECDSA_SHA384 = "1.2.840.10045.4.3.3";

    private final List<String> problems = new ArrayList<>();
    private final List<String> revoked = new ArrayList<>();
    private final List<String> onHold = new ArrayList<>();
    private int used;

    private DeviceRevocation() {
    }

    static DeviceRevocation judge(CertificateChain chain, List<Bytes> lists, boolean required, Instant now) {
        DeviceRevocation result = new DeviceRevocation();
        List<X509CRL> parsed = new ArrayList<>();
        if (lists.size() > GpuEvidence.MAX_PARTS) {
            result.problems.add(lists.size() + " revocation lists are given, at most " + GpuEvidence.MAX_PARTS + " are read");
        }
        for (Bytes der : lists.stream().limit(GpuEvidence.MAX_PARTS).toList()) {
            parse(der).ifPresentOrElse(parsed::add, () -> result.problems.add("a revocation list cannot be read"));
        }
        for (int i = 0; i + 1 < chain.size(); i++) {
            result.judge(chain.get(i), chain.get(i + 1), parsed, required, now);
        }
        return result;
    }

    private void judge(X509Certificate certificate, X509Certificate issuer, List<X509CRL> lists, boolean required, Instant now) {
        Optional<X509CRL> list = lists.stream()
                .filter(crl -> crl.getIssuerX500Principal().equals(certificate.getIssuerX500Principal()))
                .findFirst();
        String name = CertificateChain.commonName(issuer);
        if (list.isEmpty()) {
            if (required && certificate.getExtensionValue(DISTRIBUTION_POINTS) != null) {
                problems.add("the revocation list of " + name + " is missing");
            }
            return;
        }
        Optional<String> problem = problem(list.get(), issuer, now);
        if (problem.isPresent()) {
            problems.add("the revocation list of " + name + " " + problem.get());
            return;
        }
        used++;
        X509CRLEntry entry = list.get().getRevokedCertificate(certificate.getSerialNumber());
        if (entry != null) {
            boolean hold = entry.getRevocationReason() == CRLReason.CERTIFICATE_HOLD;
            (hold ? onHold : revoked).add(CertificateChain.commonName(certificate) + " (serial " + certificate.getSerialNumber().toString(16) + ") since "
                    + entry.getRevocationDate().toInstant());
        }
    }

    private static Optional<X509CRL> parse(Bytes der) {
        try {
            return Optional.of((X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der.toArray())));
        } catch (CRLException | CertificateException | RuntimeException e) {
            // The JDK's parser lets runtime exceptions of broken DER through; why it cannot be read helps nobody.
            return Optional.empty();
        }
    }

    private static Optional<String> problem(X509CRL crl, X509Certificate issuer, Instant now) {
        if (crl.hasUnsupportedCriticalExtension() || !ECDSA_SHA384.equals(crl.getSigAlgOID())) {
            return Optional.of("has an algorithm or a critical extension that is not known here");
        }
        try {
            crl.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of("is not signed by it");
        }
        boolean current = crl.getNextUpdate() != null && !now.isBefore(crl.getThisUpdate().toInstant()) && !now.isAfter(crl.getNextUpdate().toInstant());
        return current ? Optional.empty() : Optional.of("is not current");
    }

    Optional<String> listProblem() {
        return said(problems);
    }

    Optional<String> revokedProblem() {
        return said(revoked).map(what -> "revoked: " + what);
    }

    Optional<String> holdProblem() {
        return said(onHold).map(what -> "on hold: " + what);
    }

    int used() {
        return used;
    }

    private static Optional<String> said(List<String> what) {
        return what.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", what));
    }
}
