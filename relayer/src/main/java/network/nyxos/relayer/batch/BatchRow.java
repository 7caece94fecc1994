package network.nyxos.relayer.batch;

import java.util.List;
import java.util.Optional;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// A batch as it is stored.
///
/// @param mint        of its pool
/// @param seq         from 1
/// @param base        the final batch whose credits it builds on, 0 = none
/// @param state       how far it is
/// @param reason      what it waits for
/// @param changedMs   since when it is in this state, unix milliseconds
/// @param document    JSON, from `PROPOSED` on
/// @param signatures  the quorum's, from `SIGNED` on
/// @param transaction that posted it, where it is known
public record BatchRow(PublicKey mint, long seq, long base, BatchState state, Reason reason, long changedMs, Optional<String> document,
                       List<VerifierSignature> signatures, Optional<String> transaction) {
    /// Copies.
    public BatchRow {
        signatures = List.copyOf(signatures);
    }
}
