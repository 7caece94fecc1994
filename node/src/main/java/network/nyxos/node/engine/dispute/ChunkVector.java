package network.nyxos.node.engine.dispute;

import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.int8.HashTree;

/** A list of chunks of bytes and the tree over their hashes. Chunks are written when they are asked for, hashes kept from the first question on. */
public final class ChunkVector {
    private final int size;
    private final IntFunction<byte[]> chunks;
    private HashTree tree;

    ChunkVector(int size, IntFunction<byte[]> chunks) {
        this.size = size;
        this.chunks = chunks;
    }

    /** Of chunks that are there already; at least one. */
    public static ChunkVector of(List<byte[]> chunks) {
        List<byte[]> kept = List.copyOf(chunks);
        return new ChunkVector(kept.size(), c -> kept.get(c).clone());
    }

    /** {@code values} in chunks of {@code length}, the last maybe shorter. */
    static ChunkVector ofInts(int[] values, int length) {
        return new ChunkVector(Layout.pieces(values.length, length), c -> Layout.ints(values, c * length, Math.min(length, values.length - c * length)));
    }

    /** How many chunks there are. */
    public int size() {
        return size;
    }

    /** One of them. */
    public byte[] chunk(int index) {
        return chunks.apply(Objects.checkIndex(index, size));
    }

    /** The tree over them. */
    public HashTree tree() {
        if (tree == null) {
            byte[] hashes = new byte[size * Hash.LENGTH];
            MessageDigest digest = Hash.digest();
            for (int i = 0; i < size; i++) {
                digest.update(chunks.apply(i));
                Hash.finish(digest).write(hashes, i * Hash.LENGTH);
            }
            tree = new HashTree(hashes);
        }
        return tree;
    }

    /** Its root. */
    public Hash root() {
        return tree().root();
    }
}
