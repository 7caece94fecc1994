package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.CheckId;

/** The checks that all GPUs of a node meet together, in the order of the verdict. */
public enum NodeCheck implements CheckId {
    /** As many reports as the node claims GPUs. */
    COUNT("nvidia.node.count"),
    /** Each report is accepted by itself. */
    GPUS("nvidia.node.gpus"),
    /** All answer the same nonce. */
    NONCE("nvidia.node.nonce"),
    /** No GPU is there twice: neither leaf nor device. */
    DISTINCT("nvidia.node.distinct"),
    /** The nonce binds the GPUs to the CPU TEE, where the policy asks for it. */
    BINDING("nvidia.node.binding"),
    /** Switches that join the GPUs have shown evidence, or the policy does without. */
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
