package network.nyxos.relayer.gate;

import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.program.Digests;
import software.sava.core.accounts.PublicKey;

/// A second node's signed statement of what the same request gave on it.
///
/// @param node       who replayed
/// @param order      what it was given to run, by {@link NodeCalls.Order#hash}
/// @param outputHash of the ids that came out
/// @param traceRoot  of what it computed, salted as the receipt's; zeros where no token came out
/// @param finish     why it ended
/// @param signature  of its receipt key over {@link Digests#replay}
public record Replay(PublicKey node, Hash order, Hash outputHash, Hash traceRoot, Finish finish, Signature signature) {
    /// Whether the key signed this statement about the job.
    public boolean verify(Hash job, PublicKey receiptKey) {
        return Ed25519.fastest().verify(receiptKey, Digests.replay(job, order, outputHash, traceRoot, finish).bytes(), signature);
    }

    /// What it says came out.
    public Rerun says() {
        return new Rerun(outputHash, traceRoot, finish);
    }
}
