package network.nyxos.escrow.job;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;

/// One of several choices of a job's reply (OpenAI's `n`), as the job's one receipt counts it. A job of one choice has none of these: its receipt says all.
///
/// @param output {@link TokenHash#output} of its own tokens
/// @param finish why it ended; `cancelled` with no tokens for one that was never begun
/// @param tokens its output tokens, the end token included where one was produced; 0 or more
public record ReplyChoice(Hash output, Finish finish, int tokens) {
    /// The most choices of a job.
    public static final int MAX = 8;

    /// @throws ProtocolException `count_range`
    public ReplyChoice {
        Counts.atLeastZero("tokens", tokens);
    }

    /// What a receipt has for its output where there are several choices, in their order:
    /// `output_hash = H("nyxos:choices:v1" ‖ count u32 ‖ each: output 32 ‖ finish u8 ‖ tokens u32)`.
    ///
    /// @param choices 2 to {@value #MAX}
    public static Hash hash(List<ReplyChoice> choices) {
        var writer = new BorshWriter(4 + choices.size() * (Hash.LENGTH + 5)).u32(choices.size());
        choices.forEach(choice -> writer.bytes(choice.output.bytes(), Hash.LENGTH).u8(choice.finish.code()).u32(choice.tokens));
        return Hash.domain("nyxos:choices:v1", writer.toByteArray());
    }

    /// Why they ended, in one word, as the receipt has it: `cancelled` where one was, else `length` where one was cut, else `stop`.
    ///
    /// @param choices at least one
    public static Finish finish(List<ReplyChoice> choices) {
        return choices.stream().map(ReplyChoice::finish).max(Finish::compareTo).orElseThrow();
    }

    /// Their output tokens together.
    public static long tokens(List<ReplyChoice> choices) {
        return choices.stream().mapToLong(ReplyChoice::tokens).sum();
    }

    /// The seed by which a choice is drawn: the job's own for the first, which is therefore the reply that a job of one choice has; for the others the first eight
    /// bytes, little-endian, of `H("nyxos:choice-seed:v1" ‖ seed u64 ‖ choice u32)`.
    ///
    /// @param seed   the job's
    /// @param choice from 0
    public static long seed(long seed, int choice) {
        if (choice == 0) {
            return seed;
        }
        return ByteBuffer.wrap(Hash.domain("nyxos:choice-seed:v1", new BorshWriter(12).u64(seed).u32(choice).toByteArray()).bytes())
            .order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
}
