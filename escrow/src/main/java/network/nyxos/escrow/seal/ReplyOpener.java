package network.nyxos.escrow.seal;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.escrow.ProtocolException;

/// Opens one reply, frame by frame and in order ({@link ReplySecret}). Only a reply that {@link #isWhole} was not cut off. Not thread-safe.
public final class ReplyOpener {
    private static final String BROKEN = "a frame of the sealed reply was altered, or frames are missing, doubled or out of order";

    private final Function<byte[], ReplySecret.Chunks> begin;
    private Optional<ReplySecret.Chunks> chunks = Optional.empty();
    private boolean whole;

    ReplyOpener(Function<byte[], ReplySecret.Chunks> begin) {
        this.begin = begin;
    }

    /// Opens the next frame.
    ///
    /// @return the piece; empty for the frame that the reply begins with
    /// @throws ProtocolException `reply_seal_broken` when it was altered or is not the next one, or when the reply has ended
    public byte[] open(byte[] frame) {
        if (frame.length == 0 || whole) {
            throw broken();
        }
        byte[] content = Arrays.copyOfRange(frame, 1, frame.length);
        if (chunks.isEmpty()) {
            if (frame[0] != ReplySecret.HEAD || content.length != ReplySecret.SALT_LENGTH) {
                throw broken();
            }
            chunks = Optional.of(begin.apply(content));
            return new byte[0];
        }
        if (frame[0] != ReplySecret.MORE && frame[0] != ReplySecret.LAST) {
            throw broken();
        }
        try {
            byte[] piece = chunks.get().next(frame[0], content);
            whole = frame[0] == ReplySecret.LAST;
            return piece;
        } catch (GeneralSecurityException e) {
            throw new ProtocolException("reply_seal_broken", BROKEN, e);
        }
    }

    /// Whether the last frame has been opened.
    public boolean isWhole() {
        return whole;
    }

    private static ProtocolException broken() {
        return new ProtocolException("reply_seal_broken", BROKEN);
    }
}
