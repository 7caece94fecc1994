package network.nyxos.escrow.program;

import java.util.Locale;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.program.escrow.Direct;

/// Where a job stands that its node settles by itself (docs/protocol.md §3, Direct.state).
public enum DirectState {
    /// In its window, or to be paid.
    OPEN,
    /// Its node is paid.
    PAID,
    /// A receipt in a batch, or the verifiers, ended it; the charge waits to go back.
    VOID,
    /// The charge went back.
    RETURNED;

    /// The state of a record.
    ///
    /// @throws ProtocolException `direct_state_unknown`
    public static DirectState of(Direct record) {
        if (record.state() < 1 || record.state() > values().length) {
            throw new ProtocolException("direct_state_unknown", "a direct settlement's state is 1 to 4, this is " + record.state());
        }
        return values()[record.state() - 1];
    }

    /// Whether the charge is still held.
    public boolean holds() {
        return this == OPEN || this == VOID;
    }

    /// Whether its node is paid by it, or will be unless somebody voids it.
    public boolean pays() {
        return this == OPEN || this == PAID;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
