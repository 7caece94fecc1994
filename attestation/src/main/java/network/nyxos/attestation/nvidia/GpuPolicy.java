package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.policy.Members;
import network.nyxos.attestation.policy.PolicyText;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What GPU evidence must be to be accepted.
 *
 * @param roots                   roots of devices and of manifests' signers
 * @param manifests               when reference manifests must be there
 * @param minimumDriver           least driver version, such as {@code 550.90.07}; {@code 0} for any
 * @param requireCpuBinding       the nonce must bind the GPU to a CPU TEE
 * @param requireRevocationLists  a current revocation list or OCSP answer must be there for every certificate that names where to ask
 * @param allowCertificateHold    accept certificates on hold: suspended, not revoked
 * @param allowUnattestedSwitches accept nodes whose GPUs are joined by switches that showed no evidence
 * @param allowDevelopmentRoots   let {@code roots} contain development roots; never in production
 */
public record GpuPolicy(Set<NvidiaRoot> roots, Manifests manifests, String minimumDriver, boolean requireCpuBinding, boolean requireRevocationLists,
                        boolean allowCertificateHold, boolean allowUnattestedSwitches, boolean allowDevelopmentRoots) {
    private static final String CODE = Members.CODE;
    private static final String ANY_DRIVER = "0";
    private static final Set<String> MEMBERS = Set.of("roots", "manifests", "minimumDriver", "requireCpuBinding", "requireRevocationLists",
            "allowCertificateHold", "allowUnattestedSwitches", "allowDevelopmentRoots");

    /** When reference manifests must be there. */
    public enum Manifests {
        /** Always: of driver and VBIOS. */
        REQUIRED,
        /** As soon as one is given, both. With none, only the device's identity is judged, and the verdict says so. */
        WHEN_GIVEN
    }

    /** Checks that the policy makes sense. */
    public GpuPolicy {
        roots = Set.copyOf(roots);
        if (!DriverVersion.valid(minimumDriver)) {
            throw new AttestationException(CODE, "minimumDriver \"" + minimumDriver + "\" is not a driver version");
        }
        if (roots.isEmpty()) {
            throw new AttestationException(CODE, "a policy trusts at least one root");
        }
        if (!allowDevelopmentRoots && roots.stream().anyMatch(NvidiaRoot::development)) {
            throw new AttestationException("policy.development-root",
                    "a development root is configured, and this policy does not allow development roots");
        }
    }

    /** Strict, for evidence judged by itself: NVIDIA's roots, both manifests, no hold. It asks for no CPU TEE. */
    public static GpuPolicy strict() {
        return new GpuPolicy(Set.of(NvidiaRoot.deviceIdentity(), NvidiaRoot.rimSigning()), Manifests.REQUIRED, ANY_DRIVER, false, false, false, false, false);
    }

    /** For development chains: trusts these roots alone, development roots, and is strict otherwise. */
    public static GpuPolicy development(Set<NvidiaRoot> roots) {
        return new GpuPolicy(roots, Manifests.REQUIRED, ANY_DRIVER, false, false, false, false, true);
    }

    /** This with another rule for manifests. */
    public GpuPolicy withManifests(Manifests rule) {
        return new GpuPolicy(roots, rule, minimumDriver, requireCpuBinding, requireRevocationLists, allowCertificateHold, allowUnattestedSwitches, allowDevelopmentRoots);
    }

    /** This with another least driver version. */
    public GpuPolicy withMinimumDriver(String least) {
        return new GpuPolicy(roots, manifests, least, requireCpuBinding, requireRevocationLists, allowCertificateHold, allowUnattestedSwitches, allowDevelopmentRoots);
    }

    /** This with the binding to a CPU TEE required: what a node's GPUs must have. */
    public GpuPolicy withCpuBinding() {
        return new GpuPolicy(roots, manifests, minimumDriver, true, requireRevocationLists, allowCertificateHold, allowUnattestedSwitches, allowDevelopmentRoots);
    }

    /** This with revocation lists required, and certificates on hold accepted or not. */
    public GpuPolicy withRevocationLists(boolean holdAllowed) {
        return new GpuPolicy(roots, manifests, minimumDriver, requireCpuBinding, true, holdAllowed, allowUnattestedSwitches, allowDevelopmentRoots);
    }

    /** This with switches accepted that showed no evidence. */
    public GpuPolicy withUnattestedSwitches() {
        return new GpuPolicy(roots, manifests, minimumDriver, requireCpuBinding, requireRevocationLists, allowCertificateHold, true, allowDevelopmentRoots);
    }

    /**
     * Reads a policy. All members are optional and default to {@link #strict()}; one that is not known is refused.
     * <pre>
     * { "roots": ["-----BEGIN CERTIFICATE-----…"], "manifests": "required" | "when-given", "minimumDriver": "550.90.07",
     *   "requireCpuBinding": true, "requireRevocationLists": false, "allowCertificateHold": false, "allowUnattestedSwitches": false,
     *   "allowDevelopmentRoots": false }
     * </pre>
     *
     * @throws AttestationException with a code that begins {@code policy.} (or {@code nvidia.anchor}, {@code pki.} for a root)
     */
    public static GpuPolicy fromJson(String json) {
        return read(PolicyText.json(json, MEMBERS));
    }

    /**
     * Reads a policy written in YAML: the same members as {@link #fromJson}, one document. Versions must stand in quotes.
     *
     * @throws AttestationException as {@link #fromJson}
     */
    public static GpuPolicy fromYaml(String yaml) {
        return read(PolicyText.yaml(yaml, MEMBERS));
    }

    /** The members of a policy, for where one stands within another. */
    public static Set<String> members() {
        return MEMBERS;
    }

    /**
     * Reads a policy that stands within another.
     *
     * @throws AttestationException as {@link #fromJson}
     */
    public static GpuPolicy read(Members members) {
        Set<NvidiaRoot> roots = new HashSet<>();
        if (members.has("roots")) {
            members.texts("roots").forEach(pem -> roots.add(NvidiaRoot.ofPem(pem)));
        } else {
            roots.addAll(strict().roots);
        }
        return new GpuPolicy(roots, manifestRule(members.text("manifests", "required")), members.text("minimumDriver", ANY_DRIVER), members.flag("requireCpuBinding", false),
                members.flag("requireRevocationLists", false), members.flag("allowCertificateHold", false), members.flag("allowUnattestedSwitches", false),
                members.flag("allowDevelopmentRoots", false));
    }

    private static Manifests manifestRule(String rule) {
        return switch (rule) {
            case "required" -> Manifests.REQUIRED;
            case "when-given" -> Manifests.WHEN_GIVEN;
            default -> throw new AttestationException(CODE, "manifests \"" + rule + "\" is neither \"required\" nor \"when-given\"");
        };
    }

    /** True when {@code chain} ends in a root that stands for no hardware: by its own name, or by this policy. */
    boolean development(CertificateChain chain, NvidiaRoot.Purpose purpose) {
        return NvidiaRoot.isDevelopment(chain.root(), purpose)
                || roots.stream().anyMatch(root -> root.development() && root.purpose() == purpose && root.anchors(chain));
    }

    /** Why {@code chain} does not end in a root that is trusted for {@code purpose}; empty when it does. */
    Optional<String> rootProblem(CertificateChain chain, NvidiaRoot.Purpose purpose) {
        if (roots.stream().anyMatch(root -> root.purpose() == purpose && root.anchors(chain))) {
            return Optional.empty();
        }
        return Optional.of(NvidiaRoot.isDevelopment(chain.root(), purpose) && !allowDevelopmentRoots
                ? "the root is a development root, which this policy does not allow"
                : "root \"" + CertificateChain.commonName(chain.root()) + "\" (sha256 " + chain.rootFingerprint() + ") is not configured for this purpose");
    }
}
