package network.nyxos.relayer.verifier;

import java.util.Optional;
import network.nyxos.relayer.batch.BatchDocument;
import software.sava.core.accounts.PublicKey;

/// Where a verifier gets documents of batches that it did not sign itself. Not trusted: what comes from here is checked against the chain.
@FunctionalInterface
public interface BatchHistory {
    /// A document; empty when it cannot be had.
    Optional<BatchDocument> document(PublicKey mint, long seq);

    /// Nothing can be had.
    BatchHistory NONE = (mint, seq) -> Optional.empty();
}
