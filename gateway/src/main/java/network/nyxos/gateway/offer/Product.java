package network.nyxos.gateway.offer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.text.WordPiece;
import software.sava.core.accounts.PublicKey;

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

    /// It is an agent's own service, of which a call is sold.
    ///
    /// @param description what it does, for those who look for it; not blank
    /// @param input       JSON Schema of what it is asked, where its seller says
    /// @param output      likewise of what it answers
    /// @param sellers     the nodes that it is bought of; empty: any that says it serves it
    /// @param patience    how long a node may take for a call, 1 second or more
    record Service(String description, Optional<ObjectNode> input, Optional<ObjectNode> output, Set<PublicKey> sellers, Duration patience) implements Product {
        /// Copies what could change.
        ///
        /// @throws IllegalArgumentException when there is no description, or no time
        public Service {
            if (description.isBlank() || patience.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("a service has a description, and a second or more for a call");
            }
            input = input.map(ObjectNode::deepCopy);
            output = output.map(ObjectNode::deepCopy);
            sellers = Set.copyOf(sellers);
        }

        @Override
        public Optional<ObjectNode> input() {
            return input.map(ObjectNode::deepCopy);
        }

        @Override
        public Optional<ObjectNode> output() {
            return output.map(ObjectNode::deepCopy);
        }
    }
}
