package network.nyxos.collateral;

import java.util.Optional;
import network.nyxos.attestation.Bytes;

/// Where a verifier gets collateral from. Thread-safe; may block.
@FunctionalInterface
public interface CollateralSource {
    /// The collateral of the platform that a piece of evidence comes from.
    ///
    /// @param kind     one of {@link network.nyxos.attestation.Evidence#kinds()}
    /// @param evidence quote or report
    /// @param brought  the collateral that came with it, in the same form. Nothing of it counts but what no service gives: the certificate of a cloud's key (VLEK)
    /// @return JSON as {@link network.nyxos.attestation.Evidence#of} reads it for this kind
    /// @throws CollateralException when there is none
    String collateral(String kind, Bytes evidence, Optional<String> brought);
}
