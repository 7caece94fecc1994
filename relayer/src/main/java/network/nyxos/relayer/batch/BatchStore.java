package network.nyxos.relayer.batch;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditLine;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Where batches and their jobs are kept. Every method is one transaction, and repeating one changes nothing.
public interface BatchStore {
    /// Jobs that wait for a batch.
    ///
    /// @param jobs     how many, counted up to the limit asked for
    /// @param oldestMs since when the oldest waits, unix milliseconds; 0 when none does
    record Waiting(int jobs, long oldestMs) {
    }

    /// An escrow that a batch still has to settle.
    ///
    /// @param escrow     which
    /// @param cumulative up to what, base units
    record Settlement(PublicKey escrow, long cumulative) {
    }

    /// A voucher at hand.
    ///
    /// @param voucher   the bound
    /// @param signature the session key's
    record HeldVoucher(Voucher voucher, Signature signature) {
    }

    /// What a batch is made of.
    ///
    /// @param served   jobs to pay
    /// @param failed   payments to give back
    /// @param unearned of closed escrows, to give back
    /// @param evidence that the served jobs' receipts name
    record Content(List<BatchDocument.Served> served, List<BatchDocument.Failed> failed, List<BatchDocument.Unearned> unearned, List<Evidence> evidence) {
        /// Whether there is nothing in it.
        public boolean isEmpty() {
            return served.isEmpty() && failed.isEmpty() && unearned.isEmpty();
        }
    }

    /// A job that left its batch.
    ///
    /// @param job    which
    /// @param node   who served it, where known
    /// @param state  its state now
    /// @param reason why
    record Left(Hash job, Optional<PublicKey> node, JobState state, Reason reason) {
    }

    /// Escrows of which more was settled than their jobs cost, and none of whose jobs is still under way. While they are open, their payers' next jobs are
    /// paid from that.
    List<PublicKey> overpaid(PublicKey mint);

    /// Sets aside what a closed escrow had settled and no job earned, to go back to its payer in a batch.
    ///
    /// @param settled what the chain says was settled in its whole life, base units
    void unearned(PublicKey mint, PublicKey escrow, PublicKey payer, long settled, long nowMs);

    /// What waits for a batch of the mint.
    Waiting waiting(PublicKey mint, int limit);

    /// The batch of the mint that is neither final nor void.
    Optional<BatchRow> underWay(PublicKey mint);

    /// A batch.
    Optional<BatchRow> find(PublicKey mint, long seq);

    /// The latest final batch known here; 0 = none.
    long finalSeq(PublicKey mint);

    /// The latest final batch with its credits, both as of one moment.
    ///
    /// @param seq    its sequence, 0 = none
    /// @param ledger its credits
    record Latest(long seq, CreditLedger ledger) {
    }

    /// The latest final batch with its credits.
    Latest latest(PublicKey mint);

    /// The credits of the latest final batch.
    default CreditLedger finalCredits(PublicKey mint) {
        return latest(mint).ledger();
    }

    /// Opens a batch with the jobs that wait, oldest first, and writes down what their escrows must be settled to.
    BatchRow open(PublicKey mint, long seq, long base, int limit, long nowMs);

    /// What the batch still has to settle.
    List<Settlement> unsettled(PublicKey mint, long seq);

    /// Every escrow that the batch settles or has settled.
    List<PublicKey> escrows(PublicKey mint, long seq);

    /// The largest voucher of an escrow in force at a time.
    ///
    /// @param now unix seconds
    Optional<HeldVoucher> voucher(PublicKey escrow, long now);

    /// Notes that an escrow is settled.
    void settled(PublicKey mint, long seq, PublicKey escrow);

    /// Ends the settlement of an escrow at what it came to. Its jobs in the batch stay as far as that pays for them, earliest first; the others are released,
    /// and the escrow's ledger no longer counts them.
    ///
    /// @param settled what the chain says the escrow was ever debited, base units
    /// @return those that are released
    List<Left> unsettleable(PublicKey mint, long seq, PublicKey escrow, long settled, Reason reason, long nowMs);

    /// Takes jobs out of the batch that their nodes have settled by themselves; they are released. The escrow is not settled for them any more, what it was
    /// settled for them before counts for the payer's next charges, and a proposal, signed or not, is made anew.
    ///
    /// @param settled what the chain says the escrow was ever debited for batches, base units
    /// @param jobs    all that nodes have settled by themselves of this escrow
    /// @return those of them that were in the batch
    List<Left> settledDirectly(PublicKey mint, long seq, PublicKey escrow, long settled, Set<Hash> jobs, long nowMs);

    /// Takes an escrow's jobs out of the batch without deciding them: they wait for a later one.
    List<Left> setAside(PublicKey mint, long seq, PublicKey escrow, Reason reason, long nowMs);

    /// Takes a job, or what was not earned, that verifiers cannot judge yet out of a proposal, which is then made anew; it waits for a later batch.
    ///
    /// @return the job
    Optional<Left> setAside(PublicKey mint, long seq, Hash job, Reason reason, long nowMs);

    /// What the batch is made of now.
    Content content(PublicKey mint, long seq);

    /// Stores the document; from `SETTLING` to `PROPOSED`.
    void propose(PublicKey mint, long seq, BatchDocument document, long nowMs);

    /// From `PROPOSED` back to `SETTLING`: the document is made anew.
    void reopen(PublicKey mint, long seq);

    /// Closes a batch that has nothing in it; its sequence is used by the next one.
    void abandon(PublicKey mint, long seq);

    /// Takes a job that verifiers refuse out of a proposal, which is then made anew. A served exact job is refunded instead, a refused refund is
    /// disputed, a voucher job is released and what was settled for it counts for the payer's next charges.
    ///
    /// @return the job; empty where it is no job but what was not earned, which is set aside
    Optional<Left> refused(PublicKey mint, long seq, Hash job, Reason reason, long nowMs);

    /// From `PROPOSED` to `SIGNED`.
    void signed(PublicKey mint, long seq, List<VerifierSignature> signatures, long nowMs);

    /// From `SIGNED` back to `PROPOSED`: its signatures are no quorum any more.
    void unsign(PublicKey mint, long seq);

    /// Notes the transaction that posted it.
    void transaction(PublicKey mint, long seq, String signature);

    /// From `SIGNED` to `POSTED`; its jobs are batched.
    List<Left> posted(PublicKey mint, long seq, long finalSlot, long nowMs);

    /// From `POSTED` to `FINAL`; its jobs are final, its lines and credits are written.
    List<Left> finished(PublicKey mint, long seq, List<CreditLine> lines, CreditLedger credits, long nowMs);

    /// From `POSTED` to `VOID`; its jobs wait again.
    List<Left> voided(PublicKey mint, long seq, long nowMs);

    /// Says what the batch waits for.
    void waits(PublicKey mint, long seq, Reason reason);
}
