package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;

import java.util.ArrayList;
import java.util.List;
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

    /**
     * All of it as one verdict: the CPU's, by whose hash evidence is named, with the checks of node, GPUs ({@code gpu.0.} before their ids) and switches
     * ({@code switch.0.}) behind its own. It accepts exactly what this does.
     */
    public Verdict whole() {
        List<Check> checks = new ArrayList<>();
        cpu.checks().forEach(check -> checks.add(check.id().endsWith(".policy.gpu") ? new Check(check.id(), check.outcome(), "judged with it, below") : check));
        gpus.ifPresentOrElse(all -> {
            checks.addAll(all.node().checks());
            numbered(checks, "gpu.", all.gpus());
            numbered(checks, "switch.", all.switches());
        }, () -> checks.add(new Check(NodeCheck.GPUS.id(), Check.Outcome.NOT_REACHED, "the CPU's evidence holds no report data that they could be bound to")));
        String kind = cpu.kind() + gpus.map(all -> " with " + all.gpus().size() + " NVIDIA GPUs").orElse("");
        return new Verdict(kind, cpu.judgedAt(), cpu.evidenceHash(), cpu.development() || gpus.filter(all -> all.node().development()).isPresent(), cpu.tcbStatus(), cpu.tcbDate(),
                cpu.advisories(), cpu.measurement(), cpu.reportData(), checks);
    }

    private static void numbered(List<Check> to, String what, List<Verdict> verdicts) {
        for (int i = 0; i < verdicts.size(); i++) {
            String before = what + i + ".";
            verdicts.get(i).checks().forEach(check -> to.add(new Check(before + check.id(), check.outcome(), check.detail())));
        }
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
