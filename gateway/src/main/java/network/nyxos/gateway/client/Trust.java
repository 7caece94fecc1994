package network.nyxos.gateway.client;

import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.attestation.policy.Policy;

/// What a client finds out for itself instead of taking a gateway's word.
///
/// @param evidence what a node's evidence must be. Where it is there, prompts of the confidential tier are sealed to a node that meets it, and are never sent
///                 otherwise; where it is not, they go to the gateway in the clear
/// @param registry tells which keys are a node's; where it is there, every receipt must be signed by the key that it has
/// @param clock    the time that evidence is judged at
public record Trust(Optional<Policy> evidence, Optional<NodeRegistry> registry, InstantSource clock) {
    /// Takes the gateway's word: prompts in the clear, receipts whose signer is not known.
    public static final Trust NONE = new Trust(Optional.empty(), Optional.empty(), InstantSource.system());

    /// Seals prompts of the confidential tier to nodes whose evidence meets this policy.
    public static Trust sealing(Policy policy) {
        return NONE.withEvidence(policy);
    }

    /// This, sealing to nodes whose evidence meets this policy.
    public Trust withEvidence(Policy policy) {
        return new Trust(Optional.of(policy), registry, clock);
    }

    /// This, knowing nodes' keys from the registry.
    public Trust withRegistry(NodeRegistry known) {
        return new Trust(evidence, Optional.of(known), clock);
    }
}
