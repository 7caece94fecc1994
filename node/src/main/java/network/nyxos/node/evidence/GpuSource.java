package network.nyxos.node.evidence;

import java.util.List;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices.Device;

/** Makes evidence of the GPUs that are here. Safe for use by many threads. */
@FunctionalInterface
public interface GpuSource {
    /**
     * Evidence of all of them over one nonce.
     *
     * @param nonce 32 bytes
     * @throws EvidenceSource.EvidenceException when one gives none: evidence of a part of them would claim that the others are not there
     */
    List<Device> show(Bytes nonce) throws EvidenceSource.EvidenceException;
}
