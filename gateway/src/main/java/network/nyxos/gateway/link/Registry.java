package network.nyxos.gateway.link;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.RegisteredModel;
import software.sava.core.accounts.PublicKey;

/// The nodes that the chain's registry holds, as far as this gateway has heard. Never asks the chain itself.
public interface Registry {
    /// What is registered under a node's key.
    Optional<RegisteredNode> find(PublicKey node);

    /// What is registered under a model's id.
    Optional<RegisteredModel> model(Hash model);

    /// The slot as of which all this was read.
    long slot();

    /// The least bond of a node that may serve, base units.
    long minimumBond();
}
