package network.nyxos.relayer.gate;

import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;

/// A receipt as it was stored.
///
/// @param receipt    the node's account
/// @param assignment what it answers, signed by a gateway
/// @param slot       the newest slot when it was stored
public record RecordedReceipt(SignedReceipt receipt, SignedAssignment assignment, long slot) {
}
