package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A root that a policy trusts, pinned by the SHA-256 of its whole DER. The root that a chain brings along is used only after it has
 * matched a pin, so no file need be shipped. There are three sorts: the makers' roots, known by their hashes; development roots, known by
 * their names; and roots that a caller trusts by their own decision ({@link #own}). A certificate that merely calls itself Intel's or
 * AMD's is none of them.
 *
 * @param fingerprint SHA-256 of the root's DER, 32 bytes
 * @param family      which names its certificates must bear
 */
public record TrustAnchor(Bytes fingerprint, Family family) {
    /** Every development certificate's common name starts so. */
    public static final String DEVELOPMENT_PREFIX = "Nyxos DEVELOPMENT ";

    /** Whose hardware a root speaks for: a root of one maker anchors no other maker's evidence. */
    public enum Maker {
        /** TDX and SGX. */
        INTEL,
        /** SEV-SNP. */
        AMD
    }

    /** Who may play which part in a chain, by common name: a CA's other certificates must not pass for its signers. */
    public enum Family {
        /** Intel's production PKI. */
        INTEL(Maker.INTEL, "Intel SGX Root CA", "intel-sgx-root", "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3"),
        /** AMD's for Milan processors. */
        AMD_MILAN(Maker.AMD, "ARK-Milan", "amd-ark-milan", "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"),
        /** AMD's for Genoa processors. */
        AMD_GENOA(Maker.AMD, "ARK-Genoa", "amd-ark-genoa", "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"),
        /** AMD's for Turin processors. */
        AMD_TURIN(Maker.AMD, "ARK-Turin", "amd-ark-turin", "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"),
        /** Of Intel's shape, made at run time, without hardware. */
        DEVELOPMENT(Maker.INTEL, DEVELOPMENT_PREFIX + "root, not Intel"),
        /** Of the shape of AMD's for Milan, made at run time, without hardware. */
        DEVELOPMENT_MILAN(Maker.AMD, DEVELOPMENT_PREFIX + "ARK-Milan, not AMD"),
        /** Of the shape of AMD's for Genoa, made at run time, without hardware. */
        DEVELOPMENT_GENOA(Maker.AMD, DEVELOPMENT_PREFIX + "ARK-Genoa, not AMD"),
        /** Of the shape of AMD's for Turin, made at run time, without hardware. */
        DEVELOPMENT_TURIN(Maker.AMD, DEVELOPMENT_PREFIX + "ARK-Turin, not AMD"),
        /** With Intel's names under a root of the caller's own. */
        OWN_INTEL(Maker.INTEL, INTEL.root),
        /** With AMD's names for Milan under a root of the caller's own. */
        OWN_MILAN(Maker.AMD, AMD_MILAN.root),
        /** With AMD's names for Genoa under a root of the caller's own. */
        OWN_GENOA(Maker.AMD, AMD_GENOA.root),
        /** With AMD's names for Turin under a root of the caller's own. */
        OWN_TURIN(Maker.AMD, AMD_TURIN.root);

        private static final Set<Family> OWN = EnumSet.of(OWN_INTEL, OWN_MILAN, OWN_GENOA, OWN_TURIN);

        private final Maker maker;
        private final String root;
        private final Optional<String> label;
        private final Optional<Bytes> pin;

        Family(Maker maker, String root, String label, String pin) {
            this.maker = maker;
            this.root = root;
            this.label = Optional.of(label);
            this.pin = Optional.of(Bytes.fromHex(pin));
        }

        Family(Maker maker, String root) {
            this.maker = maker;
            this.root = root;
            this.label = Optional.empty();
            this.pin = Optional.empty();
        }

        /** Whose hardware it speaks for. */
        public Maker maker() {
            return maker;
        }

        /** True when it stands for no hardware: a development root, or one of the caller's own. */
        public boolean development() {
            return pin.isEmpty();
        }

        /** What every common name of this family starts with: nothing, or {@link #DEVELOPMENT_PREFIX}. */
        public String prefix() {
            return named() ? DEVELOPMENT_PREFIX : "";
        }

        /** True when every certificate of it says by its name that no hardware stands behind it. */
        private boolean named() {
            return development() && !OWN.contains(this);
        }

        /** Common name of the root. */
        public String root() {
            return root;
        }

        /** Common names of the CAs that issue Intel's PCK certificates. */
        public Set<String> pckAuthorities() {
            return named() ? Set.of(intel("PCK Platform CA")) : Set.of(intel("PCK Platform CA"), intel("PCK Processor CA"));
        }

        /** Common name of Intel's PCK certificates. */
        public String pckLeaf() {
            return intel("PCK Certificate");
        }

        /** Common name of who signs Intel's TCB info and enclave identities. */
        public String tcbSigner() {
            return intel("TCB Signing");
        }

        private String intel(String role) {
            return (named() ? DEVELOPMENT_PREFIX : "Intel SGX ") + role;
        }
    }

    /** Checks that nothing but a maker's root passes for it. */
    public TrustAnchor {
        if (family.pin.isPresent() && !family.pin.get().equals(fingerprint)) {
            throw new AttestationException("pki.anchor", "sha256 " + fingerprint + " is not the root " + family.root);
        }
    }

    /** Intel's SGX root CA (valid to 2049), under which all SGX and TDX certificates hang. */
    public static TrustAnchor intelSgxRoot() {
        return pinned(Family.INTEL);
    }

    /** The roots of all makers whose hardware is known here. */
    public static List<TrustAnchor> hardwareRoots() {
        return Arrays.stream(Family.values()).filter(family -> !family.development()).map(TrustAnchor::pinned).toList();
    }

    /** The root of this name ({@code intel-sgx-root}, {@code amd-ark-milan}…); empty when none has it. */
    public static Optional<TrustAnchor> named(String label) {
        return Arrays.stream(Family.values()).filter(family -> family.label.equals(Optional.of(label))).findFirst().map(TrustAnchor::pinned);
    }

    /** The names that {@link #named} knows. */
    public static List<String> names() {
        return Arrays.stream(Family.values()).flatMap(family -> family.label.stream()).toList();
    }

    private static TrustAnchor pinned(Family family) {
        return new TrustAnchor(family.pin.orElseThrow(), family);
    }

    /**
     * The anchor of a root certificate.
     *
     * @param pem one self-signed certificate
     * @throws AttestationException {@code pki.anchor} when it is neither a maker's root nor a development root
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

    /**
     * As {@link #ofPem}, of a certificate.
     *
     * @throws AttestationException {@code pki.anchor} likewise
     */
    public static TrustAnchor of(X509Certificate root) {
        Bytes fingerprint = CertificateChain.fingerprint(root);
        String name = CertificateChain.commonName(root);
        return Arrays.stream(Family.values())
                .filter(family -> family.pin.map(fingerprint::equals).orElseGet(() -> family.named() && family.root.equals(name)))
                .findFirst()
                .map(family -> new TrustAnchor(fingerprint, family))
                .orElseThrow(() -> new AttestationException("pki.anchor", "\"" + name + "\" (sha256 " + fingerprint
                        + ") is neither one of " + names() + " nor a Nyxos development root"));
    }

    /**
     * The anchor of a root that the caller trusts by their own decision, though it is no maker's: evidence under it says nothing about any
     * hardware, so a policy takes it only as it takes development roots. Its certificates must bear the maker's names.
     *
     * @param root  a maker's root and a development root stay what they are
     * @param maker whose names they bear
     * @throws AttestationException {@code pki.anchor} when the root does not bear the name of one of this maker's
     */
    public static TrustAnchor own(X509Certificate root, Maker maker) {
        Bytes fingerprint = CertificateChain.fingerprint(root);
        String name = CertificateChain.commonName(root);
        return Arrays.stream(Family.values())
                .filter(family -> family.maker == maker && family.pin.map(fingerprint::equals).orElseGet(() -> family.root.equals(name)))
                .findFirst()
                .map(family -> new TrustAnchor(fingerprint, family))
                .orElseThrow(() -> new AttestationException("pki.anchor", "\"" + name + "\" is not the name of a root of " + maker));
    }

    /** True when {@code root} names itself a development root. */
    public static boolean isDevelopment(X509Certificate root) {
        String name = CertificateChain.commonName(root);
        return Arrays.stream(Family.values()).anyMatch(family -> family.named() && family.root.equals(name));
    }

    /** True when this anchor stands for no hardware. */
    public boolean development() {
        return family.development();
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
