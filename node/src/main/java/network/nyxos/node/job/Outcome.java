package network.nyxos.node.job;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.EmbeddingEngine;

/**
 * What came of a job, as its receipt says it.
 *
 * @param promptCommitment under a salt that the node keeps
 * @param outputHash       of token ids or of vectors
 * @param tokensIn         by the model's own tokenizer
 * @param tokensOut        likewise; 0 for vectors
 * @param finish           why it ended
 * @param traceRoot        of what was computed, or zero
 */
public record Outcome(Hash promptCommitment, Hash outputHash, int tokensIn, int tokensOut, Finish finish, Hash traceRoot) {
    /** Of a reply. */
    public static Outcome of(Completion completion, Hash salt) {
        return new Outcome(TokenHash.prompt(salt, completion.promptIds()), TokenHash.output(completion.outputIds()), completion.tokensIn(), completion.tokensOut(),
                Finish.ofCode(completion.finish().wire()), completion.traceRoot(salt));
    }

    /** Of vectors. */
    public static Outcome of(EmbeddingEngine.Embedded embedded, Hash salt) {
        return new Outcome(TokenHash.prompt(salt, embedded.promptIds()), Embedding.hash(embedded.vectors()), embedded.tokensIn(), 0, Finish.STOP, Hash.ZERO);
    }
}
