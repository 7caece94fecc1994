package network.nyxos.escrow.borsh;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import software.sava.core.accounts.PublicKey;

/// Reads canonical Borsh from a range of a byte array, front to back. Every method throws {@link BorshException} where the bytes end too early or are not
/// canonical. Not thread-safe; the array must not change while it is read.
public final class BorshReader {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int position;

    /// Reads the whole array.
    public BorshReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /// Reads `length` bytes from `offset` on.
    public BorshReader(byte[] bytes, int offset, int length) {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw new BorshException("range " + offset + "+" + length + " lies outside the " + bytes.length + " bytes");
        }
        this.bytes = bytes;
        this.position = offset;
        this.end = offset + length;
    }

    private int take(int length) {
        if (length > end - position) {
            throw new BorshException("needs " + length + " bytes at offset " + position + ", has " + (end - position));
        }
        int at = position;
        position += length;
        return at;
    }

    /// The bytes not yet read.
    public int remaining() {
        return end - position;
    }

    /// An unsigned byte, 0 to 255.
    public int u8() {
        return bytes[take(1)] & 0xFF;
    }

    /// An unsigned 16-bit integer, 0 to 65 535.
    public int u16() {
        return (short) SHORT.get(bytes, take(2)) & 0xFFFF;
    }

    /// An unsigned 32-bit integer, 0 to 4 294 967 295.
    public long u32() {
        return (int) INT.get(bytes, take(4)) & 0xFFFF_FFFFL;
    }

    /// An unsigned 64-bit integer as its bits: from 2^63 on it comes out negative; compare with {@link Long#compareUnsigned}.
    public long u64() {
        return (long) LONG.get(bytes, take(8));
    }

    /// A signed 64-bit integer.
    public long i64() {
        return (long) LONG.get(bytes, take(8));
    }

    /// A signed byte.
    public int i8() {
        return bytes[take(1)];
    }

    /// A signed 16-bit integer.
    public int i16() {
        return (short) SHORT.get(bytes, take(2));
    }

    /// A signed 32-bit integer.
    public int i32() {
        return (int) INT.get(bytes, take(4));
    }

    /// An unsigned 128-bit integer.
    public BigInteger u128() {
        long low = u64();
        return new BigInteger(1, ByteBuffer.allocate(16).putLong(u64()).putLong(low).array());
    }

    /// A signed 128-bit integer.
    public BigInteger i128() {
        long low = u64();
        return new BigInteger(ByteBuffer.allocate(16).putLong(u64()).putLong(low).array());
    }

    /// A 32-bit floating point number; Borsh has no NaN.
    public float f32() {
        float value = Float.intBitsToFloat(i32());
        if (Float.isNaN(value)) {
            throw new BorshException("NaN is not canonical");
        }
        return value;
    }

    /// A 64-bit floating point number; Borsh has no NaN.
    public double f64() {
        double value = Double.longBitsToDouble(i64());
        if (Double.isNaN(value)) {
            throw new BorshException("NaN is not canonical");
        }
        return value;
    }

    /// A boolean; only 0 and 1 are canonical.
    public boolean bool() {
        int value = u8();
        if (value > 1) {
            throw new BorshException("boolean is " + value + ", must be 0 or 1");
        }
        return value == 1;
    }

    /// `length` bytes as they are, in an array of their own.
    public byte[] bytes(int length) {
        int at = take(length);
        return Arrays.copyOfRange(bytes, at, at + length);
    }

    /// Passes over `length` bytes that must be zero (padding and reserved room). Room that is not zero belongs to a layout we do not know.
    public void zeros(int length) {
        int at = take(length);
        for (int i = at; i < at + length; i++) {
            if (bytes[i] != 0) {
                throw new BorshException("reserved byte at offset " + i + " is not zero");
            }
        }
    }

    /// A public key, 32 bytes.
    public PublicKey publicKey() {
        return PublicKey.createPubKey(bytes(PublicKey.PUBLIC_KEY_LENGTH));
    }

    /// A byte string with its u32 length in front.
    public byte[] byteString() {
        return bytes(count(1));
    }

    /// A UTF-8 string with its u32 length in bytes in front; malformed UTF-8 is refused.
    public String string() {
        int length = count(1);
        int at = take(length);
        try {
            return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes, at, length)).toString();
        } catch (CharacterCodingException e) {
            throw new BorshException("string at offset " + at + " is not UTF-8");
        }
    }

    /// A u32 length of things that take at least `minimum` bytes each. A length that cannot be true is refused before anything is allocated for it.
    private int count(int minimum) {
        long count = u32();
        if (count * minimum > remaining()) {
            throw new BorshException("length " + count + " at offset " + (position - 4) + " is more than the " + remaining() + " bytes left can hold");
        }
        return (int) count;
    }

    /// A vector: u32 length, then the elements. Elements must take at least one byte.
    public <T> List<T> vec(Function<BorshReader, T> element) {
        return array(count(1), element);
    }

    /// `length` elements without a length in front.
    public <T> List<T> array(int length, Function<BorshReader, T> element) {
        var list = new ArrayList<T>(Math.min(length, 1024));
        for (int i = 0; i < length; i++) {
            list.add(element.apply(this));
        }
        return List.copyOf(list);
    }

    /// An option: 0, or 1 and the value.
    public <T> Optional<T> option(Function<BorshReader, T> element) {
        return bool() ? Optional.of(element.apply(this)) : Optional.empty();
    }

    /// An option of fixed size, as programs have it that do not write Borsh: u32 0 or 1, then the value, whose bytes mean nothing where it is 0.
    ///
    /// @param size the value's bytes
    public <T> Optional<T> coption(int size, Function<BorshReader, T> element) {
        long present = u32();
        if (present > 1) {
            throw new BorshException("an option must be 0 or 1, is " + present);
        }
        if (present == 1) {
            return Optional.of(element.apply(this));
        }
        bytes(size);
        return Optional.empty();
    }

    /// Ends the reading: bytes left over are refused.
    public void end() {
        if (position != end) {
            throw new BorshException((end - position) + " trailing bytes from offset " + position + " on");
        }
    }
}
