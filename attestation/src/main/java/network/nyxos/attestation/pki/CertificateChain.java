package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Certificates from leaf to root, in that order. {@link #problem()} says once and for all whether they form a chain; whether the root is
 * a trusted one is for {@link TrustAnchor}, and validity is asked with a time.
 */
public final class CertificateChain {
    /** ecdsa-with-SHA256. */
    static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";

    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";
    private static final int MAX_CERTIFICATES = 8;
    private static final int KEY_USAGE_DIGITAL_SIGNATURE = 0;
    private static final int KEY_USAGE_CERT_SIGN = 5;

    private final List<X509Certificate> certificates;
    private final Bytes rootFingerprint;
    private final Optional<String> problem;

    private CertificateChain(List<X509Certificate> certificates) {
        this.certificates = List.copyOf(certificates);
        this.rootFingerprint = fingerprint(certificates.getLast());
        this.problem = findProblem();
    }

    /**
     * Reads concatenated PEM certificates. Between and after them only line breaks, and one NUL at the very end, may stand.
     *
     * @throws AttestationException {@code pki.certificate} when it is anything else
     */
    public static CertificateChain parsePem(String pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        String rest = pem.endsWith("\0") ? pem.substring(0, pem.length() - 1) : pem;
        while (!rest.isEmpty()) {
            // Behind the beginning: the dashes of the two may overlap.
            int end = rest.indexOf(END, BEGIN.length());
            if (!rest.startsWith(BEGIN) || end < 0) {
                throw new AttestationException("pki.certificate", "the certificate chain holds something that is not a PEM certificate");
            }
            if (certificates.size() == MAX_CERTIFICATES) {
                throw new AttestationException("pki.certificate", "the certificate chain has more than " + MAX_CERTIFICATES + " certificates");
            }
            certificates.add(parseDer(decodeBase64(rest.substring(BEGIN.length(), end))));
            rest = withoutLeadingBreaks(rest.substring(end + END.length()));
        }
        if (certificates.isEmpty()) {
            throw new AttestationException("pki.certificate", "there is no certificate");
        }
        return new CertificateChain(certificates);
    }

    /**
     * Reads one DER certificate.
     *
     * @throws AttestationException {@code pki.certificate} when it is not exactly that
     */
    public static X509Certificate parseDer(byte[] der) {
        X509Certificate certificate;
        boolean exact;
        try {
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            exact = Bytes.of(certificate.getEncoded()).equals(Bytes.of(der));
        } catch (CertificateException | RuntimeException e) {
            // The JDK's parser lets runtime exceptions of broken DER through.
            throw new AttestationException("pki.certificate", "not a certificate: " + e.getMessage(), e);
        }
        if (!exact) {
            throw new AttestationException("pki.certificate", "bytes beside the certificate");
        }
        return certificate;
    }

    /** How many certificates there are. */
    public int size() {
        return certificates.size();
    }

    /** The first: whose key signed. */
    public X509Certificate leaf() {
        return certificates.getFirst();
    }

    /** The certificate at {@code index}; 0 is the leaf. */
    public X509Certificate get(int index) {
        return certificates.get(index);
    }

    /** The last, self-signed when {@link #problem()} is empty. */
    public X509Certificate root() {
        return certificates.getLast();
    }

    /** SHA-256 of the root's whole DER. */
    public Bytes rootFingerprint() {
        return rootFingerprint;
    }

    /**
     * What keeps these certificates from being a chain: names, signatures, algorithms, CA flags, path lengths, key usage, unknown
     * critical extensions. Empty when they are one.
     */
    public Optional<String> problem() {
        return problem;
    }

    /** The first certificate that is not valid at {@code now}, in words; empty when all are. */
    public Optional<String> validityProblem(Instant now) {
        return certificates.stream().flatMap(certificate -> validityProblem(certificate, now).stream()).findFirst();
    }

    /** Why {@code certificate} is not valid at {@code now}; empty when it is. */
    public static Optional<String> validityProblem(X509Certificate certificate, Instant now) {
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            return Optional.of(commonName(certificate) + " is not valid before " + certificate.getNotBefore().toInstant());
        }
        return now.isAfter(certificate.getNotAfter().toInstant())
                ? Optional.of(commonName(certificate) + " expired at " + certificate.getNotAfter().toInstant())
                : Optional.empty();
    }

    /** The one common name of the subject, or no text when it has none or several. */
    public static String commonName(X509Certificate certificate) {
        try {
            List<String> names = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns().stream()
                    .filter(rdn -> rdn.getType().equalsIgnoreCase("CN") && rdn.size() == 1)
                    .map(Rdn::getValue)
                    .map(String::valueOf)
                    .toList();
            return names.size() == 1 ? names.getFirst() : "";
        } catch (InvalidNameException e) {
            return "";
        }
    }

    /** SHA-256 of the whole DER of {@code certificate}. */
    public static Bytes fingerprint(X509Certificate certificate) {
        return Bytes.of(encoded(certificate)).sha256();
    }

    /** DER of {@code certificate}. */
    public static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateException e) {
            throw new AttestationException("pki.certificate", "not a certificate: " + e.getMessage(), e);
        }
    }

    private Optional<String> findProblem() {
        for (int i = 0; i < certificates.size(); i++) {
            X509Certificate certificate = certificates.get(i);
            X509Certificate issuer = certificates.get(Math.min(i + 1, certificates.size() - 1));
            int below = i;
            Optional<String> found = linkProblem(certificate, issuer).or(() -> roleProblem(certificate, below));
            if (found.isPresent()) {
                return found.map(text -> "certificate " + (below + 1) + " (" + commonName(certificate) + "): " + text);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> linkProblem(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return Optional.of("its issuer is not the next certificate");
        }
        if (!P256.isP256(certificate.getPublicKey())) {
            return Optional.of("its key is not on P-256");
        }
        if (!ECDSA_SHA256.equals(certificate.getSigAlgOID())) {
            return Optional.of("it is not signed with ECDSA and SHA-256");
        }
        try {
            SignatureEngine.verify(certificate, issuer.getPublicKey());
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of("its signature is not its issuer's");
        }
        return Optional.empty();
    }

    /**
     * What keeps {@code certificate} from its part in a chain; empty when it fits.
     *
     * @param below how many certificates stand between this one and the subscriber key: 0 for the leaf itself
     */
    public static Optional<String> roleProblem(X509Certificate certificate, int below) {
        if (certificate.getVersion() != 3) {
            return Optional.of("it is not an X.509 v3 certificate");
        }
        if (certificate.hasUnsupportedCriticalExtension()) {
            return Optional.of("it has a critical extension that is not known here");
        }
        boolean[] usage = certificate.getKeyUsage();
        int pathLength = certificate.getBasicConstraints();
        if (below == 0) {
            if (pathLength != -1) {
                return Optional.of("it is a CA, and stands where a leaf must");
            }
            return usage != null && usage[KEY_USAGE_DIGITAL_SIGNATURE] ? Optional.empty() : Optional.of("its key may not sign data");
        }
        if (pathLength < below - 1) {
            return Optional.of(pathLength == -1 ? "it is not a CA" : "its path length " + pathLength + " is exceeded");
        }
        return usage != null && usage[KEY_USAGE_CERT_SIGN] ? Optional.empty() : Optional.of("its key may not sign certificates");
    }

    private static String withoutLeadingBreaks(String text) {
        int start = 0;
        while (start < text.length() && (text.charAt(start) == '\n' || text.charAt(start) == '\r')) {
            start++;
        }
        return text.substring(start);
    }

    /** Strict and canonical: a decoder that skips what it does not know lets one chain have many texts, and evidence many hashes. */
    private static byte[] decodeBase64(String text) {
        String digits = text.replace("\r", "").replace("\n", "");
        try {
            byte[] der = Base64.getDecoder().decode(digits);
            if (!Base64.getEncoder().encodeToString(der).equals(digits)) {
                throw new AttestationException("pki.certificate", "a PEM certificate is not canonical base64");
            }
            return der;
        } catch (IllegalArgumentException e) {
            throw new AttestationException("pki.certificate", "a PEM certificate is not base64", e);
        }
    }
}
