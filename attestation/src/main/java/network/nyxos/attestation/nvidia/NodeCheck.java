package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.CheckId;

/** The checks that all GPUs of a node meet together, in the order of the verdict. */
public enum NodeCheck implements CheckId {
    /** As many reports as the node claims GPUs. */
    COUNT("nvidia.node.count"),
    /** Each report is accepted by itself. */
    GPUS("nvidia.node.gpus"),
    /** Each switch that shows evidence is accepted by itself. */
    SWITCHES("nvidia.node.switches"),
    /** All answer the same nonce. */
    NONCE("nvidia.node.nonce"),
    /** No device is there twice: neither leaf nor device. */
    DISTINCT("nvidia.node.distinct"),
    /** The nonce binds the GPUs to the CPU TEE, where the policy asks for it. */
    BINDING("nvidia.node.binding"),
    /** The switches that the GPUs name have shown evidence and no others, and name these GPUs; or the policy does without any. */
    TOPOLOGY("nvidia.node.topology");

    private final String id;

    NodeCheck(String id) {
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }
}
