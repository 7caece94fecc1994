package network.nyxos.relayer.job;

import java.util.Locale;
import network.nyxos.escrow.ProtocolException;

/// Where a job's money stands. A job is in one state at a time; the transitions are those of docs/protocol.md §10.
public enum JobState {
    /// Paid or reserved; the work is not over.
    RESERVED,
    /// The gateway says it is done, or the node's receipt is here; the other half is awaited.
    EXECUTED,
    /// Both halves are here and the gate is looking at them.
    VERIFYING,
    /// Passed its gate; awaits a batch.
    VERIFIED,
    /// In a batch that is posted on chain and in its window.
    BATCHED,
    /// In a final batch: the node can claim.
    FINAL,
    /// The node has claimed.
    CLAIMED,
    /// The payment goes back: in the next batch, or in one that is not paid out yet.
    REFUNDING,
    /// The payer has its money.
    REFUNDED,
    /// Nothing was debited, or nothing had arrived.
    RELEASED,
    /// The receipt was proven wrong: the payout has stopped. An exact payment goes back in the next batch.
    DISPUTED,
    /// The node's bond paid for a dispute.
    SLASHED;

    /// Whether the gate still has to decide about jobs in this state.
    public boolean undecided() {
        return this == RESERVED || this == EXECUTED || this == VERIFYING;
    }

    /// The name on the wire: lower case.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProtocolException `state_unknown`
    public static JobState ofWireName(String name) {
        for (JobState state : values()) {
            if (state.wireName().equals(name)) {
                return state;
            }
        }
        throw new ProtocolException("state_unknown", "there is no job state '" + name + "'");
    }
}
