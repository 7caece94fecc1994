package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;

import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What was found out about a machine: its CPU TEE, and the GPUs that are bound to it.
 *
 * @param cpu  of the CPU alone
 * @param gpus of the GPUs; empty when the CPU's evidence holds no report data that they could be bound to
 */
public record MachineVerdict(Verdict cpu, Optional<GpuNodeVerdict> gpus) {
    /** True when the CPU was accepted, and with it every GPU as one bound to it. */
    public boolean accepted() {
        return cpu.accepted() && gpus.filter(GpuNodeVerdict::accepted).isPresent();
    }

    /** One line: accepted, or refused and by which part. */
    public String summary() {
        String gpuPart = gpus.map(all -> all.accepted()
                        ? all.gpus().size() + " GPUs accepted, bound to it"
                        : "GPUs refused: " + all.node().failures().stream().map(Check::detail).collect(Collectors.joining("; ")))
                .orElse("GPUs not judged: nothing binds them");
        return cpu.summary() + ". " + gpuPart;
    }
}
