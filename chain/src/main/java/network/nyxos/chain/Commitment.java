package network.nyxos.chain;

import java.util.Locale;

/// How sure the chain is of what it says.
public enum Commitment {
    /// Seen by the node that was asked; may vanish.
    PROCESSED,
    /// Voted for by two thirds of the stake; has never vanished.
    CONFIRMED,
    /// Cannot vanish.
    FINALIZED;

    /// The name in JSON-RPC.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
