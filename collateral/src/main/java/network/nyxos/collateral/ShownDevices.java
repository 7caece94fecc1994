package network.nyxos.collateral;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.escrow.wire.WireMessage;

/// The GPUs and switches that a node shows, with what they are judged by.
public final class ShownDevices {
    private ShownDevices() {
    }

    /// Makes one document of what a node shows, with the manifests of a source.
    ///
    /// @param demanded whether the policy asks for GPUs: where it does not, nobody looks at them
    /// @param source   of reference manifests; empty: none are there, which only a policy that does without takes
    /// @return empty when no GPU is shown or none is asked for
    /// @throws CollateralException                               as {@link CollateralSource#manifests}
    /// @throws network.nyxos.attestation.AttestationException `nvidia.devices` when too many are shown
    public static Optional<Devices> judgedBy(WireMessage.Evidence evidence, boolean demanded, Optional<CollateralSource> source) {
        if (evidence.gpus().isEmpty() || !demanded) {
            return Optional.empty();
        }
        Devices shown = Devices.shown(read(evidence.gpus()), read(evidence.switches()));
        return Optional.of(source.map(from -> shown.withManifests(from.manifests(shown))).orElse(shown));
    }

    private static List<Devices.Device> read(List<WireMessage.Evidence.Device> devices) {
        return devices.stream().map(device -> new Devices.Device(Bytes.of(device.report()), new String(device.certificates(), StandardCharsets.US_ASCII))).toList();
    }
}
