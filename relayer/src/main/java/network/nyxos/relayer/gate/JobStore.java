package network.nyxos.relayer.gate;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;

/// Where jobs are kept. Every method is one transaction: it happened, or nothing did.
public interface JobStore {
    /// What became of something that came in.
    sealed interface Intake {
        /// It is stored, now or since an earlier time.
        ///
        /// @param state the job's
        record Stored(JobState state) implements Intake {
        }

        /// It contradicts what is stored, which stays.
        record Conflict(Reason reason) implements Intake {
        }
    }

    /// Whether a debit is allowed, given the escrow's ledger.
    @FunctionalInterface
    interface DebitRule {
        /// @param cumulative what the escrow would have been charged in all
        /// @param bound      the largest voucher in force that is at hand
        Ruling judge(long cumulative, long bound);
    }

    /// Takes a gateway's record.
    Intake record(GatewayRecord record, long nowMs);

    /// Takes a receipt.
    ///
    /// @param slot the newest slot now; the sample is drawn from a later one
    Intake receipt(SignedReceipt receipt, SignedAssignment assignment, long slot, long nowMs);

    /// A job.
    Optional<JobCase> find(Hash job);

    /// Undecided jobs that are to be looked at, longest waiting first.
    List<Hash> due(long nowMs, int limit);

    /// A page of jobs, ascending by id.
    ///
    /// @param state only these; empty: all
    /// @param after behind this id; empty: from the first
    List<JobCase> page(Optional<JobState> state, Optional<Hash> after, int limit);

    /// Keeps a draw, for ever: a job is drawn once.
    void drawn(Hash job, Sample sample);

    /// Keeps a replay.
    void replayed(Hash job, Replay replay);

    /// Leaves a job undecided, to be looked at again. Like every decision below, it is taken on what was seen: where the job has been decided since or
    /// something has come in for it, nothing happens, and the job is looked at anew.
    ///
    /// @param state undecided
    /// @return whether it was left so
    boolean postpone(JobCase seen, JobState state, Reason reason, long nowMs, long againMs);

    /// Passes a job that was paid exactly.
    ///
    /// @return whether it was passed
    boolean pass(JobCase seen, long charge, Reason reason, long nowMs);

    /// Debits the escrow's ledger and passes the job, both or none.
    ///
    /// @param facts of the escrow now
    /// @return the rule's ruling; empty where nothing happened
    Optional<Ruling> debitAndPass(JobCase seen, PaymentRecord.ByVoucher payment, EscrowFacts facts, long charge, DebitRule rule, Reason reason, long nowMs);

    /// Ends a job without paying its node.
    ///
    /// @param state  refunding or released
    /// @param refund what goes back to the payer in a batch, base units
    /// @return whether it was ended
    boolean end(JobCase seen, JobState state, long refund, Reason reason, long nowMs);

    /// Ends a job whose receipt is contradicted, and keeps what contradicts it, both or none.
    ///
    /// @param refund     what goes back to the payer in a batch, base units
    /// @param accusation what verifiers are to judge; empty where nobody can be held to it
    /// @return whether it was ended
    boolean dispute(JobCase seen, long refund, Reason reason, Optional<Accusation> accusation, long nowMs);

    /// The evidence of a hash.
    Optional<Evidence> evidence(Hash hash);

    /// The newest evidence of each node that counts at a time.
    ///
    /// @param nowMs unix milliseconds
    List<Evidence> currentEvidence(long nowMs);

    /// Keeps evidence; the same again changes nothing.
    void keep(Evidence evidence);

    /// How many jobs are in each state.
    java.util.Map<JobState, Long> counts();
}
