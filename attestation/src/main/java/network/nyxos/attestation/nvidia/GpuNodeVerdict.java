package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.Verdict;

import java.util.List;

/**
 * What was found out about all GPUs of a node.
 *
 * @param node     what they must be together, see {@link NodeCheck}
 * @param gpus     each GPU by itself, in the order given
 * @param switches each switch by itself, in the order given
 * @param topology how they are joined, by their own signed reports
 */
public record GpuNodeVerdict(Verdict node, List<Verdict> gpus, List<Verdict> switches, Topology topology) {
    /** How the GPUs of a node are joined. */
    public enum Topology {
        /** One GPU, or several that name no switch. */
        DIRECT,
        /** By switches that showed evidence; whether that is accepted say the checks. */
        SWITCHES_SHOWN,
        /** By switches, or in protected PCIe mode: the switches see what the GPUs tell each other, and showed no evidence. */
        SWITCHES_NOT_ATTESTED
    }

    /** Copies. */
    public GpuNodeVerdict {
        gpus = List.copyOf(gpus);
        switches = List.copyOf(switches);
    }

    /** True when the node's checks, every GPU's and every switch's passed. */
    public boolean accepted() {
        return node.accepted() && gpus.stream().allMatch(Verdict::accepted) && switches.stream().allMatch(Verdict::accepted);
    }
}
