package network.nyxos.gateway.client;

import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.RegisteredModel;
import software.sava.core.accounts.PublicKey;

/// The registry on chain, as far as a client looks into it: no gateway's word stands in for it.
public interface NodeRegistry {
    /// What the registry has of a node.
    ///
    /// @param active     registered and neither leaving nor slashed
    /// @param tiers      the tiers it is registered for
    /// @param receiptKey signs its receipts
    /// @param sealingKey prompts are sealed to it; empty: it takes none
    /// @param ended      the verifiers' word on its TEE was ended for good, and they gave no newer one
    record Entry(boolean active, Set<Tier> tiers, PublicKey receiptKey, Optional<PublicKey> sealingKey, boolean ended) {
        /// Copies the set.
        public Entry {
            tiers = Set.copyOf(tiers);
        }
    }

    /// The chain could not be asked.
    final class UnreachableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// @param message why
        public UnreachableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Looks a node up.
    ///
    /// @return empty when it is not registered
    /// @throws UnreachableException when the chain could not be asked
    Optional<Entry> find(PublicKey node);

    /// Looks a model up: its publisher says as what a TEE must be measured that serves it.
    ///
    /// @return empty when nobody registered it: then any measurement that the client's policy takes will do
    /// @throws UnreachableException when the chain could not be asked
    Optional<RegisteredModel> model(Hash id);
}
