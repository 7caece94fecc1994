package network.nyxos.node.job;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.wire.PromptText;

/**
 * Token ids of finished jobs, in memory only, until the relayer has settled them or room is needed: then the oldest go.
 * A restart forgets all of them. Safe for use by many threads.
 */
public final class RevealMemory {
    /**
     * What opens a receipt's commitments, and its assignment's.
     *
     * @param salt        of the prompt commitment
     * @param constraints what the reply had to keep to
     * @param text        the prompt as it was sent
     */
    public record Opening(Hash salt, int[] promptIds, int[] outputIds, Constraints constraints, PromptText text) {
        public Opening {
            promptIds = promptIds.clone();
            outputIds = outputIds.clone();
        }

        @Override
        public int[] promptIds() {
            return promptIds.clone();
        }

        @Override
        public int[] outputIds() {
            return outputIds.clone();
        }

        private long size() {
            return promptIds.length + outputIds.length + (text.length() * Character.BYTES + Integer.BYTES - 1) / Integer.BYTES;
        }

        @Override
        public String toString() {
            return "Opening[" + promptIds.length + " prompt ids, " + outputIds.length + " output ids]";
        }
    }

    private final long capacity;
    private final Map<Hash, Opening> openings = new LinkedHashMap<>();
    private long held;

    /** @param capacity most token ids kept, four bytes each; texts count by their bytes */
    public RevealMemory(long capacity) {
        this.capacity = capacity;
    }

    /** Remembers a job. */
    public synchronized void put(Hash job, Opening opening) {
        forget(job);
        openings.put(job, opening);
        held += opening.size();
        Iterator<Opening> oldest = openings.values().iterator();
        while (held > capacity && openings.size() > 1) {
            held -= oldest.next().size();
            oldest.remove();
        }
    }

    /** What opens a job's receipt, where it is still remembered. */
    public synchronized Optional<Opening> get(Hash job) {
        return Optional.ofNullable(openings.get(job));
    }

    /** What opens a receipt of which these are known, where it is still remembered. */
    public synchronized Optional<Opening> find(Hash promptCommitment, Hash outputHash) {
        return openings.values().stream().filter(opening -> TokenHash.output(opening.outputIds).equals(outputHash)
                && TokenHash.prompt(opening.salt, opening.promptIds).equals(promptCommitment)).findFirst();
    }

    /** Forgets a job that needs no opening any more. */
    public synchronized void forget(Hash job) {
        Opening opening = openings.remove(job);
        if (opening != null) {
            held -= opening.size();
        }
    }
}
