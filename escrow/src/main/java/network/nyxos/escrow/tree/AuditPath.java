package network.nyxos.escrow.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/// The shape that both trees share: the left subtree holds the largest power of two of leaves below the whole.
final class AuditPath {
    private AuditPath() {
    }

    /// Every level of the tree, leaves first, root last. An odd node at a level's end moves up unchanged, which gives the shape of RFC 6962.
    static <N> List<List<N>> levels(List<N> leaves, BinaryOperator<N> join) {
        var levels = new ArrayList<List<N>>();
        List<N> level = List.copyOf(leaves);
        levels.add(level);
        while (level.size() > 1) {
            var above = new ArrayList<N>((level.size() + 1) / 2);
            for (int i = 0; i + 1 < level.size(); i += 2) {
                above.add(join.apply(level.get(i), level.get(i + 1)));
            }
            if (level.size() % 2 == 1) {
                above.add(level.getLast());
            }
            level = List.copyOf(above);
            levels.add(level);
        }
        return levels;
    }

    /// The siblings on the way from a leaf to the root.
    static <N> List<N> of(List<List<N>> levels, int index) {
        var path = new ArrayList<N>();
        int at = index;
        for (List<N> level : levels.subList(0, levels.size() - 1)) {
            int sibling = at ^ 1;
            if (sibling < level.size()) {
                path.add(level.get(sibling));
            }
            at >>= 1;
        }
        return List.copyOf(path);
    }

    /// Walks from a leaf to the root (RFC 9162 §2.1.3.2).
    ///
    /// @return the root that the path leads to; empty when the path has the wrong length for the index and size, or a join fails
    static <N> Optional<N> walk(N leaf, long index, long size, List<N> path, Join<N> join) {
        if (index < 0 || index >= size) {
            return Optional.empty();
        }
        long node = index;
        long last = size - 1;
        Optional<N> root = Optional.of(leaf);
        for (N sibling : path) {
            if (last == 0 || root.isEmpty()) {
                return Optional.empty();
            }
            if ((node & 1) == 1 || node == last) {
                root = join.apply(sibling, root.get());
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                root = join.apply(root.get(), sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 ? root : Optional.empty();
    }

    /// Joins two nodes; empty when they cannot be joined.
    interface Join<N> {
        Optional<N> apply(N left, N right);
    }
}
