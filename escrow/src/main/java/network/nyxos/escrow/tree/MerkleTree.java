package network.nyxos.escrow.tree;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;

/// The tree of a batch's receipts: leaf `H(00 ‖ receipt_hash)`, node `H(01 ‖ left ‖ right)`. Immutable.
public final class MerkleTree {
    /// The root of the empty tree: `H("")`.
    public static final Hash EMPTY = Hash.sha256();
    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private final List<List<Hash>> levels;

    private MerkleTree(List<List<Hash>> levels) {
        this.levels = levels;
    }

    /// Builds the tree over receipt hashes, in the given order (a batch's is ascending by job id).
    public static MerkleTree of(List<Hash> receiptHashes) {
        return new MerkleTree(AuditPath.levels(receiptHashes.stream().map(MerkleTree::leaf).toList(), MerkleTree::join));
    }

    private static Hash leaf(Hash receiptHash) {
        return Hash.sha256(LEAF, receiptHash.bytes());
    }

    private static Hash join(Hash left, Hash right) {
        return Hash.sha256(NODE, left.bytes(), right.bytes());
    }

    /// The number of leaves.
    public int size() {
        return levels.getFirst().size();
    }

    /// The root; {@link #EMPTY} without leaves.
    public Hash root() {
        return size() == 0 ? EMPTY : levels.getLast().getFirst();
    }

    /// The audit path of a leaf.
    ///
    /// @throws IndexOutOfBoundsException unless `0 ≤ index < size`
    public List<Hash> proof(int index) {
        Objects.checkIndex(index, size());
        return AuditPath.of(levels, index);
    }

    /// Whether the receipt is leaf `index` of `size` under the root.
    public static boolean verify(Hash root, Hash receiptHash, long index, long size, List<Hash> proof) {
        return AuditPath.walk(leaf(receiptHash), index, size, proof, (left, right) -> Optional.of(join(left, right))).filter(root::equals).isPresent();
    }
}
