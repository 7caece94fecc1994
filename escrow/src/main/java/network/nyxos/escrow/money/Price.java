package network.nyxos.escrow.money;

import java.nio.charset.StandardCharsets;
import java.util.List;
import network.nyxos.escrow.ProtocolException;

/// What a model's tokens cost in one mint.
///
/// @param perMillionIn  base units for a million prompt tokens, 0 or more
/// @param perMillionOut base units for a million output tokens, 0 or more
public record Price(long perMillionIn, long perMillionOut) {
    private static final long MILLION = 1_000_000;
    private static final int TOKENS_PER_MESSAGE = 32;
    private static final int TOKENS_PER_REQUEST = 64;

    /// @throws ProtocolException `price_negative`
    public Price {
        if (perMillionIn < 0 || perMillionOut < 0) {
            throw new ProtocolException("price_negative", "prices must be 0 or more, are " + perMillionIn + " and " + perMillionOut);
        }
    }

    /// The price of a service, whose one output token is a call: exactly this much for each.
    ///
    /// @param units base units for a call, 1 or more
    /// @throws ProtocolException `amount_overflow` when a million calls cost 2^63 base units or more, `price_negative` below 1
    public static Price ofCall(long units) {
        if (units < 1) {
            throw new ProtocolException("price_negative", "a call costs at least 1 base unit, not " + units);
        }
        try {
            return new Price(0, Math.multiplyExact(units, MILLION));
        } catch (ArithmeticException e) {
            throw new ProtocolException("amount_overflow", "a call may cost " + Long.MAX_VALUE / MILLION + " base units at most, not " + units, e);
        }
    }

    /// Whether it is the price of a service: nothing for what goes in, and whole base units for a call.
    public boolean ofCalls() {
        return perMillionIn == 0 && perMillionOut >= MILLION && perMillionOut % MILLION == 0;
    }

    /// The charge for real token counts: `ceil((in · price_in + out · price_out) / 1 000 000)`, at least 1.
    ///
    /// @param tokensIn  prompt tokens, 0 or more
    /// @param tokensOut output tokens, 0 or more
    /// @throws ProtocolException `tokens_negative`, or `amount_overflow` when the exact sum is 2^63 or more
    public long charge(long tokensIn, long tokensOut) {
        if (tokensIn < 0 || tokensOut < 0) {
            throw new ProtocolException("tokens_negative", "token counts must be 0 or more, are " + tokensIn + " and " + tokensOut);
        }
        try {
            long millionths = Math.addExact(Math.multiplyExact(tokensIn, perMillionIn), Math.multiplyExact(tokensOut, perMillionOut));
            return Math.max(1, Math.ceilDiv(millionths, MILLION));
        } catch (ArithmeticException e) {
            throw new ProtocolException("amount_overflow", tokensIn + " and " + tokensOut + " tokens at " + this + " cost more than 2^63 millionths of a base unit", e);
        }
    }

    /// The most that a request can cost: the charge for the bound on its prompt and all of its output.
    ///
    /// @param contents  the contents of the request's messages
    /// @param maxOutput the most output tokens, 0 or more
    /// @throws ProtocolException as {@link #charge}
    public long ceiling(List<String> contents, long maxOutput) {
        return charge(promptBound(contents), maxOutput);
    }

    /// {@link #promptBound} of whatever messages a sealed prompt may hold. As JSON a message takes at least 29 bytes beside its content, so an eighth more
    /// than all bytes covers what {@link #promptBound} adds for each.
    ///
    /// @param bytes of the sealed prompt in the clear, 0 or more
    public static long sealedPromptBound(int bytes) {
        return bytes + Math.ceilDiv(bytes, 8L) + TOKENS_PER_REQUEST;
    }

    /// No prompt made of these message contents has more tokens than this: a token covers at least one byte, and the chat template adds a bounded number.
    public static long promptBound(List<String> contents) {
        long bound = TOKENS_PER_REQUEST;
        for (String content : contents) {
            bound += content.getBytes(StandardCharsets.UTF_8).length + TOKENS_PER_MESSAGE;
        }
        return bound;
    }
}
