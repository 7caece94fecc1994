package network.nyxos.gateway.offer;

import java.util.Optional;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.text.WordPiece;

/// What a model that is sold does.
public sealed interface Product {
    /// It continues chats.
    ///
    /// @param defaultMaxOutput output tokens where the client does not say
    record Chat(int defaultMaxOutput) implements Product {
    }

    /// It turns texts into vectors.
    ///
    /// @param dimensions numbers of a vector, 1 to {@value Embedding#MAX_DIMENSIONS}
    /// @param tokenizer  by which prices are exact; without it they are by a bound, like those of chats
    record Vectors(int dimensions, Optional<WordPiece> tokenizer) implements Product {
        /// @throws IllegalArgumentException for dimensions outside their range
        public Vectors {
            if (dimensions < 1 || dimensions > Embedding.MAX_DIMENSIONS) {
                throw new IllegalArgumentException("a model has 1 to " + Embedding.MAX_DIMENSIONS + " dimensions, not " + dimensions);
            }
        }
    }
}
