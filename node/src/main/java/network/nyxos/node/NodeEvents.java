package network.nyxos.node;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.node.link.Peer;

/** What a node tells whoever runs it. Called from many threads; must not block. */
public interface NodeEvents {
    /** Listens to nothing. */
    NodeEvents NONE = new NodeEvents() { };

    /** A peer has welcomed the node. */
    default void linked(Peer peer) {
    }

    /** A link is gone; it is dialled again. */
    default void lost(Peer peer, String reason) {
    }

    /** A job was not taken. */
    default void rejected(Hash job, String code) {
    }

    /** A job did not come to a receipt. */
    default void failed(Hash job, String code) {
    }

    /** A job is done and its receipt kept. */
    default void served(Receipt receipt) {
    }

    /** The relayer has a receipt, or says why it will never take it ({@code state} is {@code rejected}). */
    default void recorded(Hash job, String state) {
    }

    /** A job moved on (docs/protocol.md §10). */
    default void state(Hash job, String state, String reason) {
    }

    /** Something was done in a dispute that this node opened about another node's job. */
    default void accuses(Hash job, String what) {
    }
}
