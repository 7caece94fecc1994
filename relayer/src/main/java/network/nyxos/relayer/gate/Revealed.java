package network.nyxos.relayer.gate;

import java.util.Arrays;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.wire.PromptText;

/// What a node reveals of a sampled job, to be replayed: its receipt commits to the tokens, its assignment to the constraints. Lives in memory, and in the papers
/// of a job whose replay differed: it holds a prompt and a reply, and its text form shows neither.
///
/// @param salt        of the prompt's commitment
/// @param promptIds   token ids of the prompt
/// @param outputIds   token ids of the reply
/// @param constraints what the reply had to keep to
/// @param text        the prompt as the gateway sent it
public record Revealed(Hash salt, int[] promptIds, int[] outputIds, Constraints constraints, PromptText text) {
    /// Copies.
    public Revealed {
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

    @Override
    public boolean equals(Object other) {
        return other instanceof Revealed that && salt.equals(that.salt) && Arrays.equals(promptIds, that.promptIds) && Arrays.equals(outputIds, that.outputIds)
            && constraints.equals(that.constraints) && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return salt.hashCode();
    }

    @Override
    public String toString() {
        return "Revealed[" + promptIds.length + " prompt ids, " + outputIds.length + " output ids]";
    }
}
