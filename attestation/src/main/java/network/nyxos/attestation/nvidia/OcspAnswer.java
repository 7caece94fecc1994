package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P256;
import network.nyxos.attestation.pki.P384;
import network.nyxos.attestation.pki.SignatureEngine;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRLReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an issuer's OCSP service says of its certificates (RFC 6960). Signed by the issuer, or by a responder that the issuer's own key has
 * certified for it. Nothing of it counts before {@link #problem} found nothing.
 */
public final class OcspAnswer {
    private static final int SUCCESSFUL = 0;
    private static final int MAX_RESPONDERS = 4;
    private static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    private static final DigestCalculatorProvider DIGESTS = new BcDigestCalculatorProvider();
    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS = Map.of(X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA");

    private final BasicOCSPResp answer;

    private OcspAnswer(BasicOCSPResp answer) {
        this.answer = answer;
    }

    /** What it says of a certificate. */
    sealed interface Status {
        /** Not revoked. */
        record Good() implements Status {
        }

        /** Revoked or on hold. */
        record Revoked(Instant since, boolean hold) implements Status {
        }

        /** It knows nothing of it. */
        record Unknown() implements Status {
        }
    }

    /**
     * Reads an answer.
     *
     * @param der an OCSPResponse, nothing before or behind it
     * @return empty when it is none, or one that tells of no certificate
     */
    public static Optional<OcspAnswer> parse(Bytes der) {
        try {
            OCSPResp response = new OCSPResp(der.toArray());
            boolean exact = Arrays.equals(response.getEncoded(), der.toArray());
            return exact && response.getStatus() == SUCCESSFUL && response.getResponseObject() instanceof BasicOCSPResp basic ? Optional.of(new OcspAnswer(basic)) : Optional.empty();
        } catch (IOException | OCSPException | RuntimeException e) {
            // The ASN.1 library tells of broken content by several runtime exceptions.
            return Optional.empty();
        }
    }

    /** The part of the answer that is about {@code certificate}; empty when none is. */
    private Optional<SingleResp> about(X509Certificate certificate, X509Certificate issuer) {
        try {
            X509CertificateHolder holder = new X509CertificateHolder(CertificateChain.encoded(issuer));
            for (SingleResp each : answer.getResponses()) {
                if (each.getCertID().getSerialNumber().equals(certificate.getSerialNumber()) && each.getCertID().matchesIssuer(holder, DIGESTS)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        } catch (IOException | OCSPException | RuntimeException e) {
            // A digest that is not known here names nobody.
            return Optional.empty();
        }
    }

    /** True when it tells of {@code certificate}. */
    boolean tellsOf(X509Certificate certificate, X509Certificate issuer) {
        return about(certificate, issuer).isPresent();
    }

    /** Why what it tells of {@code certificate} cannot be used at {@code now}; empty when it can. */
    Optional<String> problem(X509Certificate certificate, X509Certificate issuer, Instant now) {
        SingleResp single = about(certificate, issuer).orElseThrow();
        if (single.getNextUpdate() == null) {
            return Optional.of("has no next update");
        }
        if (now.isBefore(single.getThisUpdate().toInstant()) || now.isAfter(single.getNextUpdate().toInstant())) {
            return Optional.of("is not current");
        }
        return signers(issuer, now).stream().anyMatch(this::signedBy) ? Optional.empty() : Optional.of("is signed neither by it nor by a responder of its own");
    }

    /** What it says of {@code certificate}. */
    Status status(X509Certificate certificate, X509Certificate issuer) {
        CertificateStatus said = about(certificate, issuer).orElseThrow().getCertStatus();
        return switch (said) {
            case null -> new Status.Good();
            case RevokedStatus revoked -> new Status.Revoked(revoked.getRevocationTime().toInstant(),
                    revoked.hasRevocationReason() && revoked.getRevocationReason() == CRLReason.CERTIFICATE_HOLD.ordinal());
            case UnknownStatus ignored -> new Status.Unknown();
            default -> new Status.Unknown();
        };
    }

    /** The issuer's key, and those of responders that it has certified. */
    private List<PublicKey> signers(X509Certificate issuer, Instant now) {
        List<PublicKey> keys = new ArrayList<>(List.of(issuer.getPublicKey()));
        for (X509CertificateHolder holder : Arrays.stream(answer.getCerts()).limit(MAX_RESPONDERS).toList()) {
            try {
                X509Certificate responder = CertificateChain.parseDer(holder.getEncoded());
                List<String> usage = responder.getExtendedKeyUsage();
                boolean responds = usage != null && usage.contains(OCSP_SIGNING) && responder.getBasicConstraints() == -1 && !responder.hasUnsupportedCriticalExtension();
                if (responds && responder.getIssuerX500Principal().equals(issuer.getSubjectX500Principal()) && CertificateChain.validityProblem(responder, now).isEmpty()) {
                    SignatureEngine.verify(responder, issuer.getPublicKey());
                    keys.add(responder.getPublicKey());
                }
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                // A certificate that is none, or somebody else's, makes no responder.
            }
        }
        return keys;
    }

    private boolean signedBy(PublicKey key) {
        String algorithm = ALGORITHMS.get(answer.getSignatureAlgOID());
        return algorithm != null && (P384.isP384(key) || P256.isP256(key)) && SignatureEngine.verify(algorithm, key, answer.getTBSResponseData(), answer.getSignature());
    }
}
