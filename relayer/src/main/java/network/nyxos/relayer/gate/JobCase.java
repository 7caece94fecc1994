package network.nyxos.relayer.gate;

import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;

/// All that is known of a job.
///
/// @param id          the job
/// @param record      the gateway's record, once it is here
/// @param receipt     the receipt that answers the record's assignment; while the record names none, the receipt of the latest attempt
/// @param state       where its money stands
/// @param reason      why
/// @param revision    counts what came in for it
/// @param firstSeenMs unix milliseconds of the first word of it
/// @param sample      the draw, once it was made
/// @param replay      the second node's statement, once it is here
/// @param charge      base units, once verified
/// @param refund      base units that go back, once decided
/// @param batchSeq    the batch it is in
public record JobCase(Hash id, Optional<GatewayRecord> record, Optional<RecordedReceipt> receipt, JobState state, Reason reason, long revision,
                      long firstSeenMs, Optional<Sample> sample, Optional<Replay> replay, long charge, long refund, OptionalLong batchSeq) {
}
