package network.nyxos.attestation.policy;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.pki.TrustAnchor;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What evidence must be to be accepted.
 *
 * @param roots                   the roots that are trusted, at least one; each anchors only its own maker's evidence
 * @param acceptedStatuses        TCB statuses that are accepted, at least one; Revoked and the relaunch statuses can never be among them
 * @param acceptedAdvisories      with a status other than UpToDate: every advisory must be one of these
 * @param gracePeriod             accept OutOfDate, with all advisories, for this long after the date of the oldest TCB level that matched;
 *                                zero: not at all
 * @param minimumEvaluationNumber the least tcbEvaluationDataNumber; an older number hides a TCB recovery
 * @param maximumCollateralAge    since the TCB info and QE identity were issued; their own next update holds besides
 * @param measurements            at least one must be satisfied; none: any measurement, which the verdict then says
 * @param reportData              the 64 bytes that the report data must be; none: any, which the verdict then says
 * @param allowMigratable         accept TDs that may be migrated to another machine
 * @param allowDevelopmentRoots   let {@code roots} contain development roots; never in production
 * @param gpuRequired             refuse evidence of a CPU alone: GPUs must be shown with it, bound to it
 * @param gpu                     what those GPUs must be; that they are bound to the CPU is required besides
 * @param snp                     what SEV-SNP reports must be besides
 */
public record Policy(List<TrustAnchor> roots, Set<TcbStatus> acceptedStatuses, Set<String> acceptedAdvisories, Duration gracePeriod,
                     int minimumEvaluationNumber, Duration maximumCollateralAge, List<Measurement> measurements, Bytes reportData,
                     boolean allowMigratable, boolean allowDevelopmentRoots, boolean gpuRequired, GpuPolicy gpu, SnpRules snp) {
    /** How long Intel's collateral is valid by itself, and so the default for its age. */
    public static final Duration DEFAULT_COLLATERAL_AGE = Duration.ofDays(30);

    private static final int REPORT_DATA_BYTES = 64;
    private static final Set<String> MEMBERS = Set.of("roots", "acceptedStatuses", "acceptedAdvisories", "gracePeriodSeconds",
            "minimumEvaluationNumber", "maximumCollateralAgeSeconds", "measurements", "reportData", "allowMigratable", "allowDevelopmentRoots",
            "gpuRequired", "gpu", "snp");
    private static final Set<String> REGISTERS = Arrays.stream(Measurement.Register.values()).map(Measurement.Register::label)
            .collect(Collectors.toUnmodifiableSet());

    /** Checks that the policy makes sense. */
    public Policy {
        roots = List.copyOf(roots);
        acceptedStatuses = Set.copyOf(acceptedStatuses);
        acceptedAdvisories = Set.copyOf(acceptedAdvisories);
        measurements = List.copyOf(measurements);
        Members.require(!roots.isEmpty(), "a policy trusts at least one root");
        Members.require(!acceptedStatuses.isEmpty(), "a policy accepts at least one TCB status");
        acceptedStatuses.forEach(status -> Members.require(status.acceptable(), "TCB status " + status.label() + " can never be accepted"));
        Members.require(!gracePeriod.isNegative(), "gracePeriod is " + gracePeriod + ", must not be negative");
        Members.require(minimumEvaluationNumber >= 0, "minimumEvaluationNumber is " + minimumEvaluationNumber + ", must not be negative");
        Members.require(maximumCollateralAge.isPositive(), "maximumCollateralAge is " + maximumCollateralAge + ", must be positive");
        requireReportData(reportData.isEmpty() ? Bytes.zeros(REPORT_DATA_BYTES) : reportData);
        if (!allowDevelopmentRoots && (gpu.allowDevelopmentRoots() || roots.stream().anyMatch(TrustAnchor::development))) {
            throw new AttestationException("policy.development-root",
                    "a development root is configured, and this policy does not allow development roots");
        }
    }

    /** Strict: the makers' roots, UpToDate only, any measurement and report data until the {@code with} methods say which. */
    public static Policy strict() {
        return new Draft().build();
    }

    /**
     * For chains that no maker stands behind: trusts {@code root} alone, a development root or one of the caller's own, and is strict
     * otherwise.
     *
     * @throws AttestationException {@code policy.invalid} when {@code root} is a maker's
     */
    public static Policy development(TrustAnchor root) {
        return strict().withOwnRoot(root);
    }

    /** This with other roots. */
    public Policy withRoots(List<TrustAnchor> trusted) {
        return with(draft -> draft.roots = trusted);
    }

    /**
     * This trusting {@code root} alone, though no maker stands behind it.
     *
     * @throws AttestationException {@code policy.invalid} when {@code root} is a maker's
     */
    public Policy withOwnRoot(TrustAnchor root) {
        Members.require(root.development(), "this root is not a development root, nor one of your own");
        return with(draft -> {
            draft.roots = List.of(root);
            draft.allowDevelopmentRoots = true;
        });
    }

    /** This with the report data that must be met, 64 bytes. */
    public Policy withReportData(Bytes required) {
        requireReportData(required);
        return with(draft -> draft.reportData = required);
    }

    /** This with the measurements of which one must be met. */
    public Policy withMeasurements(List<Measurement> allowed) {
        return with(draft -> draft.measurements = allowed);
    }

    /** This with other accepted statuses and, for those other than UpToDate, the advisories that are accepted. */
    public Policy withStatuses(Set<TcbStatus> statuses, Set<String> advisories) {
        return with(draft -> {
            draft.acceptedStatuses = statuses;
            draft.acceptedAdvisories = advisories;
        });
    }

    /** This with another grace period for platforms that are out of date. */
    public Policy withGracePeriod(Duration period) {
        return with(draft -> draft.gracePeriod = period);
    }

    /** This with another least tcbEvaluationDataNumber. */
    public Policy withMinimumEvaluationNumber(int least) {
        return with(draft -> draft.minimumEvaluationNumber = least);
    }

    /** This with another greatest age of collateral. */
    public Policy withMaximumCollateralAge(Duration age) {
        return with(draft -> draft.maximumCollateralAge = age);
    }

    /** This with or without the demand for a GPU; without it, a CPU's evidence can be judged by itself as a part of a machine's. */
    public Policy withGpuRequired(boolean required) {
        return with(draft -> draft.gpuRequired = required);
    }

    /** This demanding GPUs that meet {@code rules}, bound to the CPU. */
    public Policy withGpus(GpuPolicy rules) {
        return with(draft -> {
            draft.gpuRequired = true;
            draft.gpu = rules;
        });
    }

    /** This with other rules for SEV-SNP. */
    public Policy withSnp(SnpRules rules) {
        return with(draft -> draft.snp = rules);
    }

    /**
     * Reads a policy. All members are optional and default to {@link #strict()}; a member that is not known is refused, for a misspelt
     * rule would be no rule, and so are rules that contradict each other or have no effect.
     * <pre>
     * { "roots": ["intel-sgx-root", "amd-ark-milan", "-----BEGIN CERTIFICATE-----…"], "acceptedStatuses": ["UpToDate"],
     *   "acceptedAdvisories": [], "gracePeriodSeconds": 0, "minimumEvaluationNumber": 17, "maximumCollateralAgeSeconds": 2592000,
     *   "measurements": [{"mrtd": "…96 hex", "rtmr1": "…"}, {"launch": "…96 hex"}], "reportData": "…128 hex",
     *   "allowMigratable": false, "allowDevelopmentRoots": false,
     *   "gpuRequired": false, "gpu": { … as GpuPolicy.fromJson, with gpuRequired only … },
     *   "snp": { "keyKinds": ["vcek"], "vmpls": [0], "requiredGuestPolicy": ["singleSocket"],
     *            "forbiddenGuestPolicy": ["debug", "migrationAgent", "cxl"], "requiredPlatform": ["aliasCheck"], "forbiddenPlatform": ["smt"],
     *            "minimumTcb": {"milan": {"reported": {"bootLoader": 4, "tee": 0, "snp": 24, "microcode": 219}, "committed": {}, "launch": {}}},
     *            "minimumGuestSvn": 0, "minimumFirmware": {"major": 1, "minor": 55, "build": 29}, "requiredMitigations": 0,
     *            "idKeyDigests": ["…96 hex"], "authorKeyDigests": [], "hostData": "…64 hex", "allowProvisionalFirmware": true,
     *            "requireRevocationList": false } }
     * </pre>
     *
     * @throws AttestationException with a code that begins {@code policy.} (or {@code pki.} for a root) that says what is wrong
     */
    public static Policy fromJson(String json) {
        return read(PolicyText.json(json, MEMBERS));
    }

    /**
     * Reads a policy written in YAML: the same members as {@link #fromJson}, one document. Hexadecimal must stand in quotes, or YAML may
     * take it for a number; such a number is refused.
     *
     * @throws AttestationException as {@link #fromJson}
     */
    public static Policy fromYaml(String yaml) {
        return read(PolicyText.yaml(yaml, MEMBERS));
    }

    private static Policy read(Members m) {
        Draft draft = new Draft();
        if (m.has("roots")) {
            draft.roots = m.texts("roots").stream().map(text -> TrustAnchor.named(text).orElseGet(() -> TrustAnchor.ofPem(text))).toList();
        }
        if (m.has("acceptedStatuses")) {
            draft.acceptedStatuses = m.set("acceptedStatuses", TcbStatus::published, Arrays.stream(TcbStatus.values()).filter(TcbStatus::acceptable)
                    .map(TcbStatus::label).toList());
        }
        if (m.has("acceptedAdvisories")) {
            draft.acceptedAdvisories = new HashSet<>(m.texts("acceptedAdvisories"));
        }
        draft.gracePeriod = Duration.ofSeconds(m.integer("gracePeriodSeconds", Integer.MAX_VALUE, 0));
        draft.minimumEvaluationNumber = (int) m.integer("minimumEvaluationNumber", Integer.MAX_VALUE, 0);
        draft.maximumCollateralAge = Duration.ofSeconds(m.integer("maximumCollateralAgeSeconds", Integer.MAX_VALUE, DEFAULT_COLLATERAL_AGE.toSeconds()));
        if (m.has("measurements")) {
            draft.measurements = m.objects("measurements", REGISTERS).stream().map(Policy::measurement).toList();
        }
        if (m.has("reportData")) {
            draft.reportData = m.hex("reportData", REPORT_DATA_BYTES);
        }
        draft.allowMigratable = m.flag("allowMigratable", false);
        draft.allowDevelopmentRoots = m.flag("allowDevelopmentRoots", false);
        draft.gpuRequired = m.flag("gpuRequired", false);
        m.object("gpu", GpuPolicy.members()).ifPresent(rules -> draft.gpu = GpuPolicy.read(rules));
        Members.require(draft.gpuRequired || !m.has("gpu"), "there are gpu rules, and gpuRequired is not set");
        m.object("snp", SnpRules.members()).ifPresent(rules -> draft.snp = SnpRules.read(rules));
        Policy policy = draft.build();
        policy.refuseWithoutEffect(m.has("snp"));
        return policy;
    }

    /** Rules that no evidence could ever meet, or that never apply, are a mistake of whoever wrote them. */
    private void refuseWithoutEffect(boolean snpRules) {
        boolean onlyUpToDate = acceptedStatuses.equals(Set.of(TcbStatus.UP_TO_DATE));
        Members.require(acceptedAdvisories.isEmpty() || !onlyUpToDate,
                "acceptedAdvisories have no effect: the only accepted status is UpToDate");
        Members.require(gracePeriod.isZero() || !acceptedStatuses.contains(TcbStatus.OUT_OF_DATE),
                "gracePeriodSeconds contradicts acceptedStatuses: OutOfDate is accepted for all time");
        Members.require(!snpRules || roots.stream().anyMatch(root -> root.family().maker() == TrustAnchor.Maker.AMD),
                "there are snp rules, and none of the roots is AMD's");
        for (Measurement measurement : measurements) {
            Members.require(!measurement.registers().containsKey(Measurement.Register.LAUNCH) || measurement.registers().size() == 1,
                    "a measurement names launch (SEV-SNP) and registers of a TD: nothing has both");
        }
    }

    private static Measurement measurement(Members m) {
        Map<Measurement.Register, Bytes> registers = new EnumMap<>(Measurement.Register.class);
        for (Measurement.Register register : Measurement.Register.values()) {
            if (m.has(register.label())) {
                registers.put(register, m.hex(register.label(), Measurement.REGISTER_BYTES));
            }
        }
        return new Measurement(registers);
    }

    private static void requireReportData(Bytes data) {
        Members.require(data.size() == REPORT_DATA_BYTES, "report data has " + data.size() + " bytes, must have 64");
    }

    private Policy with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.roots = roots;
        draft.acceptedStatuses = acceptedStatuses;
        draft.acceptedAdvisories = acceptedAdvisories;
        draft.gracePeriod = gracePeriod;
        draft.minimumEvaluationNumber = minimumEvaluationNumber;
        draft.maximumCollateralAge = maximumCollateralAge;
        draft.measurements = measurements;
        draft.reportData = reportData;
        draft.allowMigratable = allowMigratable;
        draft.allowDevelopmentRoots = allowDevelopmentRoots;
        draft.gpuRequired = gpuRequired;
        draft.gpu = gpu;
        draft.snp = snp;
        change.accept(draft);
        return draft.build();
    }

    /** A policy in the making, strict until told otherwise. */
    private static final class Draft {
        private List<TrustAnchor> roots = TrustAnchor.hardwareRoots();
        private Set<TcbStatus> acceptedStatuses = Set.of(TcbStatus.UP_TO_DATE);
        private Set<String> acceptedAdvisories = Set.of();
        private Duration gracePeriod = Duration.ZERO;
        private int minimumEvaluationNumber;
        private Duration maximumCollateralAge = DEFAULT_COLLATERAL_AGE;
        private List<Measurement> measurements = List.of();
        private Bytes reportData = Bytes.EMPTY;
        private boolean allowMigratable;
        private boolean allowDevelopmentRoots;
        private boolean gpuRequired;
        private GpuPolicy gpu = GpuPolicy.strict();
        private SnpRules snp = SnpRules.strict();

        private Policy build() {
            return new Policy(roots, acceptedStatuses, acceptedAdvisories, gracePeriod, minimumEvaluationNumber, maximumCollateralAge, measurements,
                    reportData, allowMigratable, allowDevelopmentRoots, gpuRequired, gpu, snp);
        }
    }
}
