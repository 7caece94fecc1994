package network.nyxos.relayer.batch;

import java.time.Duration;
import network.nyxos.escrow.ProtocolException;

/// When batches are made and how large they get.
///
/// @param maxJobs   the most jobs in a batch, 1 to 10 000
/// @param interval  how long the oldest job waits at most before a batch is opened, unless `maxJobs` wait
/// @param patience  how long verifiers may take to come to know what a proposal speaks of, and how long between two looks for payers who have left
public record BatchTerms(int maxJobs, Duration interval, Duration patience) {
    /// @throws ProtocolException `config_batch`
    public BatchTerms {
        if (maxJobs < 1 || maxJobs > 10_000 || interval.isNegative() || patience.isNegative()) {
            throw new ProtocolException("config_batch", "a batch has 1 to 10 000 jobs and intervals of 0 or more");
        }
    }
}
