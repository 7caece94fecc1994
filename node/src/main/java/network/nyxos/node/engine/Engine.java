package network.nyxos.node.engine;

import java.util.List;

/** Runs one model that continues chats. Each call blocks its thread until the reply has ended. */
public non-sealed interface Engine extends ModelRunner {
    /**
     * Continues a chat.
     *
     * @param request      the chat
     * @param sink         gets the reply's text as it comes
     * @param cancellation ends it early with {@link Completion.Finish#CANCELLED}
     */
    Completion generate(GenerationRequest request, TokenSink sink, Cancellation cancellation);

    /**
     * The ids that a chat is to the model. Only a deterministic engine knows them; others refuse with {@code INVALID_REQUEST}.
     *
     * @throws EngineException {@code INVALID_REQUEST}, also for a role that the model's template does not have
     */
    default int[] promptIds(List<ChatMessage> messages) {
        throw new EngineException(EngineException.Code.INVALID_REQUEST, "this engine does not know its model's token ids");
    }

    /**
     * Runs a job again from its ids. Only a deterministic engine can; others refuse with {@code INVALID_REQUEST}.
     *
     * @param request      what the job ran under
     * @param cancellation ends it early
     */
    Completion replay(ReplayRequest request, Cancellation cancellation);
}
