package network.nyxos.relayer.gate;

import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.Digests;
import software.sava.core.accounts.PublicKey;

/// What a node reveals of a sampled job, to be replayed. Lives in memory, and in the papers of a job whose replay differed: it holds a prompt and a reply, and
/// its text form shows neither.
///
/// @param salt      of the prompt's commitment
/// @param promptIds token ids of the prompt
/// @param outputIds token ids of the reply
/// @param stop      the stop strings
/// @param signature of the node's receipt key over {@link Digests#reveal}: nobody else can say what the node was to stop at
public record Revealed(Hash salt, int[] promptIds, int[] outputIds, List<String> stop, Signature signature) {
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

    /// Whether the key signed all of this as the opening of a receipt.
    public boolean verify(Receipt receipt, PublicKey receiptKey) {
        Hash digest = Digests.reveal(receipt.hash(), TokenHash.prompt(salt, promptIds), TokenHash.output(outputIds), stop);
        return Ed25519.fastest().verify(receiptKey, digest.bytes(), signature);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Revealed that && salt.equals(that.salt) && Arrays.equals(promptIds, that.promptIds) && Arrays.equals(outputIds, that.outputIds)
            && stop.equals(that.stop) && signature.equals(that.signature);
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
