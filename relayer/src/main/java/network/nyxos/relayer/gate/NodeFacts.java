package network.nyxos.relayer.gate;

import software.sava.core.accounts.PublicKey;

/// What the registry says of a node now.
///
/// @param node       its key
/// @param operator   who runs it
/// @param state      of its registration
/// @param tiers      mask of {@link network.nyxos.escrow.job.Tier#code}
/// @param receiptKey signs its receipts
/// @param sealingKey prompts are sealed to it; zeros where there is none
/// @param attestation what it holds of the node's TEE
/// @param registeredSlot when it registered
/// @param openDisputes disputes about its receipts that the registry's program is deciding
public record NodeFacts(PublicKey node, PublicKey operator, State state, int tiers, PublicKey receiptKey, PublicKey sealingKey, AttestationRecord attestation,
                        long registeredSlot, long openDisputes) {
    /// These with another receipt key.
    NodeFacts withReceiptKey(PublicKey key) {
        return new NodeFacts(node, operator, state, tiers, key, sealingKey, attestation, registeredSlot, openDisputes);
    }

    /// States of a registration.
    public enum State {
        /// Bonded, may work.
        ACTIVE,
        /// On its way out; no new work.
        UNBONDING,
        /// Gone with its bond.
        WITHDRAWN,
        /// Lost its bond.
        SLASHED
    }
}
