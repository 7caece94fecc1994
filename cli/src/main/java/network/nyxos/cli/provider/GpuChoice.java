package network.nyxos.cli.provider;

import java.util.function.Consumer;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.GpuReport;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.up.StackException;
import network.nyxos.node.evidence.BoundGpuEvidence;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.evidence.NvidiaGpus;

/** Whether a node shows evidence of its GPUs beside that of its CPU, by its configuration. */
enum GpuChoice {
    /** Not. */
    NONE,
    /** If the machine has GPUs that give any. */
    AUTO,
    /** Always: a machine without is a mistake. */
    NVIDIA;

    /** Key {@code gpus}; {@code auto} where it is left out. */
    static GpuChoice of(ConfigFile config) {
        String said = config.optional("gpus").orElse("auto");
        return switch (said) {
            case "none" -> NONE;
            case "auto" -> AUTO;
            case "nvidia" -> NVIDIA;
            default -> throw ConfigFile.invalid("gpus is auto, nvidia or none, not '" + said + "'");
        };
    }

    /**
     * The CPU's evidence with that of the GPUs. They are asked once here: what cannot give evidence now is found out before anybody waits for it.
     *
     * @param library {@link NvidiaGpus#STANDARD}, or its path
     * @param say     hears, a line, what was found
     * @throws StackException {@code gpu_evidence_absent} when there must be GPUs and they give none
     */
    EvidenceSource beside(EvidenceSource cpu, String library, Consumer<String> say) {
        if (this == NONE) {
            return cpu;
        }
        try {
            NvidiaGpus gpus = NvidiaGpus.open(library);
            int shown = gpus.show(Bytes.zeros(GpuReport.NONCE_LENGTH)).size();
            say.accept("evidence of " + shown + " GPUs goes with the CPU's");
            return new BoundGpuEvidence(cpu, gpus);
        } catch (EvidenceSource.EvidenceException e) {
            if (this == NVIDIA) {
                throw new StackException("gpu_evidence_absent", e.getMessage());
            }
            say.accept("no evidence of GPUs goes with the CPU's: " + e.getMessage());
            return cpu;
        }
    }
}
