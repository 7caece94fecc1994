package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;

import java.security.cert.X509Certificate;

/**
 * A root that a {@link GpuPolicy} trusts, pinned by the SHA-256 of its whole DER. NVIDIA's own two are known by their hashes, development
 * roots by their names; a certificate that merely calls itself NVIDIA's is neither.
 *
 * @param fingerprint SHA-256 of the root's DER, 32 bytes
 * @param purpose     what hangs under it
 * @param development it stands for no hardware
 */
public record NvidiaRoot(Bytes fingerprint, Purpose purpose, boolean development) {
    private static final Bytes DEVICE_IDENTITY = Bytes.fromHex("102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48");
    private static final Bytes RIM_SIGNING = Bytes.fromHex("12977b5115acb0381179279fffeb5a8c4d264971ebb32298023a465fa41df5d1");

    /** What hangs under a root. A root of one purpose is none for the other. */
    public enum Purpose {
        /** The keys of GPUs. */
        DEVICE("NVIDIA Device Identity CA", TrustAnchor.DEVELOPMENT_PREFIX + "Device Identity CA, not NVIDIA"),
        /** The signers of reference manifests. */
        REFERENCE_MANIFEST("NVIDIA CoRIM signing Root CA", TrustAnchor.DEVELOPMENT_PREFIX + "CoRIM signing Root CA, not NVIDIA");

        private final String name;
        private final String developmentName;

        Purpose(String name, String developmentName) {
            this.name = name;
            this.developmentName = developmentName;
        }

        /** Common name of NVIDIA's root. */
        public String rootName() {
            return name;
        }

        /** Common name of development roots. */
        public String developmentName() {
            return developmentName;
        }
    }

    /** Checks that nothing but NVIDIA's roots passes for them. */
    public NvidiaRoot {
        Bytes pinned = purpose == Purpose.DEVICE ? DEVICE_IDENTITY : RIM_SIGNING;
        if (!development && !fingerprint.equals(pinned)) {
            throw new AttestationException("nvidia.anchor", "sha256 " + fingerprint + " is not NVIDIA's root for this purpose");
        }
    }

    /** NVIDIA Device Identity CA, under which all GPUs hang. */
    public static NvidiaRoot deviceIdentity() {
        return new NvidiaRoot(DEVICE_IDENTITY, Purpose.DEVICE, false);
    }

    /** NVIDIA CoRIM signing Root CA, under which the signers of reference manifests hang. */
    public static NvidiaRoot rimSigning() {
        return new NvidiaRoot(RIM_SIGNING, Purpose.REFERENCE_MANIFEST, false);
    }

    /**
     * The anchor of a root certificate.
     *
     * @param pem one self-signed certificate
     * @throws AttestationException {@code nvidia.anchor} when it is neither one of NVIDIA's two nor a development root
     */
    public static NvidiaRoot ofPem(String pem) {
        CertificateChain chain = CertificateChain.parsePem(pem);
        if (chain.size() != 1) {
            throw new AttestationException("nvidia.anchor", "a root is one certificate, not " + chain.size());
        }
        for (Purpose purpose : Purpose.values()) {
            if (isDevelopment(chain.root(), purpose)) {
                return new NvidiaRoot(chain.rootFingerprint(), purpose, true);
            }
        }
        if (chain.rootFingerprint().equals(DEVICE_IDENTITY)) {
            return deviceIdentity();
        }
        if (chain.rootFingerprint().equals(RIM_SIGNING)) {
            return rimSigning();
        }
        throw new AttestationException("nvidia.anchor", "\"" + CertificateChain.commonName(chain.root()) + "\" (sha256 " + chain.rootFingerprint()
                + ") is neither a root of NVIDIA's nor a Nyxos development root");
    }

    /**
     * The anchor of a root that the caller trusts by their own decision, though it is not NVIDIA's: evidence under it says nothing about any
     * hardware, so a policy takes it only as it takes development roots.
     *
     * @param root    one of NVIDIA's two stays what it is
     * @param purpose what hangs under it
     * @throws AttestationException {@code nvidia.anchor} when it is NVIDIA's root of the other purpose
     */
    public static NvidiaRoot own(X509Certificate root, Purpose purpose) {
        Bytes fingerprint = CertificateChain.fingerprint(root);
        boolean pinned = fingerprint.equals(DEVICE_IDENTITY) || fingerprint.equals(RIM_SIGNING);
        return new NvidiaRoot(fingerprint, purpose, !pinned);
    }

    /** True when {@code root} names itself a development root of this purpose. */
    static boolean isDevelopment(X509Certificate root, Purpose purpose) {
        return CertificateChain.commonName(root).equals(purpose.developmentName());
    }

    /** True when {@code chain} ends in this very root. */
    boolean anchors(CertificateChain chain) {
        return chain.rootFingerprint().equals(fingerprint);
    }
}
