package network.nyxos.attestation;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What runs inside a TEE: registers and their values, 48 bytes (SHA-384) each. As a value read from evidence it holds all registers of
 * that kind (a TD's eight, an SNP guest's one); as a rule of a policy it holds those that must be equal, and says nothing of the others.
 *
 * @param registers at least one; every value has exactly 48 bytes
 */
public record Measurement(Map<Register, Bytes> registers) {
    /** Length of every register. */
    public static final int REGISTER_BYTES = 48;

    /** The measurement registers: of a TD report in the order of their offsets, then that of an SEV-SNP report. */
    public enum Register {
        /** The TD's initial memory: firmware. */
        MRTD(136),
        /** An id of the configuration that the host set at launch; software-defined. */
        MRCONFIGID(184),
        /** The TD's owner; software-defined. */
        MROWNER(232),
        /** The owner's configuration; software-defined. */
        MROWNERCONFIG(280),
        /** Virtual firmware data and configuration. */
        RTMR0(328),
        /** Boot loader, kernel. */
        RTMR1(376),
        /** Operating system. */
        RTMR2(424),
        /** Application. */
        RTMR3(472),
        /** SEV-SNP: the guest's memory and processor state at launch. */
        LAUNCH(0x90);

        private final int offset;

        Register(int offset) {
            this.offset = offset;
        }

        /** The registers of a TD. */
        public static Set<Register> ofTrustDomain() {
            return EnumSet.range(MRTD, RTMR3);
        }

        /** Offset in the TD report 1.0 body, or in the SEV-SNP report. */
        public int offset() {
            return offset;
        }

        /** Name in JSON: lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Copies and checks. */
    public Measurement {
        if (registers.isEmpty()) {
            throw new AttestationException("measurement.empty", "a measurement names at least one register");
        }
        registers.forEach((register, value) -> {
            if (value.size() != REGISTER_BYTES) {
                throw new AttestationException("measurement.length",
                        register.label() + " has " + value.size() + " bytes, must have " + REGISTER_BYTES);
            }
        });
        registers = Collections.unmodifiableMap(new EnumMap<>(registers));
    }

    /**
     * The one register that names the workload where there is room for one: a TD's MRTD, an SNP guest's launch measurement.
     *
     * @throws AttestationException {@code measurement.workload} where this has neither
     */
    public Bytes workload() {
        Bytes trustDomain = registers.get(Register.MRTD);
        Bytes workload = trustDomain == null ? registers.get(Register.LAUNCH) : trustDomain;
        if (workload == null) {
            throw new AttestationException("measurement.workload", "it has neither MRTD nor a launch measurement");
        }
        return workload;
    }

    /** A measurement of MRTD alone. */
    public static Measurement ofMrtd(Bytes mrtd) {
        return new Measurement(Map.of(Register.MRTD, mrtd));
    }

    /** A measurement of an SEV-SNP guest. */
    public static Measurement ofLaunch(Bytes launch) {
        return new Measurement(Map.of(Register.LAUNCH, launch));
    }

    /** The value of {@code register}, or no bytes when this measurement does not name it. */
    public Bytes get(Register register) {
        return registers.getOrDefault(register, Bytes.EMPTY);
    }

    /** True when every register that {@code rule} names has the same 48 bytes here. */
    public boolean satisfies(Measurement rule) {
        return rule.registers.entrySet().stream().allMatch(required -> get(required.getKey()).equals(required.getValue()));
    }

    /** One register a line is too long for logs; this is {@code mrtd=…, rtmr0=…}, zero registers left out. */
    @Override
    public String toString() {
        return registers.entrySet().stream()
                .filter(e -> !e.getValue().isZero() || e.getKey() == Register.MRTD)
                .map(e -> e.getKey().label() + "=" + e.getValue().hex())
                .collect(Collectors.joining(", "));
    }
}
