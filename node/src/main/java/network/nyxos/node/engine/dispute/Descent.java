package network.nyxos.node.engine.dispute;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.int8.HashTree;

/**
 * The way down a tree that somebody else knows: of every place on it the hashes of both halves.
 *
 * <p>With the siblings seen, the leaf where it ends has its path to the root; and so has every leaf to the left of it where what lies to the left is known,
 * as it is to an accuser who goes to the first difference.
 */
final class Descent {
    private record Halves(int first, int count, Hash left, Hash right) {
        int middle() {
            return first + HashTree.left(count);
        }
    }

    private final List<Halves> seen = new ArrayList<>();

    /** The whole way to a leaf of a tree that is known. */
    static Descent to(HashTree tree, int leaf) {
        Descent descent = new Descent();
        int first = 0;
        int count = tree.size();
        while (count > 1) {
            int left = HashTree.left(count);
            descent.saw(first, count, tree.place(first, left), tree.place(first + left, count - left));
            boolean right = leaf >= first + left;
            first = right ? first + left : first;
            count = right ? count - left : left;
        }
        return descent;
    }

    /** The halves of a place, which is the half of the last one that was gone to. */
    void saw(int first, int count, Hash left, Hash right) {
        seen.add(new Halves(first, count, left, right));
    }

    /** The left half of the last place. */
    Hash left() {
        return seen.getLast().left();
    }

    /** The right half of the last place. */
    Hash right() {
        return seen.getLast().right();
    }

    /**
     * A leaf's path to the root, the lowest sibling first.
     *
     * @param leaf  the end of the way, or to the left of it
     * @param end   the end of the way
     * @param known a tree that is the same to the left of the end
     */
    List<Hash> path(int leaf, int end, HashTree known) {
        List<Hash> siblings = new ArrayList<>();
        List<Hash> below = List.of();
        for (Halves place : seen) {
            if (leaf >= place.middle()) {
                siblings.add(place.left());
                continue;
            }
            siblings.add(place.right());
            if (end >= place.middle()) {
                below = known.path(leaf, place.first(), place.middle() - place.first());
                break;
            }
        }
        List<Hash> path = new ArrayList<>(below);
        path.addAll(siblings.reversed());
        return path;
    }
}
