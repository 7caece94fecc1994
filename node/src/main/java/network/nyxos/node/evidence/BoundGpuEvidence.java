package network.nyxos.node.evidence;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.GpuChallenge;

/**
 * Evidence of a CPU TEE with that of its GPUs: they are asked with a nonce of the CPU's report data, so that nothing recorded earlier or for another
 * node can stand beside it.
 */
public final class BoundGpuEvidence implements EvidenceSource {
    private final EvidenceSource cpu;
    private final GpuSource gpus;

    /** @param cpu of the machine itself; @param gpus of all its GPUs */
    public BoundGpuEvidence(EvidenceSource cpu, GpuSource gpus) {
        this.cpu = cpu;
        this.gpus = gpus;
    }

    @Override
    public Quoted quote(Bytes reportData) throws EvidenceException {
        Quoted quoted = cpu.quote(reportData);
        Bytes nonce = new GpuChallenge.BoundTo(reportData).nonce().orElseThrow();
        return new Quoted(quoted.kind(), quoted.quote(), quoted.collateral(), quoted.development(), gpus.show(nonce));
    }
}
