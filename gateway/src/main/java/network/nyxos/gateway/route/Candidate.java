package network.nyxos.gateway.route;

import software.sava.core.accounts.PublicKey;

/// A node that can do a job, and what decides whether it gets it.
///
/// @param node     its key
/// @param inFlight jobs it has
/// @param capacity jobs it takes at once
/// @param observed what was seen of it
public record Candidate(PublicKey node, int inFlight, int capacity, Observations observed) {
    /// How many jobs it is given at once now: fewer than it takes while it rests.
    public int places(long now) {
        return observed.places(capacity, now);
    }
}
