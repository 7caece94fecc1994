package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.CheckLedger;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Judges reference manifests: who signed them, and whether that holds now. Never throws for what a manifest contains. */
public final class RimVerifier {
    /** Number of certificates of a signer's chain: signer, level 3, level 2, root. */
    public static final int CHAIN_LENGTH = 4;

    private RimVerifier() {
    }

    /**
     * Judges one manifest alone.
     *
     * @param xml    the manifest
     * @param policy for its roots
     * @param now    the time that everything is judged at
     */
    public static Verdict verify(Bytes xml, GpuPolicy policy, Instant now) {
        CheckLedger<RimCheck> checks = new CheckLedger<>(RimCheck.class);
        boolean development = false;
        try {
            ReferenceManifest manifest = ReferenceManifest.parse(xml);
            development = policy.development(manifest.chain(), NvidiaRoot.Purpose.REFERENCE_MANIFEST);
            judge(manifest, checks, policy, now);
        } catch (AttestationException e) {
            checks.record(RimCheck.LAYOUT, Optional.of(e.getMessage()), () -> "");
        }
        return verdict("NVIDIA reference manifest", now, xml.sha256(), development, alone(checks.all()));
    }

    /** Without the checks that are asked only together with a report. */
    private static List<Check> alone(List<Check> checks) {
        Set<String> together = Set.of(RimCheck.PRESENT.id(), RimCheck.SUBJECT.id());
        return checks.stream().filter(check -> !together.contains(check.id())).toList();
    }

    /** A verdict without the parts that only CPU evidence has. */
    static Verdict verdict(String kind, Instant now, Bytes hash, boolean development, List<Check> checks) {
        return new Verdict(kind, now, hash, development, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(), checks);
    }

    static void judge(ReferenceManifest manifest, CheckLedger<RimCheck> checks, GpuPolicy policy, Instant now) {
        CertificateChain chain = manifest.chain();
        checks.record(RimCheck.LAYOUT, Optional.empty(), () -> manifest.product() + " " + manifest.version() + ", " + manifest.active().size()
                + " active measurements");
        checks.record(RimCheck.SIGNATURE, manifest.signatureProblem(), () -> "over the whole document");
        checks.record(RimCheck.CHAIN, P384Chain.problem(chain, CHAIN_LENGTH), () -> "four certificates");
        checks.record(RimCheck.ROOT, policy.rootProblem(chain, NvidiaRoot.Purpose.REFERENCE_MANIFEST), () -> CertificateChain.commonName(chain.root()));
        checks.record(RimCheck.ROLES, rolesProblem(manifest), () -> CertificateChain.commonName(chain.leaf()));
        checks.record(RimCheck.VALIDITY, chain.validityProblem(now), () -> "all certificates are valid");
    }

    private static Optional<String> rolesProblem(ReferenceManifest manifest) {
        CertificateChain chain = manifest.chain();
        for (int i = 0; i < chain.size(); i++) {
            if (name(chain, i).contains("Debug Only")) {
                return Optional.of("\"" + name(chain, i) + "\" signs for debugging only");
            }
        }
        boolean fit = chain.size() == CHAIN_LENGTH
                && name(chain, 0).contains("RIM")
                && name(chain, 1).startsWith("NVIDIA Reference Value L3 " + manifest.product())
                && name(chain, 2).equals("NVIDIA Reference Value " + manifest.product() + " CA");
        return fit ? Optional.empty() : Optional.of("\"" + name(chain, 0) + "\" may not sign reference values for " + manifest.product());
    }

    private static String name(CertificateChain chain, int index) {
        String name = CertificateChain.commonName(chain.get(index));
        return name.startsWith(TrustAnchor.DEVELOPMENT_PREFIX) ? name.substring(TrustAnchor.DEVELOPMENT_PREFIX.length()) : name;
    }
}
