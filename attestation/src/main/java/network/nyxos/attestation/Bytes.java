package network.nyxos.attestation;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable byte string with value equality. Integers are read little-endian, as in all CPU evidence. */
public final class Bytes {
    /** No bytes at all. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /** A copy of {@code content}. */
    public static Bytes of(byte[] content) {
        return content.length == 0 ? EMPTY : new Bytes(content.clone());
    }

    /** {@code length} zero bytes. */
    public static Bytes zeros(int length) {
        return new Bytes(new byte[length]);
    }

    /**
     * Reads hexadecimal of either case, without prefix or separators.
     *
     * @throws AttestationException {@code bytes.hex} when it is not
     */
    public static Bytes fromHex(String hex) {
        try {
            return new Bytes(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw new AttestationException("bytes.hex", "not hexadecimal: " + e.getMessage(), e);
        }
    }

    /** Number of bytes. */
    public int size() {
        return content.length;
    }

    /** True when there are none. */
    public boolean isEmpty() {
        return content.length == 0;
    }

    /** True when every byte is zero, also when there are none. */
    public boolean isZero() {
        for (byte b : content) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * The {@code length} bytes from {@code offset}.
     *
     * @throws IndexOutOfBoundsException when they are not all there
     */
    public Bytes slice(int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, content.length);
        return new Bytes(Arrays.copyOfRange(content, offset, offset + length));
    }

    /** This followed by {@code other}. */
    public Bytes concat(Bytes other) {
        byte[] joined = Arrays.copyOf(content, content.length + other.content.length);
        System.arraycopy(other.content, 0, joined, content.length, other.content.length);
        return new Bytes(joined);
    }

    /** The byte at {@code offset}, 0 to 255. */
    public int u8(int offset) {
        return content[offset] & 0xff;
    }

    /** The unsigned 16-bit integer at {@code offset}. */
    public int u16(int offset) {
        return u8(offset) | u8(offset + 1) << 8;
    }

    /** The unsigned 32-bit integer at {@code offset}. */
    public long u32(int offset) {
        return u16(offset) | (long) u16(offset + 2) << 16;
    }

    /** The 64 bits at {@code offset}. */
    public long u64(int offset) {
        return u32(offset) | u32(offset + 4) << 32;
    }

    /** Bitwise and with a byte string of the same length. */
    public Bytes and(Bytes mask) {
        if (mask.content.length != content.length) {
            throw new IllegalArgumentException("mask has " + mask.content.length + " bytes, value has " + content.length);
        }
        byte[] masked = new byte[content.length];
        for (int i = 0; i < masked.length; i++) {
            masked[i] = (byte) (content[i] & mask.content[i]);
        }
        return new Bytes(masked);
    }

    /** Unsigned lexicographic order. */
    public int compareUnsigned(Bytes other) {
        return Arrays.compareUnsigned(content, other.content);
    }

    /** A copy. */
    public byte[] toArray() {
        return content.clone();
    }

    /** Lower-case hexadecimal. */
    public String hex() {
        return HexFormat.of().formatHex(content);
    }

    /** SHA-256 of the content. */
    public Bytes sha256() {
        try {
            return new Bytes(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && MessageDigest.isEqual(content, bytes.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /** Lower-case hexadecimal. */
    @Override
    public String toString() {
        return hex();
    }
}
