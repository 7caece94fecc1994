package network.nyxos.gateway.route;

import software.sava.core.accounts.PublicKey;

/// A node that could take a job now.
///
/// @param node     its key
/// @param inFlight jobs it has, below its capacity
/// @param capacity jobs it takes at once
/// @param observed what was seen of it
public record Candidate(PublicKey node, int inFlight, int capacity, Observations observed) {
}
