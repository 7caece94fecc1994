package network.nyxos.attestation.sev;

/** How the machine is set up: PLATFORM_INFO of the report. */
public enum PlatformFlag implements Flag {
    /** Two threads a core. */
    SMT(0, "smt"),
    /** All memory is encrypted, the host's too. */
    TSME(1, "tsme"),
    /** Memory has error correction. */
    ECC(2, "ecc"),
    /** Power measurement is off. */
    RAPL_DISABLED(3, "raplDisabled"),
    /** The host does not see ciphertext. */
    CIPHERTEXT_HIDING(4, "ciphertextHiding"),
    /** Memory was checked for aliases at boot (BadRAM). */
    ALIAS_CHECK(5, "aliasCheck"),
    /** Trusted I/O is on. */
    TRUSTED_IO(7, "trustedIo");

    /** Bits that must be zero. */
    public static final long RESERVED = 1L << 6 | -1L << 8;

    private final int bit;
    private final String label;

    PlatformFlag(int bit, String label) {
        this.bit = bit;
        this.label = label;
    }

    @Override
    public int bit() {
        return bit;
    }

    @Override
    public String label() {
        return label;
    }
}
