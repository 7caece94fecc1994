package network.nyxos.node.job;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.EmbeddingEngine;

/**
 * What came of a job, as its receipt says it.
 *
 * @param promptCommitment under a salt that the node keeps; of a service's request without one
 * @param outputHash       of token ids, of several choices, of vectors or of a service's reply
 * @param tokensIn         by the model's own tokenizer; of several choices once
 * @param tokensOut        likewise, all choices together; 0 for vectors, 1 for a call of a service
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

    /** Of a service: one call. Its hashes have no salt, for the client's request hash, which the assignment has, has none either. */
    public static Outcome of(ServiceBody request, ServiceBody reply) {
        return new Outcome(request.hash(), reply.hash(), 0, 1, Finish.STOP, Hash.ZERO, List.of());
    }
}
