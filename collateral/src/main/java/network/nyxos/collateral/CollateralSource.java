package network.nyxos.collateral;

import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices;

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

    /// The reference manifests that the devices of a machine are compared with, XML; who signed them is judged with the devices. A source that keeps none has
    /// none.
    ///
    /// @throws CollateralException when one that is needed cannot be had
    default List<Bytes> manifests(Devices devices) {
        return List.of();
    }
}
