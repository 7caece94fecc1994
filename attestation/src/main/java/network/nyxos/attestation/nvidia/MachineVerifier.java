package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/**
 * Judges a CPU TEE together with its GPUs. The CPU's report data decides the GPUs' nonce, so that evidence of another machine's GPUs cannot
 * be attached: software in the TEE asks its GPUs only with a nonce of its own report data.
 */
public final class MachineVerifier {
    private MachineVerifier() {
    }

    /**
     * Judges a machine of which all devices are shown together: as many GPUs as it shows are what it claims.
     *
     * @param cpu     evidence of the CPU
     * @param policy  what is accepted of it, and of its GPUs; that it demands a GPU is met by this very call
     * @param devices evidence of each device, with what it is judged by
     * @param now     the one time that everything is judged at
     */
    public static MachineVerdict verify(Evidence cpu, Policy policy, Devices devices, Instant now) {
        return verify(cpu, policy, challenge -> GpuNodeVerifier.verify(devices.gpuEvidence(), devices.switchEvidence(), Math.max(1, devices.gpus().size()), challenge,
                policy.gpu().withCpuBinding(), now), now);
    }

    /**
     * Judges a machine without switches.
     *
     * @param cpu       evidence of the CPU
     * @param cpuPolicy what is accepted of it; that it demands a GPU is met by this very call
     * @param gpus      evidence of each GPU
     * @param claimed   how many GPUs the node claims, at least 1
     * @param gpuPolicy what is accepted of them; the binding to the CPU is required besides
     * @param now       the one time that everything is judged at
     */
    public static MachineVerdict verify(Evidence cpu, Policy cpuPolicy, List<GpuEvidence> gpus, int claimed, GpuPolicy gpuPolicy, Instant now) {
        return verify(cpu, cpuPolicy, challenge -> GpuNodeVerifier.verify(gpus, claimed, challenge, gpuPolicy.withCpuBinding(), now), now);
    }

    private static MachineVerdict verify(Evidence cpu, Policy policy, Function<GpuChallenge, GpuNodeVerdict> devices, Instant now) {
        Verdict verdict = cpu.verify(policy.withGpuRequired(false), now);
        return new MachineVerdict(verdict, verdict.reportData().map(GpuChallenge.BoundTo::new).map(devices));
    }
}
