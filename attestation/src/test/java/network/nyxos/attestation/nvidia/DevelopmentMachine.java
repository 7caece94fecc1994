package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.policy.Policy;

import java.time.Instant;
import java.util.List;

/** A machine's GPU made at run time, for other modules' tests of who is let in with GPUs: it answers for a CPU's report data. No hardware stands behind it. */
public final class DevelopmentMachine {
    /** When its certificates hold. */
    public static final Instant NOW = DevelopmentGpuPki.NOW;

    private final DevelopmentGpu gpu = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private final List<Bytes> manifests = List.of(DevelopmentGpu.driverRim(), DevelopmentGpu.vbiosRim());

    /** {@code cpu} with the demand for GPUs under this machine's own roots. */
    public Policy policy(Policy cpu) {
        return cpu.withGpuRequired(true).withGpus(gpu.policy());
    }

    /** What the GPU shows when it is asked for a nonce that binds it to a CPU's evidence. */
    public Devices.Device answering(Bytes reportData) {
        Bytes nonce = new GpuChallenge.BoundTo(reportData).nonce().orElseThrow();
        return new Devices.Device(gpu.report(draft -> draft.nonce = nonce), gpu.chain());
    }

    /** The reference manifests of its versions. */
    public List<Bytes> manifests() {
        return manifests;
    }
}
