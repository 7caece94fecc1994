package network.nyxos.gateway.client;

import java.util.function.Consumer;

/// Asks a gateway's models and pays for the answers: by a transfer each ({@link ExactClient}) or by vouchers against a deposit ({@link EscrowClient}).
/// Thread-safe; requests may run side by side.
public abstract sealed class AgentClient permits EscrowClient, ExactClient {
    final GatewayCalls calls;
    final Asking asking;

    AgentClient(GatewayCalls calls, Trust trust) {
        this.calls = calls;
        this.asking = new Asking(calls, trust);
    }

    /// Completes a chat.
    ///
    /// @throws AgentException when it was not served, or its receipt does not hold
    public final ChatReply complete(ChatCall call) {
        return send(call, false, _ -> { });
    }

    /// Completes a chat, handing on the text as it comes; of several choices that of the first.
    ///
    /// @param text called in the order of the text, in the calling thread
    /// @throws AgentException when it was not served to its end, or its receipt does not hold
    public final ChatReply stream(ChatCall call, Consumer<String> text) {
        return send(call, true, text);
    }

    /// Completes a chat.
    ///
    /// @param stream whether to ask for the text as it comes
    /// @param text   gets it then; else it is not called
    /// @throws AgentException when it was not served to its end, or its receipt does not hold
    public final ChatReply send(ChatCall call, boolean stream, Consumer<String> text) {
        return run(new Errand.Chat(calls, asking, asking.question(call, stream), stream, text));
    }

    /// Turns texts into vectors.
    ///
    /// @throws AgentException when it was not served, or its receipt does not hold
    public final EmbeddingReply embed(EmbeddingCall call) {
        return run(new Errand.Embeddings(calls, asking, call, call.body()));
    }

    /// Calls another agent's service.
    ///
    /// @throws AgentException when it was not served, or its receipt does not hold
    public final ServiceReply call(ServiceCall call) {
        return run(new Errand.Service(calls, asking, call));
    }

    /// Asks, pays and checks.
    abstract <R> R run(Errand<R> errand);
}
