package network.nyxos.escrow.tree;

import java.util.Optional;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;

/// A node of the credit tree: a root, or a step of a proof.
///
/// @param hash the node's hash
/// @param sum  what all leaves below it add up to, base units; negative (2^63 or more) sums verify against nothing
public record CreditNode(Hash hash, long sum) {
    private static final byte[] NODE = {1};
    /// The root of the tree without leaves: `H("")` and 0.
    public static final CreditNode EMPTY = new CreditNode(Hash.sha256(), 0);

    /// `H(01 ‖ left hash ‖ left sum ‖ right hash ‖ right sum)` with the sums added; empty when they leave the range.
    static Optional<CreditNode> join(CreditNode left, CreditNode right) {
        long sum = left.sum + right.sum;
        if (left.sum < 0 || right.sum < 0 || sum < 0) {
            return Optional.empty();
        }
        return Optional.of(new CreditNode(Hash.sha256(NODE, new BorshWriter(80).bytes(left.hash.bytes(), 32).u64(left.sum).bytes(right.hash.bytes(), 32)
            .u64(right.sum).toByteArray()), sum));
    }
}
