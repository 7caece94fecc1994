package network.nyxos.node.engine;

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
}
