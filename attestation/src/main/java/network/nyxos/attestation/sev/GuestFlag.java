package network.nyxos.attestation.sev;

/** What a guest's owner allows the host to do, or demands of it: POLICY of the report, which the firmware enforces. */
public enum GuestFlag implements Flag {
    /** The host may run it on two threads of one core. */
    SMT(16, "smt"),
    /** It may be bound to a migration agent, which can move it to another machine. */
    MIGRATION_AGENT(18, "migrationAgent"),
    /** The host may read its memory. */
    DEBUG(19, "debug"),
    /** It must run on one socket. */
    SINGLE_SOCKET(20, "singleSocket"),
    /** Memory may lie on CXL devices. */
    CXL(21, "cxl"),
    /** Memory must be encrypted with AES-256-XTS. */
    MEMORY_AES_256_XTS(22, "memoryAes256Xts"),
    /** Power measurement must be off: it leaks. */
    RAPL_DISABLED(23, "raplDisabled"),
    /** The host must not see ciphertext. */
    CIPHERTEXT_HIDING(24, "ciphertextHiding"),
    /** Pages must not be swapped out. */
    PAGE_SWAP_DISABLED(25, "pageSwapDisabled");

    /** Bit 17, which must be one. */
    public static final long FIXED = 1L << 17;
    /** Bits that must be zero. */
    public static final long RESERVED = -1L << 26;

    private final int bit;
    private final String label;

    GuestFlag(int bit, String label) {
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
