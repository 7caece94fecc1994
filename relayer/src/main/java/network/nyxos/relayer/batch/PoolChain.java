package network.nyxos.relayer.batch;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.relayer.gate.EscrowFacts;
import software.sava.core.accounts.PublicKey;

/// The pools on chain. Reads are at the commitment `confirmed`; a write is named by its intent: the same intent is one transaction, whatever is restarted
/// in between. Reads throw an unchecked exception where the chain cannot be reached.
public interface PoolChain {
    /// A pool.
    PoolFacts pool(PublicKey mint);

    /// A batch; empty when nothing was posted under that sequence.
    Optional<PostedBatch> batch(PublicKey mint, long seq);

    /// An escrow; empty when there is none (any more).
    Optional<EscrowFacts> escrow(PublicKey escrow);

    /// The slot now.
    long slot();

    /// Settles vouchers in one transaction. Confirmed does not mean that every entry was taken: look at the escrows.
    ///
    /// @param entries 1 to {@link #MAX_SETTLED}
    Sent settle(String intent, PublicKey mint, List<Settlement> entries);

    /// Posts a batch.
    Sent post(String intent, PublicKey mint, BatchDocument.Header header, List<VerifierSignature> signatures);

    /// Makes a batch final whose window is over.
    Sent finish(String intent, PublicKey mint, long seq);

    /// How many vouchers fit one transaction with all their signatures.
    int MAX_SETTLED = 5;
}
