package network.nyxos.node.engine.format;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import network.nyxos.escrow.format.Recogniser;
import network.nyxos.node.engine.tokenizer.Tokenizer;

/**
 * A vocabulary in the order of its tokens' bytes, so that tokens that begin alike are followed together. Immutable.
 */
final class Vocabulary {
    private final int size;
    private final int[] ids;
    private final byte[][] bytes;
    /** How many bytes each token has in common with the one before. */
    private final int[] common;
    private final int longest;
    private final int[] ends;

    Vocabulary(Tokenizer tokenizer) {
        size = tokenizer.size();
        byte[][] pieces = IntStream.range(0, size).mapToObj(tokenizer::bytes).toArray(byte[][]::new);
        ids = IntStream.range(0, size).filter(id -> pieces[id].length > 0).boxed()
                .sorted((a, b) -> Arrays.compareUnsigned(pieces[a], pieces[b])).mapToInt(Integer::intValue).toArray();
        bytes = IntStream.of(ids).mapToObj(id -> pieces[id]).toArray(byte[][]::new);
        common = new int[ids.length];
        for (int i = 1; i < ids.length; i++) {
            int differs = Arrays.mismatch(bytes[i - 1], bytes[i]);
            common[i] = differs < 0 ? bytes[i].length : differs;
        }
        longest = Arrays.stream(bytes).mapToInt(token -> token.length).max().orElse(0);
        ends = IntStream.range(0, size).filter(tokenizer::endsGeneration).toArray();
    }

    /**
     * Whether every byte that a form can ask for is a token by itself: then a form never comes to a point where no token leads on. Forms ask for
     * UTF-8 up to U+3FFFF without control characters but tabs and line breaks.
     */
    boolean spellsForms() {
        BitSet single = new BitSet();
        for (byte[] token : bytes) {
            if (token.length == 1) {
                single.set(token[0] & 0xff);
            }
        }
        return IntStream.of('\t', '\n', '\r', 0xF0).allMatch(single::get) && single.nextClearBit(0x20) >= 0xC0 && single.nextClearBit(0xC2) >= 0xF0;
    }

    /** The tokens whose bytes the form allows from a point on, and those that end the reply where it is complete. */
    TokenMask mask(Recogniser recogniser, Recogniser.State from) {
        long[] mask = new long[(size + 63) / 64];
        Recogniser.State[] path = new Recogniser.State[longest + 1];
        path[0] = from;
        // How far the form allowed the token before.
        int reach = 0;
        for (int i = 0; i < ids.length; i++) {
            if (common[i] > reach) {
                continue;
            }
            byte[] token = bytes[i];
            reach = common[i];
            while (reach < token.length) {
                Recogniser.State next = recogniser.next(path[reach], token[reach] & 0xff);
                if (!next.alive()) {
                    break;
                }
                path[++reach] = next;
            }
            if (reach == token.length) {
                set(mask, ids[i]);
            }
        }
        if (from.complete()) {
            for (int id : ends) {
                set(mask, id);
            }
        }
        return new TokenMask(mask);
    }

    private static void set(long[] mask, int id) {
        mask[id >> 6] |= 1L << id;
    }
}
