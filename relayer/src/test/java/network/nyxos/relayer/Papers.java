package network.nyxos.relayer;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import software.sava.core.accounts.PublicKey;

/// Makes the papers of jobs, as a gateway, its payers and its nodes make them.
///
/// @param mint    what is paid in
/// @param gateway who assigns
public record Papers(PublicKey mint, Keypair gateway) {
    public static final Hash MODEL = Hash.sha256(new byte[] {7});
    public static final String ENGINE = "nyx-int8-v1";
    public static final Price PRICE = new Price(2_000_000, 8_000_000);
    /// From an assignment to its deadline.
    public static final long PATIENCE_MS = 4_000;

    /// A registered node's keys.
    public record NodeKeys(Keypair node, Keypair receipt, SealingKey sealing, PublicKey payout, Set<Tier> tiers) {
        public PublicKey key() {
            return node.publicKey();
        }
    }

    /// A payer's escrow.
    public record Session(Keypair payer, Keypair key, PublicKey escrow) {
    }

    public PaymentRecord.ByVoucher voucher(Session session, long cumulative, Hash requestHash) {
        var voucher = new Voucher(session.escrow(), cumulative, 0);
        Hash nonce = Hash.of(Keypair.generate().publicKey().toByteArray());
        return new PaymentRecord.ByVoucher(voucher, voucher.sign(session.key()), nonce,
            new RequestBinding(session.escrow(), cumulative, nonce, requestHash).sign(session.key()), mint);
    }

    /// What a node did for a job; the prompt and the reply are token ids.
    public record Work(SignedAssignment assignment, SignedReceipt receipt, Hash salt, int[] prompt, int[] output) {
    }

    public static final Hash REQUEST = Hash.sha256(new byte[] {1});

    /// An assignment whose ceiling is 1 000 base units at most.
    public SignedAssignment assign(PaymentRecord payment, NodeKeys node, Tier tier, long ceiling) {
        return assign(payment, node, tier, ceiling, System.currentTimeMillis());
    }

    public SignedAssignment assign(PaymentRecord payment, NodeKeys node, Tier tier, long ceiling, long now) {
                Payment kind = payment instanceof PaymentRecord.Exact ? Payment.EXACT : Payment.VOUCHER;
        return new Assignment(payment.jobId(), gateway.publicKey(), node.key(), MODEL, tier, 0, 64, mint, PRICE, ceiling, kind, REQUEST, 42, Sampler.GREEDY, Hash.ZERO,
            Hash.ZERO, now, now + PATIENCE_MS).sign(gateway);
    }

    /// Reply ids that are a function of the prompt, as a deterministic engine's are.
    public static int[] run(int[] prompt, int tokens) {
        int[] output = new int[tokens];
        Arrays.setAll(output, i -> (prompt[i % prompt.length] * 31 + i) & 0xFFFF);
        return output;
    }

    public Work work(SignedAssignment assignment, NodeKeys node, Hash quoteHash, int... prompt) {
        return work(assignment, node, quoteHash, prompt, run(prompt, 20));
    }

    public Work work(SignedAssignment assignment, NodeKeys node, Hash quoteHash, int[] prompt, int[] output) {
        Assignment order = assignment.assignment();
        Hash salt = Hash.of(Keypair.generate().publicKey().toByteArray());
        long charge = order.payment() == Payment.EXACT ? order.ceiling() : order.price().charge(prompt.length, output.length);
        var receipt = new Receipt(order.jobId(), node.key(), MODEL, ENGINE, order.tier(), order.seed(), order.sampler(), TokenHash.prompt(salt, prompt),
            TokenHash.output(output), prompt.length, output.length, mint, charge, Finish.STOP, Hash.ZERO, quoteHash, order.digest(),
            order.issuedMs() + 1, order.issuedMs() + 2);
        return new Work(assignment, receipt.sign(node.receipt()), salt, prompt, output);
    }

    public JobRecord completed(PaymentRecord payment, Work work) {
        return new JobRecord(payment.jobId(), Optional.of(work.assignment()), payment, JobRecord.Outcome.COMPLETED, work.receipt().receipt().charge(), "");
    }

    public JobRecord failed(PaymentRecord payment, Optional<SignedAssignment> assignment) {
        return new JobRecord(payment.jobId(), assignment, payment, JobRecord.Outcome.FAILED, 0, "the node went away");
    }

    public JobRecord reserved(PaymentRecord payment, Optional<SignedAssignment> assignment) {
        return new JobRecord(payment.jobId(), assignment, payment, JobRecord.Outcome.RESERVED, 0, "");
    }
}
