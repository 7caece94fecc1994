package network.nyxos.escrow.job;

import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Signature;

/// An assignment with a signature that claims to be its gateway's.
///
/// @param assignment the order
/// @param signature  over {@link Assignment#digest}
public record SignedAssignment(Assignment assignment, Signature signature) {
    /// Whether the gateway named in the assignment signed it. Whether that gateway is one to trust is the caller's question.
    public boolean verify() {
        return Ed25519.fastest().verify(assignment.gateway(), assignment.digest().bytes(), signature);
    }
}
