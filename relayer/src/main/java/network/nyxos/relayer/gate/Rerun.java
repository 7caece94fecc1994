package network.nyxos.relayer.gate;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;

/// What a job came to when it was run again.
///
/// @param outputHash of the ids that came out
/// @param traceRoot  of what was computed, salted as the receipt's; zeros where no token came out
/// @param finish     why it ended
public record Rerun(Hash outputHash, Hash traceRoot, Finish finish) {
    /// Whether a receipt says the same. A reply that was cut off is run again to where it was cut, where every run ends for another reason.
    public boolean confirms(Receipt receipt) {
        return outputHash.equals(receipt.outputHash()) && traceRoot.equals(receipt.traceRoot())
            && (receipt.finish() == Finish.CANCELLED || finish == receipt.finish());
    }
}
