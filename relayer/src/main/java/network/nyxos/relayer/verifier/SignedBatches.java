package network.nyxos.relayer.verifier;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.batch.BatchDocument;
import software.sava.core.accounts.PublicKey;

/// What a verifier has signed, and what it has learned of batches that others signed without it.
public interface SignedBatches {
    /// A proposal.
    ///
    /// @param header  its roots
    /// @param counts  whether it counts: empty while that is not known
    record Known(BatchDocument.Header header, Optional<Boolean> counts) {
    }

    /// The proposal with these roots.
    Optional<Known> find(BatchDocument.Header header);

    /// A document.
    Optional<BatchDocument> document(Known known);

    /// The proposals that hold a job.
    List<Known> holding(PublicKey pool, Hash job);

    /// What counted proposals charge an escrow in all, base units.
    long charged(PublicKey escrow);

    /// Keeps a proposal; the same again changes nothing.
    void keep(BatchDocument document, long nowMs);

    /// Notes whether a proposal counts, once that is settled on chain.
    void decide(Known known, boolean counts);
}
