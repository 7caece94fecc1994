package network.nyxos.gateway.job;

import java.util.List;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.ServiceBody;

/// What came of a job. Its `toString` shows none of it.
public sealed interface Delivered {
    /// What the receipt counts of each choice; none where it is no text.
    default List<ReplyChoice> choices() {
        return List.of();
    }

    /// Text, which has gone to the sink.
    ///
    /// @param choices what the receipt counts of each choice, also of a single one
    record Text(List<ReplyChoice> choices) implements Delivered {
        /// Copies the list.
        public Text {
            choices = List.copyOf(choices);
        }
    }

    /// Vectors.
    ///
    /// @param all one for each input, in order
    record Vectors(List<Embedding> all) implements Delivered {
        /// Copies the list.
        public Vectors {
            all = List.copyOf(all);
        }
    }

    /// What a service said.
    ///
    /// @param body to the byte
    record Output(ServiceBody body) implements Delivered {
    }
}
