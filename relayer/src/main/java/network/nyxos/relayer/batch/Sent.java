package network.nyxos.relayer.batch;

import network.nyxos.relayer.job.Reason;

/// What is known of a transaction.
public sealed interface Sent {
    /// It is on chain and succeeded.
    ///
    /// @param signature in base58
    record Confirmed(String signature) implements Sent {
    }

    /// It did not and will not succeed: refused, failed on chain, or expired unseen.
    record Failed(Reason reason) implements Sent {
    }

    /// It may or may not be on chain. Nothing is sent in its place until that is known.
    record Unknown(Reason reason) implements Sent {
    }
}
