package network.nyxos.attestation.snp;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.policy.SnpRules.Firmware;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.Product;

import java.util.Optional;

/**
 * An SEV-SNP attestation report of version 2 to 5, 1184 bytes, integers little-endian:
 * <pre>
 * 000 VERSION u32          048 KEY_INFO u32           160 REPORT_ID_MA 32         1E8 current build, minor, major, zero
 * 004 GUEST_SVN u32        04C zero 4                 180 REPORTED_TCB 8          1EC committed build, minor, major, zero
 * 008 POLICY u64           050 REPORT_DATA 64         188 v3: CPUID family,       1F0 LAUNCH_TCB 8
 * 010 FAMILY_ID 16         090 MEASUREMENT 48             model, stepping         1F8 v5: LAUNCH_MIT_VECTOR u64
 * 020 IMAGE_ID 16          0C0 HOST_DATA 32               v2: zero                200 v5: CURRENT_MIT_VECTOR u64
 * 030 VMPL u32             0E0 ID_KEY_DIGEST 48       18B zero                    208 zero
 * 034 SIGNATURE_ALGO u32   110 AUTHOR_KEY_DIGEST 48   1A0 CHIP_ID 64              2A0 signature: R 72, S 72, zero 368
 * 038 CURRENT_TCB 8        140 REPORT_ID 32           1E0 COMMITTED_TCB 8
 * 040 PLATFORM_INFO u64
 * </pre>
 * Nothing is judged here but what the layout itself fixes: length and version.
 */
public final class AttestationReport {
    /** Length of every report. */
    public static final int LENGTH = 0x4a0;
    /** What the signature covers: everything before it. */
    public static final int SIGNED_LENGTH = 0x2a0;
    /** Length of R and of S in the report; the curve needs the lower 48 bytes. */
    private static final int SCALAR_FIELD = 72;

    private static final int SCALAR = 48;
    private static final int MAX_VERSION = 5;
    private static final int MIN_VERSION = 2;
    private static final int PROCESSOR_VERSION = 3;
    private static final int MITIGATION_VERSION = 5;

    private final Bytes raw;

    private AttestationReport(Bytes raw) {
        this.raw = raw;
    }

    /**
     * Reads a report.
     *
     * @throws AttestationException {@code snp.report.layout} when it has not exactly 1184 bytes, {@code snp.report.version} when its
     *                              version is not 2 to 5 (4 has the layout of 3)
     */
    public static AttestationReport parse(Bytes raw) {
        if (raw.size() != LENGTH) {
            throw new AttestationException(SnpCheck.REPORT_LAYOUT.id(), "a report has " + LENGTH + " bytes, not " + raw.size());
        }
        AttestationReport report = new AttestationReport(raw);
        if (report.version() < MIN_VERSION || report.version() > MAX_VERSION) {
            throw new AttestationException(SnpCheck.REPORT_VERSION.id(), "version " + report.version() + " is not known; 2 to 5 are");
        }
        return report;
    }

    /** Where bytes are set that must be zero, in words; empty when none are. */
    public Optional<String> reservedProblem() {
        int processorEnd = version() >= PROCESSOR_VERSION ? 0x18b : 0x188;
        int mitigationEnd = version() >= MITIGATION_VERSION ? 0x208 : 0x1f8;
        return nonZero(0x4c, 0x50)
                .or(() -> nonZero(processorEnd, 0x1a0))
                .or(() -> nonZero(0x1eb, 0x1ec))
                .or(() -> nonZero(0x1ef, 0x1f0))
                .or(() -> nonZero(mitigationEnd, SIGNED_LENGTH))
                .or(() -> nonZero(SIGNED_LENGTH + SCALAR, SIGNED_LENGTH + SCALAR_FIELD))
                .or(() -> nonZero(SIGNED_LENGTH + SCALAR_FIELD + SCALAR, SIGNED_LENGTH + 2 * SCALAR_FIELD))
                .or(() -> nonZero(SIGNED_LENGTH + 2 * SCALAR_FIELD, LENGTH))
                .or(() -> keyInfo() >>> 5 == 0 ? Optional.empty() : Optional.of(String.format("KEY_INFO 0x%08x has reserved bits", keyInfo())));
    }

    private Optional<String> nonZero(int from, int to) {
        return raw.slice(from, to - from).isZero()
                ? Optional.empty()
                : Optional.of(String.format("bytes 0x%03x to 0x%03x must be zero", from, to - 1));
    }

    /** The whole report. */
    public Bytes raw() {
        return raw;
    }

    /** 2 to 5. */
    public long version() {
        return raw.u32(0);
    }

    /** The guest's security version, unsigned 32 bits. */
    public long guestSvn() {
        return raw.u32(4);
    }

    /** The guest policy, see {@link network.nyxos.attestation.sev.GuestFlag}. */
    public long policy() {
        return raw.u64(8);
    }

    /** 16 bytes of the ID block. */
    public Bytes familyId() {
        return raw.slice(0x10, 16);
    }

    /** 16 bytes of the ID block. */
    public Bytes imageId() {
        return raw.slice(0x20, 16);
    }

    /** The privilege level that asked, 0 to 3; 0xffffffff when the host asked. */
    public long vmpl() {
        return raw.u32(0x30);
    }

    /** 1: ECDSA on P-384 with SHA-384. */
    public long signatureAlgorithm() {
        return raw.u32(0x34);
    }

    /** What runs now. */
    public Bytes currentTcb() {
        return raw.slice(0x38, 8);
    }

    /** See {@link network.nyxos.attestation.sev.PlatformFlag}. */
    public long platformInfo() {
        return raw.u64(0x40);
    }

    /** Bit 0: an author key signed the ID key; bit 1: the host masks the chip key; bits 2 to 4: whose key signed. */
    public long keyInfo() {
        return raw.u32(0x48);
    }

    /** SIGNING_KEY of {@link #keyInfo()}: 0 VCEK, 1 VLEK, 7 none. */
    public int signingKey() {
        return (int) (keyInfo() >>> 2 & 7);
    }

    /** Whose key signed; empty when nobody's or an unknown one. */
    public Optional<KeyKind> keyKind() {
        return KeyKind.ofNumber(signingKey());
    }

    /** True when the report says that an author key signed the ID key. */
    public boolean authorKeyEnabled() {
        return (keyInfo() & 1) == 1;
    }

    /** 64 bytes that the guest chose. */
    public Bytes reportData() {
        return raw.slice(0x50, 64);
    }

    /** The launch measurement. */
    public Measurement measurement() {
        return Measurement.ofLaunch(raw.slice(Measurement.Register.LAUNCH.offset(), Measurement.REGISTER_BYTES));
    }

    /** 32 bytes that the host chose at launch. */
    public Bytes hostData() {
        return raw.slice(0xc0, 32);
    }

    /** SHA-384 of the key that signed the ID block; zeros without one. */
    public Bytes idKeyDigest() {
        return raw.slice(0xe0, 48);
    }

    /** SHA-384 of the key that signed the ID key; zeros without one. */
    public Bytes authorKeyDigest() {
        return raw.slice(0x110, 48);
    }

    /** 32 bytes, of this guest for its lifetime. */
    public Bytes reportId() {
        return raw.slice(0x140, 32);
    }

    /** 32 bytes, of the migration agent; all ones without one. */
    public Bytes migrationAgentReportId() {
        return raw.slice(0x160, 32);
    }

    /** What the signing key was derived for. */
    public Bytes reportedTcb() {
        return raw.slice(0x180, 8);
    }

    /** Combined CPUID family and model, and stepping; empty before version 3. */
    public Optional<Processor> processor() {
        return version() >= PROCESSOR_VERSION ? Optional.of(new Processor(raw.u8(0x188), raw.u8(0x189), raw.u8(0x18a))) : Optional.empty();
    }

    /** 64 bytes; zeros where the host masks it. */
    public Bytes chipId() {
        return raw.slice(0x1a0, 64);
    }

    /** What the platform can no longer go below. */
    public Bytes committedTcb() {
        return raw.slice(0x1e0, 8);
    }

    /** The SNP firmware that runs. */
    public Firmware currentFirmware() {
        return firmware(0x1e8);
    }

    /** The SNP firmware that the platform can no longer go below. */
    public Firmware committedFirmware() {
        return firmware(0x1ec);
    }

    private Firmware firmware(int offset) {
        return new Firmware(raw.u8(offset + 2), raw.u8(offset + 1), raw.u8(offset));
    }

    /** What ran when the guest was launched. */
    public Bytes launchTcb() {
        return raw.slice(0x1f0, 8);
    }

    /** Mitigations in force at launch, one bit each; empty before version 5. */
    public Optional<Long> launchMitigations() {
        return version() >= MITIGATION_VERSION ? Optional.of(raw.u64(0x1f8)) : Optional.empty();
    }

    /** Mitigations in force now, one bit each; empty before version 5. */
    public Optional<Long> currentMitigations() {
        return version() >= MITIGATION_VERSION ? Optional.of(raw.u64(0x200)) : Optional.empty();
    }

    /** What is signed. */
    public Bytes signedBytes() {
        return raw.slice(0, SIGNED_LENGTH);
    }

    /** r ‖ s, 48 bytes each, big-endian: the report's own are little-endian. */
    public Bytes signature() {
        return reversed(raw.slice(SIGNED_LENGTH, SCALAR)).concat(reversed(raw.slice(SIGNED_LENGTH + SCALAR_FIELD, SCALAR)));
    }

    private static Bytes reversed(Bytes bytes) {
        byte[] turned = new byte[bytes.size()];
        for (int i = 0; i < turned.length; i++) {
            turned[i] = (byte) bytes.u8(turned.length - 1 - i);
        }
        return Bytes.of(turned);
    }

    /**
     * A processor by CPUID.
     *
     * @param family   combined
     * @param model    combined
     * @param stepping does not matter
     */
    public record Processor(int family, int model, int stepping) {
        /** Its line; empty for one that is not known here. */
        public Optional<Product> product() {
            return Product.ofProcessor(family, model);
        }

        @Override
        public String toString() {
            return String.format("family 0x%02x, model 0x%02x, stepping %d", family, model, stepping);
        }
    }
}
