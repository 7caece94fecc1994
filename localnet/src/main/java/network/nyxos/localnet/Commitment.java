package network.nyxos.localnet;

/** How settled a transaction is. Here the first two mean the same: one node makes the blocks and none is ever rolled back. */
public enum Commitment {
    /** Executed. */
    PROCESSED,
    /** Executed; on a cluster, also voted for. */
    CONFIRMED,
    /** As many slots old as {@link ChainOptions#finalitySlots()} asks. */
    FINALIZED
}
