package network.nyxos.localnet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import software.sava.core.accounts.PublicKey;

/** Writes little-endian values into a growing array, in the forms the native library and the chain's log use. */
final class ByteWriter {

    private ByteBuffer buffer;

    ByteWriter(int capacity) {
        buffer = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    ByteWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    ByteWriter u32(int value) {
        room(4).putInt(value);
        return this;
    }

    ByteWriter u64(long value) {
        room(8).putLong(value);
        return this;
    }

    ByteWriter raw(byte[] bytes) {
        room(bytes.length).put(bytes);
        return this;
    }

    ByteWriter key(PublicKey key) {
        return raw(key.toByteArray());
    }

    /** Length as u32, then the bytes. */
    ByteWriter bytes(byte[] bytes) {
        return u32(bytes.length).raw(bytes);
    }

    ByteWriter text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    ByteWriter account(ChainAccount account) {
        return u64(account.lamports()).key(account.owner()).u8(account.executable() ? 1 : 0)
                .u64(account.rentEpoch()).bytes(account.data());
    }

    byte[] toByteArray() {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int capacity = Math.max(Math.multiplyExact(2, buffer.capacity()), Math.addExact(buffer.position(), bytes));
            ByteBuffer larger = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
            larger.put(buffer.flip());
            buffer = larger;
        }
        return buffer;
    }
}
