package network.nyxos.attestation.tdx;

/** Bits of TDATTRIBUTES and XFAM. Those that stand here are all that is known; any other set bit refuses the TD. */
final class TdAttributes {
    /** The host may read and write the TD's memory. */
    static final long DEBUG = 1L;
    /** Reserved for more ways of not trusting the TD. */
    static final long UNTRUSTED_RESERVED = 0xfeL;
    /** Accesses to unmapped pages do not raise #VE: without it the host can inject them. */
    static final long SEPT_VE_DISABLE = 1L << 28;
    /** The TD may be migrated to another machine. */
    static final long MIGRATABLE = 1L << 29;
    /** Supervisor protection keys. */
    static final long PKS = 1L << 30;
    /** Key locker. */
    static final long KEY_LOCKER = 1L << 31;
    /** Performance monitoring. */
    static final long PERFMON = 1L << 63;
    /** Every bit that is judged by itself or is harmless. */
    static final long KNOWN = DEBUG | UNTRUSTED_RESERVED | SEPT_VE_DISABLE | MIGRATABLE | PKS | KEY_LOCKER | PERFMON;

    /** XFAM: x87 and SSE are always on. */
    static final long XFAM_FIXED = 0x3L;
    /** XFAM: the features that a TD can be given. */
    static final long XFAM_ALLOWED = 0x6DBE7L;

    private TdAttributes() {
    }
}
