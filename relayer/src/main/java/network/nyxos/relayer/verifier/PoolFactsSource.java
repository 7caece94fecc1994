package network.nyxos.relayer.verifier;

import java.util.Optional;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.gate.ChainFacts;
import software.sava.core.accounts.PublicKey;

/// What a verifier looks up on chain, by its own RPC node.
public interface PoolFactsSource extends ChainFacts {
    /// A pool.
    PoolFacts pool(PublicKey mint);

    /// A batch; empty when nothing was posted under that sequence.
    Optional<PostedBatch> batch(PublicKey mint, long seq);
}
