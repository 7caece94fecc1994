package network.nyxos.node.job;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.EmbeddingEngine;

/**
 * What came of a job, as its receipt says it.
 *
 * @param promptCommitment under a salt that the node keeps
 * @param outputHash       of token ids, of several choices or of vectors
 * @param tokensIn         by the model's own tokenizer; of several choices once
 * @param tokensOut        likewise, all choices together; 0 for vectors
 * @param finish           why it ended
 * @param traceRoot        of what was computed, or zero
 * @param choices          where there are several: each, in order
 */
public record Outcome(Hash promptCommitment, Hash outputHash, int tokensIn, int tokensOut, Finish finish, Hash traceRoot, List<ReplyChoice> choices) {
    public Outcome {
        choices = List.copyOf(choices);
    }

    /** Of a reply. */
    public static Outcome of(Completion completion, Hash salt) {
        return new Outcome(TokenHash.prompt(salt, completion.promptIds()), TokenHash.output(completion.outputIds()), completion.tokensIn(), completion.tokensOut(),
                finish(completion), completion.traceRoot(salt), List.of());
    }

    /**
     * Of several choices of one prompt, in order; the last ones are missing where they were given up before they were begun. There is no trace: it would be of
     * one sequence.
     *
     * @param done   at least one
     * @param wanted how many there are, 2 or more
     */
    public static Outcome of(List<Completion> done, int wanted, Hash salt) {
        List<ReplyChoice> choices = new ArrayList<>(wanted);
        done.forEach(each -> choices.add(new ReplyChoice(TokenHash.output(each.outputIds()), finish(each), each.tokensOut())));
        while (choices.size() < wanted) {
            choices.add(new ReplyChoice(TokenHash.output(new int[0]), Finish.CANCELLED, 0));
        }
        Completion first = done.getFirst();
        return new Outcome(TokenHash.prompt(salt, first.promptIds()), ReplyChoice.hash(choices), first.tokensIn(), Math.toIntExact(ReplyChoice.tokens(choices)),
                ReplyChoice.finish(choices), Hash.ZERO, choices);
    }

    private static Finish finish(Completion completion) {
        return Finish.ofCode(completion.finish().wire());
    }

    /** Of vectors. */
    public static Outcome of(EmbeddingEngine.Embedded embedded, Hash salt) {
        return new Outcome(TokenHash.prompt(salt, embedded.promptIds()), Embedding.hash(embedded.vectors()), embedded.tokensIn(), 0, Finish.STOP, Hash.ZERO, List.of());
    }
}
