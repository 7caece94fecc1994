package network.nyxos.node.link;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.engine.ModelCard;
import software.sava.core.accounts.PublicKey;

/**
 * How a node introduces itself.
 *
 * @param keys     its keys
 * @param tiers    what it serves
 * @param models   what it runs
 * @param capacity jobs at a time
 */
public record Hello(NodeKeys keys, Set<Tier> tiers, List<ModelCard> models, int capacity) {
    public Hello {
        tiers = Set.copyOf(tiers);
        models = List.copyOf(models);
    }

    /** What the node key signs (docs/protocol.md §4.7). The peer's key is in it, so that no peer can pass it on to another. */
    public static Hash digest(Hash nonce, PublicKey peer, PublicKey node, PublicKey receiptKey, byte[] sealingKey) {
        return Hash.domain("nyxos:hello:v1", nonce.bytes(), peer.toByteArray(), node.toByteArray(), receiptKey.toByteArray(), sealingKey);
    }

    ObjectNode frame(Hash nonce, PublicKey peer) {
        PublicKey node = keys.node().publicKey();
        PublicKey receipt = keys.receipt().publicKey();
        ObjectNode frame = Frame.of("hello").put("version", 1).put("node", node.toBase58()).put("receiptKey", receipt.toBase58());
        if (keys.seals()) {
            frame.put("sealingKey", PublicKey.createPubKey(keys.sealingKey()).toBase58());
        }
        ArrayNode tierNames = frame.putArray("tiers");
        tiers.stream().sorted().forEach(tier -> tierNames.add(tier.wireName()));
        ArrayNode cards = frame.putArray("models");
        for (ModelCard model : models) {
            cards.addObject().put("id", model.id()).put("name", model.name()).put("engine", model.engine())
                    .put("context", model.context()).put("deterministic", model.deterministic());
        }
        return frame.put("capacity", capacity).put("signature", keys.node().sign(digest(nonce, peer, node, receipt, keys.sealingKey())).base64());
    }
}
