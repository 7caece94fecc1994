package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P384;
import network.nyxos.attestation.pki.SignatureEngine;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** What keeps certificates from being a chain of NVIDIA's: all keys on P-384, all signatures ECDSA with SHA-384, each in its part. */
final class P384Chain {
    private static final String ECDSA_SHA384 = "1.2.840.10045.4.3.3";

    private P384Chain() {
    }

    /** Names, signatures, algorithms, CA flags, path lengths, key usage, unknown critical extensions; empty when all is right. */
    static Optional<String> problem(CertificateChain chain, int length) {
        if (chain.size() != length) {
            return Optional.of("the chain has " + chain.size() + " certificates, must have " + length);
        }
        for (int i = 0; i < length; i++) {
            X509Certificate certificate = chain.get(i);
            int below = i;
            Optional<String> found = linkProblem(certificate, chain.get(Math.min(i + 1, length - 1))).or(() -> CertificateChain.roleProblem(certificate, below));
            if (found.isPresent()) {
                return found.map(text -> "certificate " + (below + 1) + " (" + CertificateChain.commonName(certificate) + "): " + text);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> linkProblem(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return Optional.of("its issuer is not the next certificate");
        }
        if (!P384.isP384(certificate.getPublicKey()) || !P384.isP384(issuer.getPublicKey())) {
            return Optional.of("its key or its issuer's is not on P-384");
        }
        return signatureProblem(certificate, issuer);
    }

    private static Optional<String> signatureProblem(X509Certificate certificate, X509Certificate issuer) {
        if (!ECDSA_SHA384.equals(certificate.getSigAlgOID())) {
            return Optional.of("it is not signed with ECDSA and SHA-384");
        }
        try {
            SignatureEngine.verify(certificate, issuer.getPublicKey());
            return Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of("its signature is not its issuer's");
        }
    }
}
