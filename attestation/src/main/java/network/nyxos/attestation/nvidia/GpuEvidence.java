package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;

import java.util.List;
import java.util.Objects;

/**
 * Evidence of one GPU. What is inside is judged by {@link GpuVerifier}; here only absence is refused.
 *
 * @param report          request and response, see {@link GpuReport}
 * @param chain           PEM certificates, leaf first
 * @param manifests       reference manifests in XML: of the driver and of the VBIOS, in any order, or none
 * @param revocationLists DER revocation lists of the certificates' issuers, and answers of their OCSP services, in any order, or none
 */
public record GpuEvidence(Bytes report, String chain, List<Bytes> manifests, List<Bytes> revocationLists) {
    /** Most manifests, and most revocation lists, that are read. */
    public static final int MAX_PARTS = 8;

    /** Copies. */
    public GpuEvidence {
        Objects.requireNonNull(report, "report");
        Objects.requireNonNull(chain, "chain");
        manifests = List.copyOf(manifests);
        revocationLists = List.copyOf(revocationLists);
    }

    /** Evidence without revocation lists. */
    public static GpuEvidence of(Bytes report, String chain, List<Bytes> manifests) {
        return new GpuEvidence(report, chain, manifests, List.of());
    }
}
