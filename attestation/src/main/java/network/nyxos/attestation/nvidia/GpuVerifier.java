package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.ReferenceManifest.Subject;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P384;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.CheckLedger;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Judges the evidence of one NVIDIA GPU. Never throws for what the evidence contains: whatever is wrong becomes a failed check, and as many
 * checks as can be are judged. Several GPUs of a node are for {@link GpuNodeVerifier}.
 */
public final class GpuVerifier {
    /** Drivers from here on put the firmware id into the report; older ones, recorded on real machines, do not. */
    private static final String FIRMWARE_ID_SINCE = "550";
    private static final int NVDEC0_INDEX = 35;
    private static final int OFF = 0x55;
    private static final int ON = 0xaa;
    private static final int SINGLE_PASSTHROUGH = 0;
    private static final int PROTECTED_PCIE = 2;

    /** What a device must be, and so what is asked of it. */
    enum Part {
        /** A GPU, with a driver and a VBIOS. */
        GPU(List.of(Subject.DRIVER, Subject.VBIOS), Set.of()),
        /** A switch, which has no driver. */
        SWITCH(List.of(Subject.VBIOS), Set.of(GpuCheck.POLICY_DRIVER, GpuCheck.MEASUREMENT_CONFLICT, GpuCheck.MEASUREMENT_DRIVER));

        private final List<Subject> subjects;
        private final Set<GpuCheck> spared;

        Part(List<Subject> subjects, Set<GpuCheck> spared) {
            this.subjects = subjects;
            this.spared = spared;
        }

        /** What there must be manifests of, in their order. */
        List<Subject> subjects() {
            return subjects;
        }

        private boolean asks(Check check) {
            return spared.stream().noneMatch(each -> each.id().equals(check.id()));
        }
    }

    /** NVIDIA publishes the manifests of all switches of a generation under these; their reports do not state them. */
    private static final String SWITCH_PROJECT = "5612_0002_890";

    private final Part part;
    private final GpuChallenge challenge;
    private final GpuPolicy policy;
    private final Instant now;
    private final CheckLedger<GpuCheck> checks = new CheckLedger<>(GpuCheck.class);
    private final Map<Subject, CheckLedger<RimCheck>> manifestChecks = new EnumMap<>(Subject.class);
    private boolean development;

    private GpuVerifier(Part part, GpuChallenge challenge, GpuPolicy policy, Instant now) {
        this.part = part;
        this.challenge = Objects.requireNonNull(challenge, "challenge");
        this.policy = Objects.requireNonNull(policy, "policy");
        this.now = Objects.requireNonNull(now, "now");
    }

    /**
     * Judges one GPU.
     *
     * @param evidence  of the GPU
     * @param challenge what its nonce must answer to
     * @param policy    what is accepted
     * @param now       the one time that everything is judged at
     */
    public static Verdict verify(GpuEvidence evidence, GpuChallenge challenge, GpuPolicy policy, Instant now) {
        return new GpuVerifier(Part.GPU, challenge, policy, now).judge(evidence);
    }

    /**
     * Judges one NVSwitch, whose report has the same form: what its firmware measures must be NVIDIA's, and it has no driver.
     *
     * @param evidence  of the switch
     * @param challenge what its nonce must answer to
     * @param policy    what is accepted
     * @param now       the one time that everything is judged at
     */
    public static Verdict verifySwitch(GpuEvidence evidence, GpuChallenge challenge, GpuPolicy policy, Instant now) {
        return new GpuVerifier(Part.SWITCH, challenge, policy, now).judge(evidence);
    }

    private Verdict judge(GpuEvidence evidence) {
        Optional<CertificateChain> chain = chain(evidence);
        Optional<DeviceIdentity> identity = chain.flatMap(this::identity);
        Optional<GpuReport> report = report(evidence.report());
        report.ifPresent(r -> {
            chain.ifPresent(c -> signature(r, c));
            nonce(r);
            identity.ifPresent(i -> firmwareId(r, i));
            mode(r);
            if (part == Part.GPU) {
                driver(r);
            }
        });
        manifests(evidence, report, chain.map(DeviceIdentity::chip));
        return RimVerifier.verdict(part == Part.GPU ? "NVIDIA GPU" : "NVIDIA NVSwitch", now, evidence.report().sha256(), development, all());
    }

    private List<Check> all() {
        List<Check> all = new ArrayList<>();
        String first = part == Part.GPU ? GpuCheck.MEASUREMENT_CONFLICT.id() : GpuCheck.MEASUREMENT_VBIOS.id();
        for (Check check : checks.all().stream().filter(part::asks).toList()) {
            if (check.id().equals(first)) {
                if (manifestChecks.isEmpty()) {
                    // The policy's check has said that nothing was compared, or that it should have been.
                    return all;
                }
                manifestChecks.forEach((subject, list) -> list.all().forEach(of ->
                        all.add(new Check(list.named(of.id(), RimCheck.LAYOUT).id(subject), of.outcome(), of.detail()))));
            }
            all.add(check);
        }
        return all;
    }

    private Optional<GpuReport> report(Bytes raw) {
        try {
            GpuReport report = GpuReport.parse(raw);
            checks.record(GpuCheck.REPORT_LAYOUT, Optional.empty(), () -> raw.size() + " bytes, " + report.measurements().size() + " measurements");
            checks.record(GpuCheck.REPORT_VERSION, Optional.empty(), () -> "SPDM 1.1");
            checks.record(GpuCheck.REPORT_OPAQUE, part == Part.GPU ? opaqueProblem(report.opaque()) : switchProblem(report.opaque()), () -> part == Part.GPU
                    ? "driver " + report.opaque().driverVersion().orElse("") + ", VBIOS " + report.opaque().vbiosVersion().orElse("") + " of " + report.opaque().project().orElse("")
                    : "switch " + report.opaque().switchIds() + ", firmware " + report.opaque().vbiosVersion().orElse(""));
            return Optional.of(report);
        } catch (AttestationException e) {
            checks.record(checks.named(e.code(), GpuCheck.REPORT_LAYOUT), Optional.of(e.getMessage()), () -> "");
            return Optional.empty();
        }
    }

    private static Optional<String> opaqueProblem(OpaqueData opaque) {
        if (opaque.driverVersion().filter(DriverVersion::valid).isEmpty()) {
            return Optional.of("the report states no driver version");
        }
        if (opaque.vbiosVersion().isEmpty() || opaque.project().isEmpty()) {
            return Optional.of("the report does not state its VBIOS version and project");
        }
        return Optional.empty();
    }

    private static Optional<String> switchProblem(OpaqueData opaque) {
        if (opaque.switchIds().size() != 1) {
            return Optional.of("a switch states its own id, this report states " + opaque.switchIds().size());
        }
        return opaque.vbiosVersion().isEmpty() ? Optional.of("the report does not state its firmware's version") : Optional.empty();
    }

    private Optional<String> kindProblem(DeviceIdentity.Kind kind, CertificateChain chain) {
        String name = "\"" + CertificateChain.commonName(chain.leaf()) + "\" is ";
        if (part == Part.SWITCH) {
            return kind == DeviceIdentity.Kind.SWITCH ? Optional.empty() : Optional.of(name + "not an NVSwitch that is known here");
        }
        if (kind == DeviceIdentity.Kind.SWITCH) {
            return Optional.of(name + "an NVSwitch: its report is no evidence of a GPU");
        }
        return kind.gpu() ? Optional.empty() : Optional.of(name + "not a GPU that is known here");
    }

    private Optional<CertificateChain> chain(GpuEvidence evidence) {
        CertificateChain chain;
        try {
            chain = CertificateChain.parsePem(evidence.chain());
        } catch (AttestationException e) {
            checks.record(GpuCheck.DEVICE_CHAIN, Optional.of(e.getMessage()), () -> "");
            return Optional.empty();
        }
        development = policy.development(chain, NvidiaRoot.Purpose.DEVICE);
        checks.record(GpuCheck.DEVICE_CHAIN, P384Chain.problem(chain, DeviceIdentity.CHAIN_LENGTH), () -> "five certificates");
        checks.record(GpuCheck.DEVICE_ROOT, policy.rootProblem(chain, NvidiaRoot.Purpose.DEVICE),
                () -> CertificateChain.commonName(chain.root()) + ", sha256 " + chain.rootFingerprint());
        DeviceIdentity.Kind kind = DeviceIdentity.kind(DeviceIdentity.chip(chain));
        checks.record(GpuCheck.DEVICE_KIND, kindProblem(kind, chain), () -> kind + " " + DeviceIdentity.chip(chain));
        checks.record(GpuCheck.DEVICE_ROLES, DeviceIdentity.rolesProblem(chain), () -> CertificateChain.commonName(chain.leaf()) + ", serial "
                + chain.leaf().getSerialNumber().toString(16));
        checks.record(GpuCheck.DEVICE_VALIDITY, chain.validityProblem(now), () -> "all certificates are valid");
        revocation(chain, evidence.revocationLists());
        return Optional.of(chain);
    }

    private void revocation(CertificateChain chain, List<Bytes> lists) {
        DeviceRevocation revocation = DeviceRevocation.judge(chain, lists, policy.requireRevocationLists(), now);
        String asked = revocation.asked();
        checks.record(GpuCheck.DEVICE_REVOCATION_LISTS, revocation.listProblem(), () -> asked);
        checks.record(GpuCheck.DEVICE_REVOKED, revocation.revokedProblem(), () -> asked);
        checks.record(GpuCheck.DEVICE_ON_HOLD, revocation.holdProblem().filter(hold -> !policy.allowCertificateHold()),
                () -> revocation.holdProblem().map(hold -> "accepted by the policy: " + hold).orElse(asked));
    }

    private Optional<DeviceIdentity> identity(CertificateChain chain) {
        try {
            DeviceIdentity identity = DeviceIdentity.of(chain);
            checks.record(GpuCheck.DEVICE_FIRMWARE, Optional.empty(), () -> "firmware id " + identity.firmwareIds().getFirst());
            checks.record(GpuCheck.DEVICE_DEBUG, identity.debugProblem(), () -> identity.flags().isPresent()
                    ? "the certificate's flags tell of no debug mode"
                    : "this generation's certificates carry no flags: debug firmware shows in the measurements");
            return Optional.of(identity);
        } catch (AttestationException e) {
            checks.record(GpuCheck.DEVICE_FIRMWARE, Optional.of(e.getMessage()), () -> "");
            return Optional.empty();
        }
    }

    private void signature(GpuReport report, CertificateChain chain) {
        if (P384.isP384(chain.leaf().getPublicKey())) {
            checks.require(GpuCheck.REPORT_SIGNATURE, P384.verify(chain.leaf().getPublicKey(), report.signedBytes().toArray(), report.signature()),
                    () -> "by the leaf's key over request and response", () -> "the leaf's key did not sign this request and response");
        }
    }

    private void nonce(GpuReport report) {
        boolean answers = checks.record(GpuCheck.REPORT_NONCE, challenge.nonceProblem(report.nonce()), challenge::binding);
        if (answers) {
            checks.record(GpuCheck.CPU_BINDING, challenge.bindingProblem().filter(why -> policy.requireCpuBinding()), challenge::binding);
        }
    }

    private void firmwareId(GpuReport report, DeviceIdentity identity) {
        Optional<Bytes> reported = report.opaque().get(OpaqueField.FIRMWARE_ID);
        boolean old = identity.kind() == DeviceIdentity.Kind.HOPPER
                && report.opaque().driverVersion().filter(driver -> DriverVersion.valid(driver) && !DriverVersion.atLeast(driver, FIRMWARE_ID_SINCE)).isPresent();
        if (reported.isEmpty()) {
            checks.require(GpuCheck.REPORT_FIRMWARE_ID, old, () -> "not in the report: drivers before " + FIRMWARE_ID_SINCE + " do not state it",
                    () -> "the report does not state its firmware id");
        } else {
            checks.require(GpuCheck.REPORT_FIRMWARE_ID, identity.firmwareIds().contains(reported.get()), () -> "the certificate's",
                    () -> "the report's firmware id " + reported.get() + " is not the certificate's " + identity.firmwareIds());
        }
    }

    private void mode(GpuReport report) {
        Optional<Integer> flag = report.opaque().get(OpaqueField.FEATURE_FLAG).map(raw -> raw.u16(0));
        Optional<Integer> protectedPcie = report.opaque().get(OpaqueField.PROTECTED_PCIE).map(raw -> raw.u8(0));
        checks.record(GpuCheck.REPORT_MODE, modeProblem(flag, protectedPcie),
                () -> protectedPcie.filter(state -> state == ON).isPresent() ? "protected PCIe" : "confidential computing, passed through alone");
    }

    private static Optional<String> modeProblem(Optional<Integer> flag, Optional<Integer> protectedPcie) {
        if (protectedPcie.filter(state -> state != ON && state != OFF).isPresent()) {
            return Optional.of(String.format("protected PCIe has state 0x%02x, which is not known here", protectedPcie.get()));
        }
        boolean protectedState = protectedPcie.filter(state -> state == ON).isPresent();
        return flag.flatMap(value -> switch (value) {
            case SINGLE_PASSTHROUGH -> protectedState ? Optional.of("the feature flag is of passthrough, and protected PCIe is on") : Optional.empty();
            case PROTECTED_PCIE -> protectedState ? Optional.empty() : Optional.of("the feature flag is of protected PCIe, which is off");
            default -> Optional.of("feature flag " + value + " is not known here");
        });
    }

    private void driver(GpuReport report) {
        report.opaque().driverVersion().ifPresent(driver -> checks.require(GpuCheck.POLICY_DRIVER, DriverVersion.atLeast(driver, policy.minimumDriver()),
                () -> driver, () -> "driver " + driver + " is older than " + policy.minimumDriver()));
    }

    private void manifests(GpuEvidence evidence, Optional<GpuReport> report, Optional<String> chip) {
        if (evidence.manifests().isEmpty() && policy.manifests() == GpuPolicy.Manifests.WHEN_GIVEN) {
            checks.record(GpuCheck.POLICY_MANIFESTS, Optional.empty(), () -> "none given, and the policy does without: what runs on the GPU was not compared");
            return;
        }
        Map<Subject, ReferenceManifest> manifests = new EnumMap<>(Subject.class);
        part.subjects().forEach(subject -> manifestChecks.put(subject, new CheckLedger<>(RimCheck.class)));
        List<String> unusable = new ArrayList<>();
        if (evidence.manifests().size() > GpuEvidence.MAX_PARTS) {
            unusable.add(evidence.manifests().size() + " manifests are given, at most " + GpuEvidence.MAX_PARTS + " are read");
        }
        for (Bytes xml : evidence.manifests().stream().limit(GpuEvidence.MAX_PARTS).toList()) {
            try {
                ReferenceManifest manifest = ReferenceManifest.parse(xml);
                if (manifests.putIfAbsent(manifest.subject(), manifest) != null) {
                    unusable.add("there are two manifests of a " + manifest.subject());
                }
            } catch (AttestationException e) {
                unusable.add("a manifest (sha256 " + xml.sha256() + ") cannot be read: " + e.getMessage());
            }
        }
        checks.require(GpuCheck.POLICY_MANIFESTS, unusable.isEmpty(), () -> evidence.manifests().size() + " given, all can be read", () -> String.join("; ", unusable));
        part.subjects().forEach(subject -> manifest(subject, Optional.ofNullable(manifests.get(subject)), report, chip));
        report.ifPresent(r -> compare(r, manifests));
    }

    private void manifest(Subject subject, Optional<ReferenceManifest> manifest, Optional<GpuReport> report, Optional<String> chip) {
        CheckLedger<RimCheck> list = manifestChecks.get(subject);
        list.require(RimCheck.PRESENT, manifest.isPresent(), () -> "given", () -> "missing: " + report
                .flatMap(r -> manifestId(part, subject, r.opaque(), chip.orElse("?"))).orElse("the manifest of the " + subject));
        manifest.ifPresent(m -> {
            development |= policy.development(m.chain(), NvidiaRoot.Purpose.REFERENCE_MANIFEST);
            RimVerifier.judge(m, list, policy, now);
            report.ifPresent(r -> chip.ifPresent(c -> {
                String stated = (subject == Subject.DRIVER ? r.opaque().driverVersion() : r.opaque().vbiosVersion()).orElse("none");
                list.require(RimCheck.SUBJECT, m.product().equals(c) && m.version().equalsIgnoreCase(stated), () -> m.product() + " " + m.version(),
                        () -> "the manifest is of " + m.product() + " " + m.version() + ", the report of " + c + " " + stated);
            }));
        });
    }

    /** The id under which NVIDIA publishes the manifest that a report needs; empty when the report does not state what it is made of. */
    static Optional<String> manifestId(Part part, Subject subject, OpaqueData opaque, String chip) {
        if (subject == Subject.DRIVER) {
            return opaque.driverVersion().map(version -> "NV_GPU_DRIVER_" + chip + "_" + version);
        }
        Optional<String> project = part == Part.GPU ? opaque.project().map("NV_GPU_VBIOS_"::concat) : Optional.of("NV_SWITCH_BIOS_" + SWITCH_PROJECT);
        return project.flatMap(of -> opaque.vbiosVersion().map(version -> of + "_" + version.replace(".", "").toUpperCase(Locale.ROOT)));
    }

    private void compare(GpuReport report, Map<Subject, ReferenceManifest> manifests) {
        Optional<ReferenceManifest> driver = Optional.ofNullable(manifests.get(Subject.DRIVER));
        Optional<ReferenceManifest> vbios = Optional.ofNullable(manifests.get(Subject.VBIOS));
        driver.ifPresent(d -> vbios.ifPresent(v -> {
            List<Integer> both = d.active().keySet().stream().filter(v.active()::containsKey).toList();
            checks.require(GpuCheck.MEASUREMENT_CONFLICT, both.isEmpty(), () -> "no index is claimed twice",
                    () -> "driver and VBIOS both claim index " + both);
        }));
        driver.ifPresent(d -> checks.record(GpuCheck.MEASUREMENT_DRIVER, mismatch(report, d), () -> d.active().size() + " active measurements match"));
        vbios.ifPresent(v -> checks.record(GpuCheck.MEASUREMENT_VBIOS, mismatch(report, v), () -> v.active().size() + " active measurements match"));
    }

    /** Index i of a manifest stands for block i + 1. The video decoder's counts only where it is not off. */
    private static Optional<String> mismatch(GpuReport report, ReferenceManifest manifest) {
        boolean decoderOff = report.opaque().get(OpaqueField.NVDEC0_STATUS).filter(state -> state.u8(0) == OFF).isPresent();
        List<String> wrong = new ArrayList<>();
        manifest.active().forEach((index, accepted) -> {
            if (index != NVDEC0_INDEX || !decoderOff) {
                Optional<Bytes> measured = report.measurement(index + 1);
                if (measured.isEmpty()) {
                    wrong.add("index " + index + " is not in the report");
                } else if (!accepted.contains(measured.get())) {
                    wrong.add("index " + index + " is " + measured.get() + ", must be " + accepted);
                }
            }
        });
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
    }
}
