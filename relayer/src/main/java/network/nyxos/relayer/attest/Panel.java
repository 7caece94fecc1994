package network.nyxos.relayer.attest;

import java.util.List;
import software.sava.core.accounts.PublicKey;

/// Whose word the registry takes now. A market has verifiers of its own; often they are the same.
///
/// @param config    the registry's Config account
/// @param threshold how many must sign
/// @param verifiers whose signatures count
public record Panel(PublicKey config, int threshold, List<PublicKey> verifiers) {
    /// Copies.
    public Panel {
        verifiers = List.copyOf(verifiers);
    }
}
