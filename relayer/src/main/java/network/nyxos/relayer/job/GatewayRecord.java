package network.nyxos.relayer.job;

import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import software.sava.core.accounts.PublicKey;

/// A job record together with the gateway whose word it is. What it claims about the chain is believed only after the gate has looked there.
///
/// @param gateway who signed the record, and the assignment in it
/// @param said    the record
public record GatewayRecord(PublicKey gateway, JobRecord said) {
    private static final int MAX_REASON = 500;

    /// Checks everything that the record can be checked for by itself, save the assignment's signature ({@link #accept}).
    ///
    /// @throws ProtocolException `record_assignment`, `record_payment`, `record_reason`
    public GatewayRecord {
        require(said.outcome() != JobRecord.Outcome.COMPLETED || said.assignment().isPresent(), "record_assignment", "a completed job has an assignment");
        require(said.reason().length() <= MAX_REASON, "record_reason", "a reason has at most " + MAX_REASON + " characters");
        require(!(said.payment() instanceof PaymentRecord.Exact exact) || exact.amount() > 0, "record_payment", "a payment has at least one base unit");
        if (said.assignment().isPresent()) {
            Assignment order = said.assignment().get().assignment();
            require(order.gateway().equals(gateway), "record_assignment", "the assignment is of gateway " + order.gateway() + ", the record of " + gateway);
            require(order.mint().equals(said.payment().mint()), "record_assignment", "the assignment is in mint " + order.mint() + ", the payment in "
                + said.payment().mint());
            require(order.payment() == kind(said.payment()), "record_assignment", "the assignment says " + order.payment().wireName() + ", the payment is not");
        }
    }

    /// Takes a record that has just come in.
    ///
    /// @throws ProtocolException as the constructor, and `record_assignment` when the gateway did not sign the assignment
    public static GatewayRecord accept(PublicKey gateway, JobRecord said) {
        var record = new GatewayRecord(gateway, said);
        require(said.assignment().map(SignedAssignment::verify).orElse(true), "record_assignment", "the assignment's signature is not the gateway's");
        return record;
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new ProtocolException(code, message);
        }
    }

    /// Which kind of payment it is.
    public static Payment kind(PaymentRecord payment) {
        return switch (payment) {
            case PaymentRecord.Exact ignored -> Payment.EXACT;
            case PaymentRecord.ByVoucher ignored -> Payment.VOUCHER;
        };
    }

    /// The job.
    public Hash job() {
        return said.job();
    }

    /// The assignment in force.
    public Optional<SignedAssignment> assignment() {
        return said.assignment();
    }

    /// What pays for it.
    public PaymentRecord payment() {
        return said.payment();
    }

    /// What became of it.
    public JobRecord.Outcome outcome() {
        return said.outcome();
    }

    /// What the client was told, base units.
    public long charge() {
        return said.charge();
    }

    /// Why it failed, or empty.
    public String reason() {
        return said.reason();
    }

    /// What a second record of the same job means.
    public sealed interface Merge {
        /// It says nothing new: a repetition, or an older one that arrived late.
        record Known() implements Merge {
        }

        /// It takes the first one's place.
        ///
        /// @param record what holds from now on
        record Newer(GatewayRecord record) implements Merge {
        }

        /// It contradicts the first one, which stays.
        ///
        /// @param reason what differs
        record Conflict(Reason reason) implements Merge {
        }
    }

    /// Decides between this record and another of the same job. Records may come repeated and in any order; what is over stays over.
    public Merge merge(GatewayRecord next) {
        if (!next.gateway.equals(gateway)) {
            return conflict("record_gateway", "gateway " + gateway + " has reported this job before");
        }
        if (!next.payment().equals(payment())) {
            return conflict("record_payment", "this job was reported with another payment before");
        }
        if (outcome() == JobRecord.Outcome.RESERVED) {
            boolean newer = next.outcome() != JobRecord.Outcome.RESERVED || next.attempt() > attempt();
            return newer ? new Merge.Newer(next) : new Merge.Known();
        }
        if (next.outcome() == JobRecord.Outcome.RESERVED) {
            return new Merge.Known();
        }
        if (next.outcome() != outcome()) {
            return conflict("record_outcome", "this job was reported " + outcome().wireName() + " before");
        }
        boolean same = next.charge() == charge() && next.assignment().equals(assignment());
        return same ? new Merge.Known() : conflict("record_conflict", "this job was reported with another assignment or charge before");
    }

    private static Merge conflict(String code, String message) {
        return new Merge.Conflict(new Reason(code, message));
    }

    private int attempt() {
        return assignment().map(signed -> signed.assignment().attempt()).orElse(-1);
    }
}
