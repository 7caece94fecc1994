package network.nyxos.relayer.link;

import java.time.Duration;
import java.util.Optional;
import network.nyxos.collateral.CollateralSource;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// How links to nodes are kept.
///
/// @param peer             the relayer's own key, which nodes name in their hello
/// @param ping             how often a link is pinged
/// @param silence          how long it may be silent before it is closed
/// @param callTimeout      how long a node may take to reveal or replay
/// @param evidenceLifetime how long evidence counts before newer is asked for
/// @param collateral       where collateral is from; empty: from the node itself
public record LinkTerms(PublicKey peer, Duration ping, Duration silence, Duration callTimeout, Duration evidenceLifetime, Optional<CollateralSource> collateral) {
    /// A fresh nonce.
    static Hash nonce() {
        return Hash.random(RANDOM);
    }

    private static final java.security.SecureRandom RANDOM = new java.security.SecureRandom();
}
