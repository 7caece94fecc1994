package network.nyxos.attestation.collateral;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A platform's status by Intel's TCB information, best first. */
public enum TcbStatus {
    /** All known mitigations are in place. */
    UP_TO_DATE("UpToDate", true),
    /** Firmware is current; the workload must mitigate something itself. */
    SW_HARDENING_NEEDED("SWHardeningNeeded", true),
    /** Firmware is current; the platform's configuration may be unsafe. */
    CONFIGURATION_NEEDED("ConfigurationNeeded", true),
    /** Both of the above. */
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded", true),
    /** The TD was launched under an older module than runs now and must be launched again. */
    TD_RELAUNCH_ADVISED("TDRelaunchAdvised", false),
    /** Likewise, and the configuration may be unsafe. */
    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED("TDRelaunchAdvisedConfigurationNeeded", false),
    /** Known mitigations are missing. */
    OUT_OF_DATE("OutOfDate", true),
    /** Likewise, and the configuration may be unsafe. */
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded", true),
    /** The platform's keys are not trusted any more. */
    REVOKED("Revoked", true);

    private final String label;
    private final boolean published;

    TcbStatus(String label, boolean published) {
        this.label = label;
        this.published = published;
    }

    /** Intel's spelling. */
    public String label() {
        return label;
    }

    /** The status that a TCB level is published with under {@code label}; empty for a text that is not known. */
    public static Optional<TcbStatus> published(String label) {
        return Arrays.stream(values()).filter(status -> status.published && status.label.equals(label)).findFirst();
    }

    /** True when a policy may accept it: never for a revoked platform nor for a TD that must be launched again. */
    public boolean acceptable() {
        return published && this != REVOKED;
    }

    /** The worse of two. */
    public TcbStatus worse(TcbStatus other) {
        return compareTo(other) >= 0 ? this : other;
    }

    private boolean needsConfiguration() {
        return this == CONFIGURATION_NEEDED || this == CONFIGURATION_AND_SW_HARDENING_NEEDED || this == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    private boolean outOfDate() {
        return this == OUT_OF_DATE || this == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    /**
     * A platform's status after its components (module, quoting enclave) have been taken into account.
     *
     * @param components each UpToDate, OutOfDate or Revoked
     */
    public TcbStatus mergedWith(List<TcbStatus> components) {
        if (components.contains(REVOKED)) {
            return REVOKED;
        }
        if (!components.contains(OUT_OF_DATE)) {
            return this;
        }
        return switch (this) {
            case UP_TO_DATE, SW_HARDENING_NEEDED -> OUT_OF_DATE;
            case CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED -> OUT_OF_DATE_CONFIGURATION_NEEDED;
            default -> this;
        };
    }

    /**
     * The status of a TD from that of its launch (this) and that of the module which runs now. A TD launched under an outdated module on
     * a platform since brought up to date keeps what it was launched with, so it must be launched again; otherwise the worse one counts.
     */
    public TcbStatus afterUpdateTo(TcbStatus current) {
        boolean currentIsGood = current != REVOKED && !current.outOfDate();
        if (outOfDate() && currentIsGood) {
            return needsConfiguration() || current.needsConfiguration() ? TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED : TD_RELAUNCH_ADVISED;
        }
        return worse(current);
    }
}
