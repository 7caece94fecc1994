package network.nyxos.relayer.gate;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.wire.PaymentRecord;
import software.sava.core.accounts.PublicKey;

/// Whether the money behind a job is real.
public final class PaymentRules {
    private PaymentRules() {
    }

    /// An exact payment: did it reach the pool's vault, from that payer, in that amount, in that very transaction?
    public static Ruling exact(PaymentRecord.Exact payment, PaymentFacts facts) {
        return switch (facts) {
            case PaymentFacts.Absent() -> Ruling.wait("payment_absent", "transaction " + payment.transaction() + " is not on chain");
            case PaymentFacts.Failed(String error) -> Ruling.refuse("payment_failed", "the payment's transaction failed: " + error);
            case PaymentFacts.Landed landed when !landed.messageHash().equals(payment.messageHash()) ->
                Ruling.refuse("payment_message", "the transaction's message hash is " + landed.messageHash());
            case PaymentFacts.Landed landed when landed.intoVault().size() != 1 ->
                Ruling.refuse("payment_transfers", "the transaction has " + landed.intoVault().size() + " transfers into the pool's vault, must have one");
            case PaymentFacts.Landed landed -> {
                PaymentFacts.Transfer transfer = landed.intoVault().getFirst();
                boolean as = transfer.authority().equals(payment.payer()) && transfer.mint().equals(payment.mint()) && transfer.amount() == payment.amount();
                yield as ? Ruling.PASS : Ruling.refuse("payment_transfer", transfer.authority() + " transferred " + transfer.amount() + " of "
                    + transfer.mint() + ", reported were " + payment.payer() + ", " + payment.amount() + " and " + payment.mint());
            }
        };
    }

    /// Whether an exact payment covers the assignment's ceiling, which it was asked for.
    public static Ruling covers(PaymentRecord.Exact payment, long ceiling) {
        return payment.amount() >= ceiling ? Ruling.PASS
            : Ruling.refuse("payment_amount", "paid were " + payment.amount() + ", the ceiling is " + ceiling);
    }

    /// What the payer signed for this request: the voucher and the binding. Holds or fails for ever, but for a job that its node settles by itself: none that is
    /// paid so is paid once more.
    ///
    /// @param requestHash the assignment's
    /// @param facts       empty when nothing is known of such an escrow, neither now nor of one that was closed
    public static Ruling signedByPayer(PaymentRecord.ByVoucher payment, Hash requestHash, Optional<EscrowFacts> facts, PublicKey market) {
        if (facts.isEmpty()) {
            // Not a refusal: a node that is behind, or has forgotten old transactions, knows nothing of escrows that others have seen.
            return Ruling.wait("escrow_absent", "the chain's node knows nothing of escrow " + payment.voucher().escrow());
        }
        EscrowFacts escrow = facts.get();
        if (!escrow.market().equals(market) || !escrow.mint().equals(payment.mint())) {
            return Ruling.refuse("escrow_foreign", "the escrow is of market " + escrow.market() + " and mint " + escrow.mint());
        }
        if (escrow.direct().jobs().contains(payment.jobId())) {
            return settledDirectly(payment.jobId());
        }
        if (!payment.voucher().verify(escrow.sessionKey(), payment.signature())) {
            return Ruling.refuse("voucher_signature", "the voucher is not signed by the escrow's session key " + escrow.sessionKey());
        }
        var binding = new RequestBinding(payment.voucher().escrow(), payment.voucher().cumulative(), payment.nonce(), requestHash);
        return binding.verify(escrow.sessionKey(), payment.requestSignature()) ? Ruling.PASS
            : Ruling.refuse("request_signature", "the request is not signed by the escrow's session key");
    }

    /// A job is not paid in a batch that its node is paid for by itself.
    public static Ruling settledDirectly(Hash job) {
        return Ruling.refuse("settled_directly", "a node has settled job " + job + " by itself; its record on chain pays it, or is voided first");
    }

    /// Whether an escrow can be debited up to an amount under a voucher, now. What was moved to the pool already needs nothing more.
    ///
    /// @param cumulative what would have been debited for batches in its whole life, base units
    /// @param bound      the largest voucher's amount that is in force
    /// @param now        unix seconds
    /// @param slot       the confirmed slot
    public static Ruling debit(EscrowFacts escrow, long cumulative, long bound, long now, long slot) {
        if (cumulative <= escrow.settled()) {
            return Ruling.PASS;
        }
        if (escrow.state() == EscrowFacts.State.CLOSED) {
            return Ruling.refuse("escrow_exited", "the payer left with " + escrow.settled() + " debited, this would come to " + cumulative);
        }
        long counted = escrow.counted(cumulative);
        if (counted > bound) {
            return Ruling.refuse("voucher_exceeded", "the escrow's debits would come to " + counted + ", the payer signed for " + bound);
        }
        if (counted > escrow.deposited()) {
            return Ruling.refuse("deposit_exceeded", "the escrow's debits would come to " + counted + ", deposited are " + escrow.deposited());
        }
        if (escrow.sessionLimit() != 0 && counted > escrow.sessionLimit()) {
            return Ruling.refuse("session_limit", "the escrow's debits would come to " + counted + ", the session's limit is " + escrow.sessionLimit());
        }
        if (escrow.sessionExpires() != 0 && now > escrow.sessionExpires()) {
            return Ruling.refuse("session_expired", "the escrow's session expired at " + escrow.sessionExpires());
        }
        if (escrow.state() == EscrowFacts.State.EXITING && slot >= escrow.exitSlot()) {
            return Ruling.refuse("escrow_exited", "the escrow may be left since slot " + escrow.exitSlot());
        }
        return Ruling.PASS;
    }
}
