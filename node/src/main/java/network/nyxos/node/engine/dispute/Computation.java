package network.nyxos.node.engine.dispute;

import java.util.List;
import network.nyxos.node.engine.Trace;

/** What somebody says that a job computed, down to every number: what it can answer in a dispute. */
public interface Computation {
    /**
     * The vectors of a choice.
     *
     * @param candidates how many tokens could have been chosen
     * @param vectors    0 to 4
     */
    record Choice(int candidates, List<ChunkVector> vectors) {
        public Choice {
            vectors = List.copyOf(vectors);
        }
    }

    /** Its steps. */
    Trace trace();

    /** The vectors 0 to 17 of a layer of a step. */
    List<ChunkVector> block(int position, int layer);

    /** The vectors of the choice that a step's logits led to; of a step from the prompt's last on. */
    Choice choice(int position);
}
