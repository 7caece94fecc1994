package network.nyxos.relayer.gate;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;

/// Whether a receipt answers its assignment, at the price agreed. Needs nothing but the two papers.
public final class PaperRules {
    /// How far the clocks of a gateway and a node may lie apart, in milliseconds.
    public static final long CLOCK_TOLERANCE_MS = 2_000;

    private PaperRules() {
    }

    /// Rules on the papers; both signatures are the callers' concern.
    public static Ruling judge(Assignment order, Receipt receipt) {
        if (!receipt.assignmentHash().equals(order.digest())) {
            return Ruling.refuse("receipt_assignment", "the receipt answers assignment " + receipt.assignmentHash());
        }
        boolean same = receipt.jobId().equals(order.jobId()) && receipt.node().equals(order.node()) && receipt.modelId().equals(order.modelId())
            && receipt.tier() == order.tier() && receipt.seed() == order.seed() && receipt.sampler().equals(order.sampler())
            && receipt.mint().equals(order.mint());
        if (!same) {
            return Ruling.refuse("receipt_fields", "the receipt's job, node, model, tier, seed, sampler or mint is not the assignment's");
        }
        if (receipt.tokensOut() > order.maxOutput()) {
            return Ruling.refuse("receipt_output", receipt.tokensOut() + " output tokens, at most " + order.maxOutput() + " were ordered");
        }
        if (receipt.startMs() < order.issuedMs() - CLOCK_TOLERANCE_MS || receipt.endMs() > order.deadlineMs() + CLOCK_TOLERANCE_MS) {
            return Ruling.refuse("receipt_times", "served from " + receipt.startMs() + " to " + receipt.endMs() + ", assigned for " + order.issuedMs()
                + " to " + order.deadlineMs());
        }
        return charge(order, receipt);
    }

    private static Ruling charge(Assignment order, Receipt receipt) {
        long counted;
        try {
            counted = order.price().charge(receipt.tokensIn(), receipt.tokensOut());
        } catch (ProtocolException e) {
            return Ruling.refuse("receipt_charge", e.getMessage());
        }
        if (counted > order.ceiling()) {
            return Ruling.refuse("receipt_ceiling", "the counts cost " + counted + ", the ceiling is " + order.ceiling());
        }
        long due = order.payment() == Payment.EXACT ? order.ceiling() : counted;
        return receipt.charge() == due ? Ruling.PASS : Ruling.refuse("receipt_charge", "the receipt charges " + receipt.charge() + ", due are " + due);
    }
}
