package network.nyxos.node.link;

import java.util.List;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.engine.ModelCard;

/**
 * What a node says of itself to every peer.
 *
 * @param keys     its keys
 * @param tiers    what it serves
 * @param models   what it runs
 * @param capacity jobs at a time
 */
public record Introduction(NodeKeys keys, Set<Tier> tiers, List<ModelCard> models, int capacity) {
    public Introduction {
        tiers = Set.copyOf(tiers);
        models = List.copyOf(models);
    }

    WireMessage.Hello answer(WireMessage.Challenge challenge) {
        return WireMessage.Hello.answer(challenge, keys.node(), keys.receipt().publicKey(), keys.sealing().map(SealingKey::publicKey), tiers, models.stream()
                .map(model -> new WireMessage.ModelOffer(Hash.fromHex(model.id()), model.name(), model.engine(), model.context(), model.deterministic(), model.kind())).toList(),
                capacity);
    }
}
