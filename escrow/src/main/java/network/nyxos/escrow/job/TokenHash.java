package network.nyxos.escrow.job;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import network.nyxos.escrow.crypto.Hash;

/// What a receipt says about tokens without showing them.
public final class TokenHash {
    private TokenHash() {
    }

    /// `prompt_commitment = H("nyxos:prompt:v1" ‖ salt 32 ‖ ids u32 each)`. The salt keeps a short prompt from being guessed.
    public static Hash prompt(Hash salt, int[] ids) {
        MessageDigest digest = Hash.digest();
        digest.update("nyxos:prompt:v1".getBytes(StandardCharsets.US_ASCII));
        digest.update(salt.bytes());
        return finish(digest, ids);
    }

    /// `output_hash = H("nyxos:output:v1" ‖ ids u32 each)`; the ids include the end token where one was produced.
    public static Hash output(int[] ids) {
        MessageDigest digest = Hash.digest();
        digest.update("nyxos:output:v1".getBytes(StandardCharsets.US_ASCII));
        return finish(digest, ids);
    }

    private static Hash finish(MessageDigest digest, int[] ids) {
        ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(4, ids.length)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(ids);
        digest.update(buffer.array());
        return Hash.finish(digest);
    }
}
