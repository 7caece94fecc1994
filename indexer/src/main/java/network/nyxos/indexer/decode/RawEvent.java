package network.nyxos.indexer.decode;

import java.time.Instant;
import java.util.Optional;

/// An inner instruction that a program marked as its event, not yet decoded.
///
/// @param id its identity
/// @param program the program that emitted it
/// @param ordinal which transaction of the program it came in, counted from 1
/// @param slot slot of the transaction
/// @param blockTime when the cluster says that slot was
/// @param data the instruction's data, tag included
public record RawEvent(EventId id, Program program, long ordinal, long slot, Optional<Instant> blockTime, byte[] data) {
    /// Copies the data.
    public RawEvent {
        data = data.clone();
    }

    /// A copy of the data.
    @Override
    public byte[] data() {
        return data.clone();
    }
}
