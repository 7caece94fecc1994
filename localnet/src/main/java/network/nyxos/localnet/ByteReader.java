package network.nyxos.localnet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import software.sava.core.accounts.PublicKey;

/** Reads what {@link ByteWriter} and the native library write. An input that ends early throws {@link java.nio.BufferUnderflowException}. */
final class ByteReader {

    private final ByteBuffer buffer;

    ByteReader(byte[] bytes) {
        buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean hasMore() {
        return buffer.hasRemaining();
    }

    int u8() {
        return Byte.toUnsignedInt(buffer.get());
    }

    int u32() {
        return buffer.getInt();
    }

    long u64() {
        return buffer.getLong();
    }

    byte[] raw(int length) {
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    PublicKey key() {
        return PublicKey.createPubKey(raw(PublicKey.PUBLIC_KEY_LENGTH));
    }

    byte[] bytes() {
        return raw(u32());
    }

    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    ChainAccount account() {
        return new ChainAccount(u64(), key(), u8() != 0, u64(), bytes());
    }
}
