package network.nyxos.escrow.seal;

import java.security.GeneralSecurityException;

/// Seals one reply, frame by frame ({@link ReplySecret}). Not thread-safe.
public final class ReplySealer {
    private final byte[] salt;
    private final ReplySecret.Chunks chunks;
    private boolean ended;

    ReplySealer(byte[] salt, ReplySecret.Chunks chunks) {
        this.salt = salt;
        this.chunks = chunks;
    }

    /// The frame that the reply begins with.
    public byte[] head() {
        return frame(ReplySecret.HEAD, salt);
    }

    /// Seals the next piece.
    ///
    /// @throws IllegalStateException after the last one
    public byte[] next(byte[] piece) {
        return seal(ReplySecret.MORE, piece);
    }

    /// Seals the last piece. A reply has exactly one, which may be empty.
    ///
    /// @throws IllegalStateException after the last one
    public byte[] last(byte[] piece) {
        byte[] frame = seal(ReplySecret.LAST, piece);
        ended = true;
        return frame;
    }

    private byte[] seal(byte kind, byte[] piece) {
        if (ended) {
            throw new IllegalStateException("the reply has ended");
        }
        try {
            return frame(kind, chunks.next(kind, piece));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has ChaCha20-Poly1305 and a fresh nonce is never refused", e);
        }
    }

    private static byte[] frame(byte kind, byte[] content) {
        byte[] frame = new byte[1 + content.length];
        frame[0] = kind;
        System.arraycopy(content, 0, frame, 1, content.length);
        return frame;
    }
}
