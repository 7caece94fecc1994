package network.nyxos.relayer.verifier;

import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.ChainFacts;
import software.sava.core.accounts.PublicKey;

/// What a verifier looks up on chain, by its own RPC node.
public interface PoolFactsSource extends ChainFacts {
    /// A pool.
    PoolFacts pool(PublicKey mint);

    /// How the market and the registry, as they stand now, divide the money of jobs at a slot.
    ///
    /// @param slot   a recent one: of what was announced, what is in force by then
    /// @param models that served them
    CreditRules credits(long slot, Set<Hash> models);

    /// The royalties that a model may have had at a slot gone by, from its history: one, or several where it was changed within that slot.
    Set<Optional<CreditRules.Royalty>> royalties(Hash model, long slot);

    /// A batch; empty when nothing was posted under that sequence.
    Optional<PostedBatch> batch(PublicKey mint, long seq);
}
