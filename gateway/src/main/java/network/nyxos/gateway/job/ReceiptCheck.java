package network.nyxos.gateway.job;

import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireMessage.Done;
import network.nyxos.gateway.offer.Work;
import software.sava.core.accounts.PublicKey;

/// Whether a receipt is the one that an assignment asked for (protocol §6). Only what passes is charged.
public final class ReceiptCheck {
    /// How far the clocks of gateway and node may lie apart, in milliseconds.
    public static final long CLOCK_TOLERANCE_MS = 2_000;

    private ReceiptCheck() {
    }

    /// Judges a receipt.
    ///
    /// @param order      what was assigned
    /// @param engine     the engine that the node says runs this model
    /// @param work       how much was to be done
    /// @param delivered  what came of it
    /// @param receiptKey the node's, of the registry
    /// @return what is wrong, or empty
    public static Optional<String> problem(Assignment order, String engine, Work work, Delivered delivered, Done done, PublicKey receiptKey) {
        Receipt receipt = done.receipt().receipt();
        if (!done.receipt().verify(receiptKey)) {
            return Optional.of("the receipt is not signed by the node's receipt key");
        }
        if (!receipt.assignmentHash().equals(order.digest())) {
            return Optional.of("the receipt answers another assignment");
        }
        boolean same = receipt.jobId().equals(order.jobId()) && receipt.node().equals(order.node()) && receipt.modelId().equals(order.modelId())
            && receipt.tier() == order.tier() && receipt.seed() == order.seed() && receipt.sampler().equals(order.sampler()) && receipt.mint().equals(order.mint());
        if (!same) {
            return Optional.of("job, node, model, tier, seed, sampler or mint is not the assignment's");
        }
        if (!receipt.engine().equals(engine)) {
            return Optional.of("the engine is another than the node's");
        }
        if (receipt.finish() != done.finish() || receipt.tokensIn() != done.tokensIn() || receipt.tokensOut() != done.tokensOut()) {
            return Optional.of("the receipt's counts or finish are not those of its message");
        }
        if (receipt.tokensOut() > order.maxOutput() || receipt.tokensIn() > work.promptTokens()) {
            return Optional.of(receipt.tokensIn() + " prompt and " + receipt.tokensOut() + " output tokens are more than this request can have");
        }
        if (work instanceof Work.Vectors asked && asked.counted() && receipt.tokensIn() != asked.promptTokens()) {
            return Optional.of("it counts " + receipt.tokensIn() + " tokens, the inputs have " + asked.promptTokens());
        }
        Optional<String> other = switch (delivered) {
            case Delivered.Text _ -> Optional.empty();
            case Delivered.Vectors vectors when receipt.outputHash().equals(Embedding.hash(vectors.all())) -> Optional.empty();
            case Delivered.Vectors _ -> Optional.of("it is of other vectors than the node gave");
            case Delivered.Output output when receipt.outputHash().equals(output.body().hash()) -> Optional.empty();
            case Delivered.Output _ -> Optional.of("it is of another reply than the node gave");
        };
        if (other.isPresent()) {
            return other;
        }
        if (work instanceof Work.Call call && !receipt.promptCommitment().equals(call.request())) {
            return Optional.of("it is of another request than the node was given");
        }
        if (work instanceof Work.Call && receipt.tokensOut() != 1) {
            return Optional.of("it counts " + receipt.tokensOut() + " calls, there was one");
        }
        if (work instanceof Work.Completion asked && asked.choices() > 1 && !(receipt.outputHash().equals(ReplyChoice.hash(done.choices()))
            && receipt.tokensOut() == ReplyChoice.tokens(done.choices()) && receipt.finish() == ReplyChoice.finish(done.choices()))) {
            return Optional.of("it is of other choices than the node gave");
        }
        if (receipt.startMs() < order.issuedMs() - CLOCK_TOLERANCE_MS || receipt.endMs() > order.deadlineMs() + CLOCK_TOLERANCE_MS) {
            return Optional.of("it was served outside the time it was assigned for");
        }
        if (order.tier() == Tier.CONFIDENTIAL && receipt.quoteHash().isZero()) {
            return Optional.of("a confidential receipt names its evidence");
        }
        return charge(order, receipt);
    }

    private static Optional<String> charge(Assignment order, Receipt receipt) {
        long counted;
        try {
            counted = order.price().charge(receipt.tokensIn(), receipt.tokensOut());
        } catch (ProtocolException e) {
            return Optional.of(e.getMessage());
        }
        if (counted > order.ceiling()) {
            return Optional.of("the counts cost " + counted + ", the ceiling is " + order.ceiling());
        }
        long due = order.payment() == Payment.EXACT ? order.ceiling() : counted;
        return receipt.charge() == due ? Optional.empty() : Optional.of("the receipt charges " + receipt.charge() + ", due are " + due);
    }
}
