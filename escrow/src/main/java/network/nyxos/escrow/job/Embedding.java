package network.nyxos.escrow.job;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;

/// A text as a vector of 32-bit floating-point numbers. As bytes: IEEE 754, little-endian, one after another. Its `toString` shows none of them: a vector tells much of its text.
public final class Embedding {
    /// The most numbers of a vector.
    public static final int MAX_DIMENSIONS = 16_384;

    private final float[] values;

    private Embedding(float[] values) {
        this.values = values;
    }

    /// Copies.
    ///
    /// @throws ProtocolException `dimensions_range`
    public static Embedding of(float[] values) {
        requireDimensions(values.length);
        return new Embedding(values.clone());
    }

    /// Reads bytes.
    ///
    /// @throws ProtocolException `embedding_malformed` when they are not whole numbers of four bytes, or `dimensions_range`
    public static Embedding decode(byte[] bytes) {
        if (bytes.length % Float.BYTES != 0) {
            throw new ProtocolException("embedding_malformed", "a vector is four bytes a number, not " + bytes.length + " bytes");
        }
        var values = new float[bytes.length / Float.BYTES];
        requireDimensions(values.length);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return new Embedding(values);
    }

    static void requireDimensions(int dimensions) {
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw new ProtocolException("dimensions_range", "a vector has 1 to " + MAX_DIMENSIONS + " numbers, not " + dimensions);
        }
    }

    /// Its bytes.
    public byte[] encode() {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    /// How many numbers it has.
    public int dimensions() {
        return values.length;
    }

    /// Its numbers.
    public float[] values() {
        return values.clone();
    }

    /// Whether every number is one: neither infinite nor NaN.
    public boolean finite() {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /// What a receipt says of the vectors of a job, in the order of its inputs: `H("nyxos:embedding:v1" ‖ count u32 ‖ each: dimensions u32 ‖ bytes)`.
    public static Hash hash(List<Embedding> vectors) {
        MessageDigest digest = Hash.digest();
        digest.update("nyxos:embedding:v1".getBytes(StandardCharsets.US_ASCII));
        digest.update(u32(vectors.size()));
        for (Embedding vector : vectors) {
            digest.update(u32(vector.dimensions()));
            digest.update(vector.encode());
        }
        return Hash.finish(digest);
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Embedding that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Embedding[" + values.length + " dimensions]";
    }
}
