package network.nyxos.relayer.batch;

import java.util.List;
import software.sava.core.accounts.PublicKey;

/// Whose word counts in a market now: its authority may replace the operator at any time, and announced terms replace the verifiers.
///
/// @param operator  settles and posts
/// @param threshold how many verifiers must sign
/// @param verifiers whose signatures count
public record Rulers(PublicKey operator, int threshold, List<PublicKey> verifiers) {
    /// Copies.
    public Rulers {
        verifiers = List.copyOf(verifiers);
    }

    /// Whether these signatures are a quorum.
    public boolean suffice(List<VerifierSignature> signatures) {
        return signatures.size() >= threshold && signatures.stream().allMatch(signature -> verifiers.contains(signature.verifier()));
    }
}
