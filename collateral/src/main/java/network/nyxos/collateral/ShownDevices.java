package network.nyxos.collateral;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices;

/// The GPUs and switches that a node shows, with what they are judged by.
public final class ShownDevices {
    private ShownDevices() {
    }

    /// Makes one document of what a node shows, with the manifests of a source.
    ///
    /// @param gpus         as a node shows them, in whatever form they came
    /// @param switches     likewise
    /// @param report       SPDM request and response of one
    /// @param certificates PEM of one, leaf first
    /// @param demanded     whether the policy asks for GPUs: where it does not, nobody looks at them
    /// @param source       of reference manifests; empty: none are there, which only a policy that does without takes
    /// @return empty when no GPU is shown or none is asked for
    /// @throws CollateralException                               as {@link CollateralSource#manifests}
    /// @throws network.nyxos.attestation.AttestationException `nvidia.devices` when too many are shown
    public static <D> Optional<Devices> judgedBy(List<D> gpus, List<D> switches, Function<D, byte[]> report, Function<D, byte[]> certificates, boolean demanded,
                                                Optional<CollateralSource> source) {
        if (gpus.isEmpty() || !demanded) {
            return Optional.empty();
        }
        Function<D, Devices.Device> read = device -> new Devices.Device(Bytes.of(report.apply(device)), new String(certificates.apply(device), StandardCharsets.US_ASCII));
        Devices shown = Devices.shown(gpus.stream().map(read).toList(), switches.stream().map(read).toList());
        return Optional.of(source.map(from -> shown.withManifests(from.manifests(shown))).orElse(shown));
    }
}
