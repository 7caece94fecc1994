package network.nyxos.node.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.node.engine.int8.FixedPoint;
import network.nyxos.node.engine.tokenizer.Tokenizer;

/**
 * Probabilities of a reply's tokens: the natural logarithm of the softmax over the whole vocabulary of the logits as the model gave them. Temperature, {@code top_p},
 * {@code top_k} and the form's mask come after, and do not show. Held back until the text that a token is part of goes out, so that both tell the same.
 */
final class Logprobs {
    private static final double ONE = 1 << FixedPoint.FRACTION;
    private static final double MICRO = 1e6;
    /** Tokens so far below the likeliest add nothing to a sum of doubles that is 1 at least: 2²⁰ times e⁻⁶⁰ is below 2⁻⁵³. */
    private static final double NOTHING = -60;

    private record Held(TokenLogprob token, int start) {
    }

    private final Tokenizer tokenizer;
    private final int top;
    private final Deque<Held> held = new ArrayDeque<>();
    private int taken;
    private int released;

    /** @param top how many of the likeliest are told with each token */
    Logprobs(Tokenizer tokenizer, int top) {
        this.tokenizer = tokenizer;
        this.top = top;
    }

    /**
     * Takes note of a token.
     *
     * @param logits with 16 fractional bits, from {@code at}
     * @param id     which one was chosen
     */
    void took(int[] logits, int at, int id) {
        int size = tokenizer.size();
        int greatest = logits[at];
        for (int i = 1; i < size; i++) {
            greatest = Math.max(greatest, logits[at + i]);
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            double below = ((long) logits[at + i] - greatest) / ONE;
            if (below > NOTHING) {
                sum += StrictMath.exp(below);
            }
        }
        double total = StrictMath.log(sum);
        List<TokenLogprob.Likely> likeliest = new ArrayList<>();
        for (int each : likeliest(logits, at, size)) {
            likeliest.add(likely(each, logits[at + each], greatest, total));
        }
        held.add(new Held(new TokenLogprob(likely(id, logits[at + id], greatest, total), likeliest), taken));
        taken += tokenizer.bytes(id).length;
    }

    private TokenLogprob.Likely likely(int id, int logit, int greatest, double total) {
        double logarithm = ((long) logit - greatest) / ONE - total;
        return TokenLogprob.Likely.of(tokenizer.bytes(id), Math.clamp(Math.round(logarithm * MICRO), -Integer.MAX_VALUE, 0));
    }

    /** The likeliest ids, the first first, the lowest among equals. */
    private int[] likeliest(int[] logits, int at, int size) {
        int[] best = new int[Math.min(top, size)];
        int count = 0;
        for (int id = 0; id < size; id++) {
            int place = count;
            while (place > 0 && logits[at + best[place - 1]] < logits[at + id]) {
                place--;
            }
            if (place < best.length) {
                int last = Math.min(count, best.length - 1);
                System.arraycopy(best, place, best, place + 1, last - place);
                best[place] = id;
                count = Math.min(count + 1, best.length);
            }
        }
        return best;
    }

    /** The tokens that this text, which goes out now, begins or goes on with, without those that were told before. */
    List<TokenLogprob> of(String text) {
        released += text.getBytes(StandardCharsets.UTF_8).length;
        var now = new ArrayList<TokenLogprob>();
        while (!held.isEmpty() && held.peek().start() < released) {
            now.add(held.remove().token());
        }
        return now;
    }
}
