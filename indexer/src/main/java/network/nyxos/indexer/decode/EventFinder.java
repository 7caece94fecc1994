package network.nyxos.indexer.decode;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/// Finds the events of one program among the inner instructions of a transaction.
public final class EventFinder {
    private static final byte[] TAG = EscrowEvent.tag();

    private final Program program;
    private final PublicKey programId;

    /// @param program which program
    /// @param programs the ids on this cluster
    public EventFinder(Program program, Programs programs) {
        this.program = program;
        this.programId = program.id(programs);
    }

    /// The events of a successful transaction, in order. An event is a call of the program with the event tag and one account. The program takes such a call
    /// only with the signature of an address of its own, which nobody else can give: the event authority's or, where a transaction has no room for that key,
    /// an escrow's. So a call that succeeded is the program's.
    public List<RawEvent> find(String signature, long ordinal, long slot, Optional<Instant> blockTime, List<ProgramCall> calls) {
        var found = new ArrayList<RawEvent>();
        for (ProgramCall call : calls) {
            byte[] data = call.data();
            boolean tagged = data.length >= TAG.length && Arrays.equals(data, 0, TAG.length, TAG, 0, TAG.length);
            if (tagged && call.program().equals(programId) && call.accounts().size() == 1) {
                found.add(new RawEvent(new EventId(signature, call.outerIndex(), call.innerIndex()), program, ordinal, slot, blockTime, data));
            }
        }
        return found;
    }
}
