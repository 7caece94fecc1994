package network.nyxos.escrow.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/// What asker and node share after a sealed prompt, and nobody else has.
///
/// A reply is a row of *frames*, each one byte that says what it is and then its content: first `2 ‖ salt 32` (random, not secret), then `0 ‖ chunk` as often as
/// there is text, at the end `1 ‖ chunk`, exactly once. Key (32) and nonce (12) are HKDF-SHA256 (RFC 5869) of the secret with
/// `salt = encapsulated key ‖ the reply's salt` and `info = "nyxos:reply:v1"`: two replies to one prompt never share a key, even when a carrier
/// presents the prompt again. Chunk `i` is ChaCha20-Poly1305 (RFC 8439) under the nonce XOR `i` (big-endian) with the frame's first byte as associated data:
/// chunks that are missing, doubled, swapped or cut off at the end are noticed.
public final class ReplySecret {
    /// Bytes of a reply's salt.
    public static final int SALT_LENGTH = 32;

    static final byte MORE = 0;
    static final byte LAST = 1;
    static final byte HEAD = 2;

    private static final byte[] INFO = "nyxos:reply:v1".getBytes(StandardCharsets.US_ASCII);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int KEY_LENGTH = 32;
    private static final int NONCE_LENGTH = 12;

    private final byte[] secret;
    private final byte[] encapsulation;

    ReplySecret(byte[] secret, byte[] encapsulation) {
        this.secret = secret;
        this.encapsulation = encapsulation;
    }

    /// A new reply to seal.
    public ReplySealer sealer() {
        byte[] salt = new byte[SALT_LENGTH];
        RANDOM.nextBytes(salt);
        return new ReplySealer(salt, new Chunks(salt, Cipher.ENCRYPT_MODE));
    }

    /// A reply to open.
    public ReplyOpener opener() {
        return new ReplyOpener(salt -> new Chunks(salt, Cipher.DECRYPT_MODE));
    }

    @Override
    public String toString() {
        return "ReplySecret[]";
    }

    /// The chunks of one reply, in order.
    final class Chunks {
        private final SecretKeySpec key;
        private final byte[] nonce = new byte[NONCE_LENGTH];
        private final int mode;
        private long next;

        private Chunks(byte[] salt, int mode) {
            var hkdf = new HKDFBytesGenerator(SHA256Digest.newInstance());
            byte[] both = ByteBuffer.allocate(encapsulation.length + salt.length).put(encapsulation).put(salt).array();
            hkdf.init(new HKDFParameters(secret, both, INFO));
            byte[] keyBytes = new byte[KEY_LENGTH];
            hkdf.generateBytes(keyBytes, 0, keyBytes.length);
            hkdf.generateBytes(nonce, 0, nonce.length);
            this.key = new SecretKeySpec(keyBytes, "ChaCha20");
            this.mode = mode;
        }

        /// Seals or opens the next one; one that does not open counts as not seen.
        byte[] next(byte frame, byte[] chunk) throws GeneralSecurityException {
            var cipher = Cipher.getInstance("ChaCha20-Poly1305");
            ByteBuffer numbered = ByteBuffer.wrap(nonce.clone());
            numbered.putLong(NONCE_LENGTH - Long.BYTES, numbered.getLong(NONCE_LENGTH - Long.BYTES) ^ next);
            cipher.init(mode, key, new IvParameterSpec(numbered.array()));
            cipher.updateAAD(new byte[] {frame});
            byte[] result = cipher.doFinal(chunk);
            next++;
            return result;
        }
    }
}
