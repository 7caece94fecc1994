package network.nyxos.cli.attest;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.nras.JsonWebKeys;
import network.nyxos.attestation.nras.NrasPolicy;
import network.nyxos.attestation.nras.NrasVerifier;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.nvidia.GpuVerifier;
import network.nyxos.attestation.nvidia.NvidiaRoot;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.cli.attach.PolicyFile;
import network.nyxos.cli.up.StackException;

/**
 * Judges one evidence under a policy file or the strict policy.
 *
 * @param policy the policy's file, JSON or (by its name) YAML; none: strict
 * @param root   a root trusted instead of the policy's
 * @param nonce  what the evidence must answer to
 * @param at     the time that everything is judged at
 */
record Judge(Optional<Path> policy, Optional<X509Certificate> root, Optional<Bytes> nonce, Instant at) {
    private static final int REPORT_DATA_BYTES = 64;

    Verdict judge(EvidenceKind kind, Path evidence, List<Path> collateral, Optional<Path> devices) {
        if (devices.isPresent() && kind != EvidenceKind.TDX && kind != EvidenceKind.SNP) {
            throw new StackException("option_unsupported", "--devices belongs to the evidence of a CPU: --kind tdx or snp");
        }
        return switch (kind) {
            case TDX -> new Evidence.Tdx(EvidenceFiles.evidence(evidence), intel(collateral)).with(devices.map(EvidenceFiles::text)).verify(cpu(TrustAnchor.Maker.INTEL), at);
            case SNP -> new Evidence.Snp(EvidenceFiles.evidence(evidence), endorsements(collateral)).with(devices.map(EvidenceFiles::text)).verify(cpu(TrustAnchor.Maker.AMD), at);
            case NVIDIA -> GpuVerifier.verify(EvidenceFiles.gpu(EvidenceFiles.evidence(evidence), collateral), challenge(), gpu(), at);
            case NRAS -> NrasVerifier.verify(EvidenceFiles.text(evidence), Optional.empty(), keys(collateral), challenge(), tokens(), at);
        };
    }

    private static CollateralSet intel(List<Path> collateral) {
        if (collateral.size() != 1) {
            throw new StackException("collateral_missing", "a TDX quote needs one --collateral: JSON with TCB info, QE identity, their chains and the revocation lists");
        }
        return CollateralSet.of(Collateral.fromJson(EvidenceFiles.text(collateral.getFirst())));
    }

    private static Endorsements endorsements(List<Path> collateral) {
        if (collateral.isEmpty()) {
            throw new StackException("collateral_missing", "an SEV-SNP report needs --collateral with its VCEK or VLEK, the ASK or ASVK and the ARK");
        }
        return EvidenceFiles.endorsements(collateral);
    }

    private Policy cpu(TrustAnchor.Maker maker) {
        Policy stated = policy.map(PolicyFile::read).orElseGet(Policy::strict);
        Policy demanding = nonce.map(data -> stated.withReportData(padded(data))).orElse(stated);
        return root.map(certificate -> trusting(demanding, TrustAnchor.own(certificate, maker))).orElse(demanding);
    }

    /** The policy with this root alone. One that is no maker's is taken because its owner named it here, and the verdict says so. */
    private static Policy trusting(Policy policy, TrustAnchor anchor) {
        return anchor.development() ? policy.withOwnRoot(anchor) : policy.withRoots(List.of(anchor));
    }

    /** Report data has 64 bytes; a shorter nonce is followed by zeros, as guests that bind nothing else do. All 64 bytes are compared. */
    private static Bytes padded(Bytes nonce) {
        if (nonce.isEmpty() || nonce.size() > REPORT_DATA_BYTES) {
            throw new StackException("nonce_length", "the nonce has " + nonce.size() + " bytes; report data holds 1 to 64 (fewer than 64 are followed by zeros)");
        }
        return nonce.concat(Bytes.zeros(REPORT_DATA_BYTES - nonce.size()));
    }

    private GpuChallenge challenge() {
        return nonce.<GpuChallenge>map(GpuChallenge.Fresh::new).orElseGet(GpuChallenge.None::new);
    }

    /** Only keys that the caller brings are trusted, never a token's own; without any, no token can be. */
    static JsonWebKeys keys(List<Path> collateral) {
        if (collateral.size() > 1) {
            throw new StackException("collateral_doubled", "a token of NRAS needs one --collateral: the service's keys as a JSON Web Key Set");
        }
        return collateral.isEmpty() ? JsonWebKeys.none() : JsonWebKeys.parse(EvidenceFiles.text(collateral.getFirst()));
    }

    private NrasPolicy tokens() {
        if (root.isPresent()) {
            throw new StackException("option_unsupported", "tokens of NRAS hang on no root but on the service's keys (--collateral): leave --root out");
        }
        return policy.map(file -> PolicyFile.read(file, NrasPolicy::fromJson, NrasPolicy::fromYaml)).orElseGet(NrasPolicy::strict);
    }

    private GpuPolicy gpu() {
        GpuPolicy stated = policy.map(file -> PolicyFile.read(file, GpuPolicy::fromJson, GpuPolicy::fromYaml)).orElseGet(GpuPolicy::strict);
        return root.map(certificate -> trusting(stated, certificate)).orElse(stated);
    }

    /** The policy with this root alone for devices; reference manifests keep their own root. */
    static GpuPolicy trusting(GpuPolicy policy, X509Certificate root) {
        Bytes fingerprint = CertificateChain.fingerprint(root);
        boolean maker = fingerprint.equals(NvidiaRoot.deviceIdentity().fingerprint()) || fingerprint.equals(NvidiaRoot.rimSigning().fingerprint());
        Set<NvidiaRoot> roots = maker
                ? Set.of(NvidiaRoot.deviceIdentity(), NvidiaRoot.rimSigning())
                : Set.of(new NvidiaRoot(fingerprint, NvidiaRoot.Purpose.DEVICE, true), new NvidiaRoot(fingerprint, NvidiaRoot.Purpose.REFERENCE_MANIFEST, true),
                        NvidiaRoot.rimSigning());
        return new GpuPolicy(roots, policy.manifests(), policy.minimumDriver(), policy.requireCpuBinding(), policy.requireRevocationLists(),
                policy.allowCertificateHold(), policy.allowUnattestedSwitches(), !maker);
    }
}
