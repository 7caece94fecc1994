package network.nyxos.node.engine;

import java.util.List;
import network.nyxos.escrow.job.TokenLogprob;

/** Where a reply goes as it comes. Called from the thread that called the engine, in order. */
@FunctionalInterface
public interface TokenSink {
    /** A sink for callers that want the result only. */
    TokenSink NONE = (text, tokens) -> { };

    /**
     * A piece of the reply.
     *
     * @param text   whole characters, never half a UTF-8 sequence or half a stop text; not empty
     * @param tokens output tokens so far
     */
    void accept(String text, int tokens);

    /**
     * A piece of the reply with the probabilities of its tokens; a sink that wants none leaves this as it is.
     *
     * @param logprobs of the tokens that the text begins or goes on with and that were not told yet; none where they were not asked for
     */
    default void accept(String text, int tokens, List<TokenLogprob> logprobs) {
        accept(text, tokens);
    }
}
