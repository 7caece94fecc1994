package network.nyxos.node.engine.int8;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import network.nyxos.escrow.crypto.Hash;

/**
 * A tree over many items of 32 bytes: that of {@link network.nyxos.escrow.tree.MerkleTree}, kept as bytes.
 *
 * <p>A model has some hundred thousand rows and an attention head thousands of positions: an object a hash would be three times the memory.
 * A subtree of {@code count} items from {@code first}, as halving the whole gives them, is a node here; so it is known by these two numbers.
 */
public final class HashTree {
    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private final List<byte[]> levels = new ArrayList<>();

    /** @param items hashes one after another, at least one; not kept */
    public HashTree(byte[] items) {
        if (items.length == 0 || items.length % Hash.LENGTH != 0) {
            throw new IllegalArgumentException("a tree is over one or more hashes, not over " + items.length + " bytes");
        }
        MessageDigest digest = Hash.digest();
        byte[] level = new byte[items.length];
        for (int at = 0; at < items.length; at += Hash.LENGTH) {
            digest.update(LEAF);
            digest.update(items, at, Hash.LENGTH);
            finish(digest, level, at);
        }
        levels.add(level);
        while (level.length > Hash.LENGTH) {
            level = above(digest, level);
            levels.add(level);
        }
    }

    /** An odd node at a level's end moves up unchanged, which gives the shape of RFC 6962. */
    private static byte[] above(MessageDigest digest, byte[] below) {
        int pair = 2 * Hash.LENGTH;
        byte[] level = new byte[(below.length + Hash.LENGTH) / pair * Hash.LENGTH];
        for (int at = 0; at + pair <= below.length; at += pair) {
            digest.update(NODE);
            digest.update(below, at, pair);
            finish(digest, level, at / 2);
        }
        if (below.length % pair != 0) {
            System.arraycopy(below, below.length - Hash.LENGTH, level, level.length - Hash.LENGTH, Hash.LENGTH);
        }
        return level;
    }

    /** Writes a digest into a row of hashes. */
    static void finish(MessageDigest digest, byte[] hashes, int at) {
        try {
            digest.digest(hashes, at, Hash.LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 has 32 bytes", e);
        }
    }

    /** The number of items. */
    public int size() {
        return levels.getFirst().length / Hash.LENGTH;
    }

    /** The root. */
    public Hash root() {
        return node(levels.size() - 1, 0);
    }

    /** The siblings on the way from an item to the root, the lowest first. */
    public List<Hash> path(int item) {
        Objects.checkIndex(item, size());
        return path(item, levels.size() - 1);
    }

    /** The siblings on the way from an item to the subtree that holds it, the lowest first. */
    public List<Hash> path(int item, int first, int count) {
        requirePlace(first, count);
        Objects.checkIndex(item - first, count);
        return path(item, height(count));
    }

    private List<Hash> path(int item, int height) {
        List<Hash> path = new ArrayList<>();
        for (int level = 0, at = item; level < height; level++, at >>= 1) {
            if ((at ^ 1) < levels.get(level).length / Hash.LENGTH) {
                path.add(node(level, at ^ 1));
            }
        }
        return path;
    }

    /**
     * The hash of a subtree.
     *
     * @param first its first item
     * @param count how many it has; the two as halving the whole gives them
     */
    public Hash place(int first, int count) {
        requirePlace(first, count);
        int height = height(count);
        return node(height, first >> height);
    }

    private void requirePlace(int first, int count) {
        int whole = 1 << height(count);
        if (first % whole != 0 || count < 1 || first + count != Math.min(size(), first + whole)) {
            throw new IllegalArgumentException(count + " items from " + first + " are no subtree of " + size());
        }
    }

    private static int height(int count) {
        return FixedPoint.bits(count - 1);
    }

    /** How many of a subtree's items its left part has: the greatest power of two below their number. */
    public static int left(int count) {
        return Integer.highestOneBit(count - 1);
    }

    private Hash node(int level, int at) {
        return Hash.of(Arrays.copyOfRange(levels.get(level), at * Hash.LENGTH, (at + 1) * Hash.LENGTH));
    }
}
