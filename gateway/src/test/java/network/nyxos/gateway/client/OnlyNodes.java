package network.nyxos.gateway.client;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.RegisteredModel;

/// A registry without models.
@FunctionalInterface
public interface OnlyNodes extends NodeRegistry {
    @Override
    default Optional<RegisteredModel> model(Hash id) {
        return Optional.empty();
    }
}
