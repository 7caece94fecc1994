package network.nyxos.escrow.job;

import network.nyxos.escrow.ProtocolException;

/// What a model does for a job.
public sealed interface ModelKind {
    /// It continues chats.
    ///
    /// @param formats  whether replies can be held to a {@link network.nyxos.escrow.format.Format}
    /// @param logprobs whether it gives {@link TokenLogprob}s with its tokens
    record Chat(boolean formats, boolean logprobs) implements ModelKind {
    }

    /// It turns texts into vectors.
    ///
    /// @param dimensions numbers of a vector, 1 to {@value Embedding#MAX_DIMENSIONS}
    record Embedding(int dimensions) implements ModelKind {
        /// @throws ProtocolException `dimensions_range`
        public Embedding {
            network.nyxos.escrow.job.Embedding.requireDimensions(dimensions);
        }
    }

    /// It is no model but an agent's own service over HTTP: a call is what is sold, and what comes back is the node's word.
    record Service() implements ModelKind {
    }
}
