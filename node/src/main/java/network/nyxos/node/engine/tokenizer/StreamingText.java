package network.nyxos.node.engine.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Token ids to text as they come: whole characters only, and nothing that may yet turn out to be a stop text.
 *
 * <p>Bytes that can never become a character come out as U+FFFD. Not safe for use by many threads.
 */
public final class StreamingText {
    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer bytes = ByteBuffer.allocate(64);
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** @param tokenizer the model's; @param stops texts that end the reply */
    public StreamingText(Tokenizer tokenizer, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = List.copyOf(stops);
    }

    /** Takes one more token and returns the text that is certain now; often empty. */
    public String accept(int id) {
        requireRunning();
        byte[] piece = tokenizer.rawBytes(id);
        if (bytes.remaining() < piece.length) {
            bytes = ByteBuffer.allocate(bytes.position() + piece.length + 64).put(bytes.flip());
        }
        bytes.put(piece);
        decode(false);
        return release(false);
    }

    /** Ends the text: what was held back comes out, an unfinished character as U+FFFD. */
    public String finish() {
        requireRunning();
        decode(true);
        return release(true);
    }

    /** Ends the text of a reply that was cut: what was held back comes out, and of an unfinished character nothing. */
    public String cut() {
        requireRunning();
        return release(true);
    }

    /** Whether a stop text has appeared; the text before it has been returned, and no more will come. */
    public boolean stopped() {
        return stopped;
    }

    private void requireRunning() {
        if (stopped) {
            throw new IllegalStateException("the text has ended at a stop text");
        }
    }

    private void decode(boolean end) {
        bytes.flip();
        CharBuffer chars = CharBuffer.allocate(bytes.remaining() + 1);
        decoder.decode(bytes, chars, end);
        if (end) {
            decoder.flush(chars);
        }
        bytes.compact();
        held.append(chars.flip());
    }

    private String release(boolean all) {
        int cut = stops.stream().mapToInt(held::indexOf).filter(i -> i >= 0).min().orElse(-1);
        if (cut >= 0) {
            stopped = true;
            String text = held.substring(0, cut);
            held.setLength(0);
            return text;
        }
        int keep = all ? 0 : stops.stream().mapToInt(this::overlap).max().orElse(0);
        int length = held.length() - keep;
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** How much of the held text's end is the beginning of {@code stop}. */
    private int overlap(String stop) {
        for (int n = Math.min(stop.length() - 1, held.length()); n > 0; n--) {
            if (stop.startsWith(held.substring(held.length() - n))) {
                return n;
            }
        }
        return 0;
    }
}
