package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * A root that a policy trusts, pinned by the SHA-256 of its whole DER. The root that a chain brings along is used only after it has
 * matched a pin, so no file need be shipped. There are two families and no third: Intel's own root, known by its hash, and development
 * roots, known by their names. A certificate that merely calls itself Intel's is neither.
 *
 * @param fingerprint SHA-256 of the root's DER, 32 bytes
 * @param family      which names its certificates must bear
 */
public record TrustAnchor(Bytes fingerprint, Family family) {
    /** Every development certificate's common name starts so. */
    public static final String DEVELOPMENT_PREFIX = "Nyxos DEVELOPMENT ";

    private static final Bytes INTEL_SGX_ROOT =
            Bytes.fromHex("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");

    /** Who may play which part in a chain, by common name: a CA's other certificates must not pass for its signers. */
    public enum Family {
        /** Intel's production PKI. */
        INTEL("Intel SGX Root CA", Set.of("Intel SGX PCK Platform CA", "Intel SGX PCK Processor CA"), "Intel SGX PCK Certificate",
                "Intel SGX TCB Signing"),
        /** Made at run time, without hardware. */
        DEVELOPMENT(DEVELOPMENT_PREFIX + "root, not Intel", Set.of(DEVELOPMENT_PREFIX + "PCK Platform CA"),
                DEVELOPMENT_PREFIX + "PCK Certificate", DEVELOPMENT_PREFIX + "TCB Signing");

        private final String root;
        private final Set<String> pckAuthorities;
        private final String pckLeaf;
        private final String tcbSigner;

        Family(String root, Set<String> pckAuthorities, String pckLeaf, String tcbSigner) {
            this.root = root;
            this.pckAuthorities = pckAuthorities;
            this.pckLeaf = pckLeaf;
            this.tcbSigner = tcbSigner;
        }

        /** Common name of the root. */
        public String root() {
            return root;
        }

        /** Common names of the CAs that issue PCK certificates. */
        public Set<String> pckAuthorities() {
            return pckAuthorities;
        }

        /** Common name of PCK certificates. */
        public String pckLeaf() {
            return pckLeaf;
        }

        /** Common name of who signs TCB info and enclave identities. */
        public String tcbSigner() {
            return tcbSigner;
        }
    }

    /** Checks that nothing but Intel's root passes for it. */
    public TrustAnchor {
        if (family == Family.INTEL && !fingerprint.equals(INTEL_SGX_ROOT)) {
            throw new AttestationException("pki.anchor", "sha256 " + fingerprint + " is not Intel's SGX root");
        }
    }

    /** Intel's SGX root CA (valid to 2049), under which all SGX and TDX certificates hang. */
    public static TrustAnchor intelSgxRoot() {
        return new TrustAnchor(INTEL_SGX_ROOT, Family.INTEL);
    }

    /**
     * The anchor of a root certificate.
     *
     * @param pem one self-signed certificate
     * @throws AttestationException {@code pki.anchor} when it is neither Intel's root nor a development root
     */
    public static TrustAnchor ofPem(String pem) {
        CertificateChain chain = CertificateChain.parsePem(pem);
        if (chain.size() != 1) {
            throw new AttestationException("pki.anchor", "a root is one certificate, not " + chain.size());
        }
        return of(chain.root());
    }

    /** As {@link #ofPem}, from DER. */
    public static TrustAnchor ofDer(byte[] der) {
        return of(CertificateChain.parseDer(der));
    }

    private static TrustAnchor of(X509Certificate root) {
        Bytes fingerprint = CertificateChain.fingerprint(root);
        if (fingerprint.equals(INTEL_SGX_ROOT)) {
            return intelSgxRoot();
        }
        if (isDevelopment(root)) {
            return new TrustAnchor(fingerprint, Family.DEVELOPMENT);
        }
        throw new AttestationException("pki.anchor", "\"" + CertificateChain.commonName(root) + "\" (sha256 " + fingerprint
                + ") is neither Intel's SGX root nor a Nyxos development root");
    }

    /** True when {@code root} names itself a development root. */
    public static boolean isDevelopment(X509Certificate root) {
        return CertificateChain.commonName(root).equals(Family.DEVELOPMENT.root());
    }

    /** True when this anchor stands for no hardware. */
    public boolean development() {
        return family == Family.DEVELOPMENT;
    }

    /** True when {@code chain} ends in this very root. */
    public boolean anchors(CertificateChain chain) {
        return chain.rootFingerprint().equals(fingerprint);
    }

    /** A PEM certificate of {@code der}. */
    public static String toPem(byte[] der) {
        return "-----BEGIN CERTIFICATE-----\n"
                + java.util.Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }
}
