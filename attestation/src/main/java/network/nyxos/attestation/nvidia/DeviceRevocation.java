package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.SignatureEngine;

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

/** Judges a device's chain by revocation lists and OCSP answers: revoked for good and on hold are different results, and so is that nobody was asked. */
final class DeviceRevocation {
    private static final String DISTRIBUTION_POINTS = "2.5.29.31";
    private static final String AUTHORITY_ACCESS = "1.3.6.1.5.5.7.1.1";
    private static final String ECDSA_SHA384 = "1.2.840.10045.4.3.3";

    private final List<String> problems = new ArrayList<>();
    private final List<String> revoked = new ArrayList<>();
    private final List<String> onHold = new ArrayList<>();
    private int lists;
    private int answers;

    private DeviceRevocation() {
    }

    static DeviceRevocation judge(CertificateChain chain, List<Bytes> lists, boolean required, Instant now) {
        DeviceRevocation result = new DeviceRevocation();
        List<X509CRL> parsed = new ArrayList<>();
        List<OcspAnswer> told = new ArrayList<>();
        if (lists.size() > GpuEvidence.MAX_PARTS) {
            result.problems.add(lists.size() + " revocation lists are given, at most " + GpuEvidence.MAX_PARTS + " are read");
        }
        for (Bytes der : lists.stream().limit(GpuEvidence.MAX_PARTS).toList()) {
            OcspAnswer.parse(der).ifPresentOrElse(told::add,
                    () -> parse(der).ifPresentOrElse(parsed::add, () -> result.problems.add("a revocation list or OCSP answer cannot be read")));
        }
        for (int i = 0; i + 1 < chain.size(); i++) {
            result.judge(chain.get(i), chain.get(i + 1), parsed, told, required, now);
        }
        return result;
    }

    private void judge(X509Certificate certificate, X509Certificate issuer, List<X509CRL> given, List<OcspAnswer> told, boolean required, Instant now) {
        String name = CertificateChain.commonName(issuer);
        Optional<X509CRL> list = given.stream().filter(crl -> crl.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())).findFirst();
        List<OcspAnswer> about = told.stream().filter(answer -> answer.tellsOf(certificate, issuer)).toList();
        boolean asksFor = certificate.getExtensionValue(DISTRIBUTION_POINTS) != null || certificate.getExtensionValue(AUTHORITY_ACCESS) != null;
        if (required && asksFor && list.isEmpty() && about.isEmpty()) {
            problems.add("neither revocation list nor OCSP answer of " + name + " is there");
        }
        list.ifPresent(crl -> problem(crl, issuer, now).ifPresentOrElse(why -> problems.add("the revocation list of " + name + " " + why), () -> listed(certificate, crl)));
        about.forEach(answer -> answer.problem(certificate, issuer, now).ifPresentOrElse(why -> problems.add("the OCSP answer of " + name + " " + why),
                () -> answered(certificate, name, answer.status(certificate, issuer))));
    }

    private void listed(X509Certificate certificate, X509CRL list) {
        lists++;
        X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
        if (entry != null) {
            revoked(certificate, entry.getRevocationReason() == CRLReason.CERTIFICATE_HOLD, entry.getRevocationDate().toInstant());
        }
    }

    private void answered(X509Certificate certificate, String issuer, OcspAnswer.Status status) {
        answers++;
        switch (status) {
            case OcspAnswer.Status.Good() -> { }
            case OcspAnswer.Status.Revoked(Instant since, boolean hold) -> revoked(certificate, hold, since);
            case OcspAnswer.Status.Unknown() -> problems.add("the OCSP service of " + issuer + " does not know " + CertificateChain.commonName(certificate));
        }
    }

    private void revoked(X509Certificate certificate, boolean hold, Instant since) {
        (hold ? onHold : revoked).add(CertificateChain.commonName(certificate) + " (serial " + certificate.getSerialNumber().toString(16) + ") since " + since);
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
            SignatureEngine.verify(crl, issuer.getPublicKey());
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

    /** Who was asked, in words. */
    String asked() {
        return lists + answers == 0 ? "not asked: the policy does without revocation lists and OCSP answers" : "by " + lists + " revocation lists and " + answers + " OCSP answers";
    }

    private static Optional<String> said(List<String> what) {
        return what.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", what));
    }
}
