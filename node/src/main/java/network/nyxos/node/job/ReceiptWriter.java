package network.nyxos.node.job;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.money.Price;

/** Makes receipts. */
public final class ReceiptWriter {
    private final Keypair receiptKey;

    /** @param receiptKey the key that the registry holds for this node */
    public ReceiptWriter(Keypair receiptKey) {
        this.receiptKey = receiptKey;
    }

    /** The charge of docs/protocol.md §6: {@code exact} its ceiling, a voucher the real counts, never above the ceiling. */
    public static long charge(Assignment order, int tokensIn, int tokensOut) {
        if (order.payment() == Payment.EXACT) {
            return order.ceiling();
        }
        Price price = order.price();
        return Math.min(price.charge(tokensIn, tokensOut), order.ceiling());
    }

    /**
     * Writes and signs the receipt of a finished job.
     *
     * @param order     what was asked
     * @param outcome   what came out
     * @param engine    the engine's spec
     * @param quoteHash of the evidence in force, or zero
     * @param startMs   unix milliseconds
     * @param endMs     unix milliseconds
     */
    public SignedReceipt write(Assignment order, Outcome outcome, String engine, Hash quoteHash, long startMs, long endMs) {
        return new Receipt(order.jobId(), order.node(), order.modelId(), engine, order.tier(), order.seed(), order.sampler(),
                outcome.promptCommitment(), outcome.outputHash(), outcome.tokensIn(), outcome.tokensOut(),
                order.mint(), charge(order, outcome.tokensIn(), outcome.tokensOut()), outcome.finish(),
                outcome.traceRoot(), quoteHash, order.digest(), startMs, Math.max(startMs, endMs)).sign(receiptKey);
    }
}
