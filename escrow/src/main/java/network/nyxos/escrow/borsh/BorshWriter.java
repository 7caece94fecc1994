package network.nyxos.escrow.borsh;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import software.sava.core.accounts.PublicKey;

/// Writes canonical Borsh into a growing array. Values outside a type's range are refused with {@link BorshException}. Not thread-safe.
public final class BorshWriter {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int position;

    /// Starts empty, with room for `capacity` bytes; more is made as needed.
    public BorshWriter(int capacity) {
        this.bytes = new byte[Math.max(capacity, 16)];
    }

    // The array may be replaced by a longer one: take the place first, then name the array.
    private int room(int length) {
        int at = position;
        int needed = Math.addExact(at, length);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, Math.multiplyExact(bytes.length, 2)));
        }
        position = needed;
        return at;
    }

    private static void range(long value, long max, String type) {
        if (value < 0 || value > max) {
            throw new BorshException(type + " must be 0 to " + max + ", is " + value);
        }
    }

    /// An unsigned byte, 0 to 255.
    public BorshWriter u8(int value) {
        range(value, 0xFF, "u8");
        int at = room(1);
        bytes[at] = (byte) value;
        return this;
    }

    /// An unsigned 16-bit integer, 0 to 65 535.
    public BorshWriter u16(int value) {
        range(value, 0xFFFF, "u16");
        int at = room(2);
        SHORT.set(bytes, at, (short) value);
        return this;
    }

    /// An unsigned 32-bit integer, 0 to 4 294 967 295.
    public BorshWriter u32(long value) {
        range(value, 0xFFFF_FFFFL, "u32");
        int at = room(4);
        INT.set(bytes, at, (int) value);
        return this;
    }

    /// An unsigned 64-bit integer given as its bits.
    public BorshWriter u64(long value) {
        int at = room(8);
        LONG.set(bytes, at, value);
        return this;
    }

    /// A signed 64-bit integer.
    public BorshWriter i64(long value) {
        return u64(value);
    }

    private static void signedRange(long value, long min, String type) {
        if (value < min || value > -min - 1) {
            throw new BorshException(type + " must be " + min + " to " + (-min - 1) + ", is " + value);
        }
    }

    /// A signed byte.
    public BorshWriter i8(int value) {
        signedRange(value, Byte.MIN_VALUE, "i8");
        int at = room(1);
        bytes[at] = (byte) value;
        return this;
    }

    /// A signed 16-bit integer.
    public BorshWriter i16(int value) {
        signedRange(value, Short.MIN_VALUE, "i16");
        int at = room(2);
        SHORT.set(bytes, at, (short) value);
        return this;
    }

    /// A signed 32-bit integer.
    public BorshWriter i32(int value) {
        int at = room(4);
        INT.set(bytes, at, value);
        return this;
    }

    /// An unsigned 128-bit integer.
    public BorshWriter u128(BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 128) {
            throw new BorshException("u128 must be 0 to 2^128 - 1, is " + value);
        }
        return u64(value.longValue()).u64(value.shiftRight(64).longValue());
    }

    /// A signed 128-bit integer.
    public BorshWriter i128(BigInteger value) {
        if (value.bitLength() > 127) {
            throw new BorshException("i128 must be -2^127 to 2^127 - 1, is " + value);
        }
        return u64(value.longValue()).u64(value.shiftRight(64).longValue());
    }

    /// A 32-bit floating point number other than NaN.
    public BorshWriter f32(float value) {
        if (Float.isNaN(value)) {
            throw new BorshException("NaN has no canonical form");
        }
        return i32(Float.floatToRawIntBits(value));
    }

    /// A 64-bit floating point number other than NaN.
    public BorshWriter f64(double value) {
        if (Double.isNaN(value)) {
            throw new BorshException("NaN has no canonical form");
        }
        return i64(Double.doubleToRawLongBits(value));
    }

    /// A boolean as 0 or 1.
    public BorshWriter bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    /// Exactly `length` bytes, without a length in front.
    public BorshWriter bytes(byte[] value, int length) {
        if (value.length != length) {
            throw new BorshException("needs " + length + " bytes, has " + value.length);
        }
        int at = room(length);
        System.arraycopy(value, 0, bytes, at, length);
        return this;
    }

    /// `length` zero bytes.
    public BorshWriter zeros(int length) {
        room(length);
        return this;
    }

    /// A public key, 32 bytes.
    public BorshWriter publicKey(PublicKey key) {
        int at = room(PublicKey.PUBLIC_KEY_LENGTH);
        key.write(bytes, at);
        return this;
    }

    /// A byte string with its u32 length in front.
    public BorshWriter byteString(byte[] value) {
        return u32(value.length).bytes(value, value.length);
    }

    /// A UTF-8 string with its u32 length in bytes in front.
    public BorshWriter string(String value) {
        return byteString(value.getBytes(StandardCharsets.UTF_8));
    }

    /// A vector: u32 length, then the elements.
    public <T> BorshWriter vec(List<T> list, BiConsumer<BorshWriter, T> element) {
        return u32(list.size()).array(list, list.size(), element);
    }

    /// Exactly `length` elements, without a length in front.
    public <T> BorshWriter array(List<T> list, int length, BiConsumer<BorshWriter, T> element) {
        if (list.size() != length) {
            throw new BorshException("needs " + length + " elements, has " + list.size());
        }
        list.forEach(value -> element.accept(this, value));
        return this;
    }

    /// An option: 0, or 1 and the value.
    @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
    public <T> BorshWriter option(Optional<T> value, BiConsumer<BorshWriter, T> element) {
        bool(value.isPresent());
        value.ifPresent(present -> element.accept(this, present));
        return this;
    }

    /// An option of fixed size, as programs have it that do not write Borsh: u32 0 or 1, then the value or zeros in its place.
    ///
    /// @param size the value's bytes
    @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
    public <T> BorshWriter coption(Optional<T> value, int size, BiConsumer<BorshWriter, T> element) {
        u32(value.isPresent() ? 1 : 0);
        value.ifPresentOrElse(present -> element.accept(this, present), () -> zeros(size));
        return this;
    }

    /// What was written, in an array of its own.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, position);
    }
}
