package network.nyxos.node.dispute;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.dispute.AccuserPlayer;
import network.nyxos.node.engine.dispute.Job;
import software.sava.core.accounts.PublicKey;

/**
 * A receipt with everything that it takes to dispute it. Holds a prompt and a reply; its text form shows neither.
 *
 * @param assignment  that it answers
 * @param receipt     in doubt
 * @param salt        of its prompt commitment
 * @param prompt      ids
 * @param reply       ids
 * @param constraints what the reply had to keep to
 */
public record DoubtedReceipt(SignedAssignment assignment, SignedReceipt receipt, Hash salt, int[] prompt, int[] reply, Constraints constraints) {
    public DoubtedReceipt {
        prompt = prompt.clone();
        reply = reply.clone();
    }

    /** As a relayer hands it over. */
    public static DoubtedReceipt of(WireMessage.Accuse accuse) {
        return new DoubtedReceipt(accuse.assignment(), accuse.receipt(), accuse.salt(), ids(accuse.promptIds()), ids(accuse.outputIds()), accuse.constraints());
    }

    /** As a relayer would hand it over. */
    WireMessage.Accuse message() {
        return new WireMessage.Accuse(receipt.receipt().jobId(), assignment, receipt, salt, IntStream.of(prompt).boxed().toList(), IntStream.of(reply).boxed().toList(), constraints);
    }

    private static int[] ids(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public int[] prompt() {
        return prompt.clone();
    }

    @Override
    public int[] reply() {
        return reply.clone();
    }

    /**
     * Makes sure that all of this opens what the receipt commits to: with other papers whoever accuses could not answer for them, and would lose the stake.
     *
     * @throws ProtocolException {@code accuse_papers}
     */
    void check() {
        Receipt said = receipt.receipt();
        boolean opens = said.assignmentHash().equals(assignment.assignment().digest()) && TokenHash.prompt(salt, prompt).equals(said.promptCommitment())
                && TokenHash.output(reply).equals(said.outputHash()) && constraints.hash().equals(assignment.assignment().constraints());
        if (!opens) {
            throw new ProtocolException("accuse_papers", "prompt, reply, assignment or constraints are not those that the receipt commits to");
        }
    }

    /** The key of a node that signed the receipt and that the registry's program takes: its receipt key, or the one before while that counts. */
    public Optional<PublicKey> signer(Node node, long slot) {
        return List.of(node.receiptKey(), node.previousReceiptKey()).stream().filter(receipt::verify)
                .filter(key -> key.equals(node.receiptKey()) || Long.compareUnsigned(slot, node.previousUntilSlot()) < 0).findFirst();
    }

    /** Bytes of the evidence that shows the ids. */
    long idsLength() {
        return Hash.LENGTH + 2L * Integer.BYTES + (long) Integer.BYTES * (prompt.length + reply.length);
    }

    /** What is to be run again. */
    public Job job() {
        return new Job(prompt, reply, Sampling.of(receipt.receipt().sampler()), receipt.receipt().seed(), constraints.format().isEmpty());
    }

    /** What the receipt says of it. */
    public AccuserPlayer.Claim claim() {
        Receipt said = receipt.receipt();
        return new AccuserPlayer.Claim(salt, said.traceRoot(), said.tokensIn(), said.tokensOut());
    }

    /**
     * What the dispute is played with.
     *
     * @param signer    of the receipt
     * @param tokenizer the model's, as its id has it
     */
    public Accuser.Papers papers(PublicKey signer, Hash tokenizer) {
        return new Accuser.Papers(receipt, signer, assignment.assignment().encode(), constraints.equals(Constraints.NONE) ? new byte[0] : constraints.encode(), tokenizer);
    }

    @Override
    public String toString() {
        return "DoubtedReceipt[" + receipt.receipt().hash() + " of node " + receipt.receipt().node() + "]";
    }
}
