package network.nyxos.attestation.sev;

/** A named bit of a 64-bit field. */
public sealed interface Flag permits GuestFlag, PlatformFlag {
    /** Number of the bit, 0 the lowest. */
    int bit();

    /** Name in policies and in output. */
    String label();

    /** True when it is set in {@code field}. */
    default boolean in(long field) {
        return (field >>> bit() & 1) == 1;
    }
}
