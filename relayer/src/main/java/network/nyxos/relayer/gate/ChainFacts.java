package network.nyxos.relayer.gate;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.RegisteredModel;
import software.sava.core.accounts.PublicKey;

/// What the rules look up on chain, at the commitment `confirmed`. Every method throws an unchecked exception where the chain cannot be reached: then
/// nothing is known, and nothing is decided.
public interface ChainFacts {
    /// A node's registration; empty when the registry knows no such node.
    Optional<NodeFacts> node(PublicKey node);

    /// The receipt keys that a node had before the one it has, the newest first.
    List<PastKey> pastReceiptKeys(NodeFacts node);

    /// A model's registration; empty when the registry knows no such model.
    Optional<RegisteredModel> model(Hash model);

    /// The transaction that pays.
    ///
    /// @param mint whose pool's vault the transfers are looked for
    PaymentFacts payment(Signature transaction, PublicKey mint);

    /// An escrow as it is, or as it was when its payer left; empty when the node knows nothing of one.
    Optional<EscrowFacts> escrow(PublicKey escrow);

    /// The slot now.
    long slot();

    /// The newest slot that the node has seen, confirmed or not. Asked anew each time: no hash of a later slot is known to anybody who asks the same node.
    long tip();

    /// The first block at or after a slot; empty while there is none.
    Optional<SlotHash> firstBlock(long fromSlot);
}
