package network.nyxos.relayer.batch;

import java.util.Locale;

/// How far a batch is. Stored before each step, so that whoever finds a batch in a state knows what may have happened since.
public enum BatchState {
    /// Its jobs are chosen; their escrows are being settled on chain, and what was settled is collected.
    SETTLING,
    /// Its document is stored; verifiers' signatures are being collected.
    PROPOSED,
    /// A quorum has signed; it is being posted, or was posted and nobody wrote it down.
    SIGNED,
    /// It is on chain, in its window or ready to be finalised.
    POSTED,
    /// It is final on chain: payees can claim.
    FINAL,
    /// It was voided in its window; its jobs wait for the next one.
    VOID;

    /// The name in the database and in JSON.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The state of a name that {@link #wireName} gave.
    public static BatchState ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
