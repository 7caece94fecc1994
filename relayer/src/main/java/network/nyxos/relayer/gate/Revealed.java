package network.nyxos.relayer.gate;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;

/// What a node reveals of a sampled job, to be replayed. Lives in memory only: it holds a prompt and a reply, and its text form shows neither.
///
/// @param salt      of the prompt's commitment
/// @param promptIds token ids of the prompt
/// @param outputIds token ids of the reply
/// @param stop      the stop strings
public record Revealed(Hash salt, int[] promptIds, int[] outputIds, List<String> stop) {
    /// Copies.
    public Revealed {
        promptIds = promptIds.clone();
        outputIds = outputIds.clone();
        stop = List.copyOf(stop);
    }

    @Override
    public int[] promptIds() {
        return promptIds.clone();
    }

    @Override
    public int[] outputIds() {
        return outputIds.clone();
    }

    @Override
    public String toString() {
        return "Revealed[" + promptIds.length + " prompt ids, " + outputIds.length + " output ids]";
    }
}
