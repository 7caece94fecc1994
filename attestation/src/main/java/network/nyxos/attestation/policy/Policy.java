package network.nyxos.attestation.policy;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.collateral.SignedJson;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.TrustAnchor;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What evidence must be to be accepted.
 *
 * @param roots                   the roots that are trusted, at least one
 * @param acceptedStatuses        TCB statuses that are accepted, at least one; Revoked and the relaunch statuses can never be among them
 * @param acceptedAdvisories      with a status other than UpToDate: every advisory must be one of these
 * @param minimumEvaluationNumber the least tcbEvaluationDataNumber; an older number hides a TCB recovery
 * @param maximumCollateralAge    since the TCB info and QE identity were issued; their own next update holds besides
 * @param measurements            at least one must be satisfied; none: any measurement, which the verdict then says
 * @param reportData              the 64 bytes that the report data must be; none: any, which the verdict then says
 * @param allowMigratable         accept TDs that may be migrated to another machine
 * @param allowDevelopmentRoots   let {@code roots} contain development roots; never in production
 */
public record Policy(List<TrustAnchor> roots, Set<TcbStatus> acceptedStatuses, Set<String> acceptedAdvisories, int minimumEvaluationNumber,
                     Duration maximumCollateralAge, List<Measurement> measurements, Bytes reportData, boolean allowMigratable,
                     boolean allowDevelopmentRoots) {
    /** How long Intel's collateral is valid by itself, and so the default for its age. */
    public static final Duration DEFAULT_COLLATERAL_AGE = Duration.ofDays(30);

    private static final String CODE = "policy.invalid";
    private static final String INTEL_ROOT = "intel-sgx-root";
    private static final Set<String> MEMBERS = Set.of("roots", "acceptedStatuses", "acceptedAdvisories", "minimumEvaluationNumber",
            "maximumCollateralAgeSeconds", "measurements", "reportData", "allowMigratable", "allowDevelopmentRoots");

    /** Checks that the policy makes sense. */
    public Policy {
        roots = List.copyOf(roots);
        acceptedStatuses = Set.copyOf(acceptedStatuses);
        acceptedAdvisories = Set.copyOf(acceptedAdvisories);
        measurements = List.copyOf(measurements);
        require(!roots.isEmpty(), "a policy trusts at least one root");
        require(!acceptedStatuses.isEmpty(), "a policy accepts at least one TCB status");
        acceptedStatuses.forEach(status -> require(status.acceptable(), "TCB status " + status.label() + " can never be accepted"));
        require(minimumEvaluationNumber >= 0, "minimumEvaluationNumber is " + minimumEvaluationNumber + ", must not be negative");
        require(maximumCollateralAge.isPositive(), "maximumCollateralAge is " + maximumCollateralAge + ", must be positive");
        require(reportData.isEmpty() || reportData.size() == 64, "report data has " + reportData.size() + " bytes, must have 64");
        if (!allowDevelopmentRoots && roots.stream().anyMatch(TrustAnchor::development)) {
            throw new AttestationException("policy.development-root",
                    "a development root is configured, and this policy does not allow development roots");
        }
    }

    /** Strict: Intel's root, UpToDate only, any measurement and report data until the {@code with} methods say which. */
    public static Policy strict() {
        return new Policy(List.of(TrustAnchor.intelSgxRoot()), Set.of(TcbStatus.UP_TO_DATE), Set.of(), 0, DEFAULT_COLLATERAL_AGE,
                List.of(), Bytes.EMPTY, false, false);
    }

    /**
     * For development chains: trusts {@code root} alone, a development root, and is strict otherwise.
     *
     * @throws AttestationException {@code policy.invalid} when {@code root} is not a development root
     */
    public static Policy development(TrustAnchor root) {
        require(root.development(), "this root is not a development root");
        return new Policy(List.of(root), Set.of(TcbStatus.UP_TO_DATE), Set.of(), 0, DEFAULT_COLLATERAL_AGE, List.of(), Bytes.EMPTY, false, true);
    }

    /** This with the report data that must be met, 64 bytes. */
    public Policy withReportData(Bytes required) {
        require(required.size() == 64, "report data has " + required.size() + " bytes, must have 64");
        return new Policy(roots, acceptedStatuses, acceptedAdvisories, minimumEvaluationNumber, maximumCollateralAge, measurements, required,
                allowMigratable, allowDevelopmentRoots);
    }

    /** This with the measurements of which one must be met. */
    public Policy withMeasurements(List<Measurement> allowed) {
        return new Policy(roots, acceptedStatuses, acceptedAdvisories, minimumEvaluationNumber, maximumCollateralAge, allowed, reportData,
                allowMigratable, allowDevelopmentRoots);
    }

    /** This with other accepted statuses and, for those other than UpToDate, the advisories that are accepted. */
    public Policy withStatuses(Set<TcbStatus> statuses, Set<String> advisories) {
        return new Policy(roots, statuses, advisories, minimumEvaluationNumber, maximumCollateralAge, measurements, reportData,
                allowMigratable, allowDevelopmentRoots);
    }

    /** This with another least tcbEvaluationDataNumber. */
    public Policy withMinimumEvaluationNumber(int least) {
        return new Policy(roots, acceptedStatuses, acceptedAdvisories, least, maximumCollateralAge, measurements, reportData,
                allowMigratable, allowDevelopmentRoots);
    }

    /** This with another greatest age of collateral. */
    public Policy withMaximumCollateralAge(Duration age) {
        return new Policy(roots, acceptedStatuses, acceptedAdvisories, minimumEvaluationNumber, age, measurements, reportData,
                allowMigratable, allowDevelopmentRoots);
    }

    /**
     * Reads a policy. All members are optional and default to {@link #strict()}; a member that is not known is refused, for a misspelt
     * rule would be no rule.
     * <pre>
     * { "roots": ["intel-sgx-root", "-----BEGIN CERTIFICATE-----…"], "acceptedStatuses": ["UpToDate"], "acceptedAdvisories": [],
     *   "minimumEvaluationNumber": 17, "maximumCollateralAgeSeconds": 2592000, "measurements": [{"mrtd": "…96 hex", "rtmr1": "…"}],
     *   "reportData": "…128 hex", "allowMigratable": false, "allowDevelopmentRoots": false }
     * </pre>
     *
     * @throws AttestationException with a code that begins {@code policy.} (or {@code pki.} for a root) that says what is wrong
     */
    public static Policy fromJson(String json) {
        JsonNode root = SignedJson.object(json, CODE);
        refuseUnknown(root.fieldNames(), MEMBERS);
        Policy strict = strict();
        return new Policy(
                root.has("roots") ? texts(root, "roots").stream().map(Policy::anchor).toList() : strict.roots,
                root.has("acceptedStatuses") ? Set.copyOf(texts(root, "acceptedStatuses").stream().map(Policy::status).toList()) : strict.acceptedStatuses,
                root.has("acceptedAdvisories") ? new HashSet<>(texts(root, "acceptedAdvisories")) : strict.acceptedAdvisories,
                root.has("minimumEvaluationNumber") ? SignedJson.integer(root, "minimumEvaluationNumber", Integer.MAX_VALUE, CODE) : 0,
                root.has("maximumCollateralAgeSeconds")
                        ? Duration.ofSeconds(SignedJson.integer(root, "maximumCollateralAgeSeconds", Integer.MAX_VALUE, CODE))
                        : strict.maximumCollateralAge,
                root.has("measurements")
                        ? SignedJson.list(root, "measurements", CODE).stream().map(Policy::measurement).toList()
                        : strict.measurements,
                root.has("reportData") ? hex(root, "reportData") : strict.reportData,
                flag(root, "allowMigratable"), flag(root, "allowDevelopmentRoots"));
    }

    private static TrustAnchor anchor(String text) {
        return text.equals(INTEL_ROOT) ? TrustAnchor.intelSgxRoot() : TrustAnchor.ofPem(text);
    }

    private static TcbStatus status(String label) {
        return TcbStatus.published(label).orElseThrow(() -> new AttestationException(CODE, "TCB status \"" + label + "\" is not known"));
    }

    private static Measurement measurement(JsonNode node) {
        require(node.isObject(), "a measurement is an object of registers");
        Map<Measurement.Register, Bytes> registers = new EnumMap<>(Measurement.Register.class);
        for (Measurement.Register register : Measurement.Register.values()) {
            if (node.has(register.label())) {
                registers.put(register, hex(node, register.label()));
            }
        }
        require(registers.size() == node.size(), "a measurement names a register that is not known");
        return new Measurement(registers);
    }

    private static Bytes hex(JsonNode object, String name) {
        return SignedJson.hex(SignedJson.text(object, name, CODE), name, CODE);
    }

    private static boolean flag(JsonNode root, String name) {
        require(!root.has(name) || root.get(name).isBoolean(), "member \"" + name + "\" is not true or false");
        return root.path(name).asBoolean(false);
    }

    private static List<String> texts(JsonNode root, String name) {
        return SignedJson.list(root, name, CODE).stream().map(element -> {
            require(element.isTextual(), "member \"" + name + "\" holds something that is not text");
            return element.textValue();
        }).toList();
    }

    private static void refuseUnknown(Iterator<String> names, Set<String> known) {
        names.forEachRemaining(name -> require(known.contains(name), "member \"" + name + "\" is not known"));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AttestationException(CODE, message);
        }
    }
}
