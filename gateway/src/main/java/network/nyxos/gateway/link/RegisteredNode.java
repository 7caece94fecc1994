package network.nyxos.gateway.link;

import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.job.Tier;
import software.sava.core.accounts.PublicKey;

/// What the chain says of a node.
///
/// @param node       its key
/// @param active     registered and neither leaving nor slashed
/// @param tiers      the tiers it is registered for
/// @param receiptKey signs its receipts
/// @param sealingKey prompts of the confidential tier are sealed to it
/// @param bond       base units of the bond mint
public record RegisteredNode(PublicKey node, boolean active, Set<Tier> tiers, PublicKey receiptKey, Optional<PublicKey> sealingKey, long bond) {
    /// Copies the set.
    public RegisteredNode {
        tiers = Set.copyOf(tiers);
    }
}
