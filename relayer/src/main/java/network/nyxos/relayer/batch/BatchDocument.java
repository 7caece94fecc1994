package network.nyxos.relayer.batch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.tree.MerkleTree;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditLine;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.Sample;
import software.sava.core.accounts.PublicKey;

/// All that a batch says, stored before it is posted and served for ever: whoever has it can compute both roots.
///
/// @param pool    the pool
/// @param mint    its mint
/// @param seq     from 1
/// @param base    the sequence of the final batch whose credits these build on, 0 = none
/// @param rules   how the jobs' money is divided
/// @param served  jobs that are paid, ascending by job id
/// @param failed  exact payments that go back, ascending by job id
/// @param unearned what closed escrows had settled and no job earned; it goes back, ascending by escrow
/// @param evidence that the receipts of the confidential tier name
/// @param credits cumulative, in the order of the tree's leaves
public record BatchDocument(PublicKey pool, PublicKey mint, long seq, long base, CreditRules rules, List<Served> served, List<Failed> failed,
                            List<Unearned> unearned, List<Evidence> evidence, List<Credit> credits) {
    /// A job that is paid.
    ///
    /// @param receipt    the node's account
    /// @param assignment what it answers
    /// @param payment    what pays for it
    /// @param sample     the draw, in the verified tier
    /// @param replay     the second node's statement, where the job was drawn
    public record Served(SignedReceipt receipt, SignedAssignment assignment, PaymentRecord payment, Optional<Sample> sample, Optional<Replay> replay) {
        /// Checks for absence.
        public Served {
            Objects.requireNonNull(receipt, "receipt");
            Objects.requireNonNull(assignment, "assignment");
            Objects.requireNonNull(payment, "payment");
        }

        /// The job.
        public Hash job() {
            return receipt.receipt().jobId();
        }
    }

    /// A payment that goes back.
    ///
    /// @param job     the job that was not served, or not as signed
    /// @param reason  a code
    /// @param payment what goes back
    public record Failed(Hash job, String reason, PaymentRecord.Exact payment) {
    }

    /// What an escrow was debited for jobs that were not paid in the end, once its payer has left and nothing can be charged to it any more.
    ///
    /// @param escrow the closed escrow
    /// @param payer  whose it was
    /// @param amount base units, 1 or more
    public record Unearned(PublicKey escrow, PublicKey payer, long amount) {
        /// Names it among the jobs: an escrow has no other life, so it comes once.
        public Hash id() {
            return Hash.of(escrow.toByteArray());
        }
    }

    /// Checks order and uniqueness: within a batch, a job comes once.
    ///
    /// @throws ProtocolException `batch_order`, `batch_double`, `batch_sequence`
    public BatchDocument {
        served = List.copyOf(served);
        failed = List.copyOf(failed);
        unearned = List.copyOf(unearned);
        evidence = List.copyOf(evidence);
        credits = List.copyOf(credits);
        require(seq >= 1 && base >= 0 && base < seq, "batch_sequence", "a batch's sequence is " + seq + " on " + base);
        require(ascending(served, Served::job) && ascending(failed, Failed::job) && ascending(unearned, Unearned::id), "batch_order",
            "jobs must ascend by id, what was not earned by escrow");
        long jobs = Stream.concat(served.stream().map(Served::job), failed.stream().map(Failed::job)).distinct().count();
        require(jobs == served.size() + failed.size(), "batch_double", "a job is paid and refunded in one batch");
        require(ascending(credits, Function.identity(), Credit.ORDER), "batch_order", "credits must ascend by payee and kind");
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new ProtocolException(code, message);
        }
    }

    private static <T> boolean ascending(List<T> list, Function<T, Hash> key) {
        return ascending(list, key, Comparator.naturalOrder());
    }

    private static <T, K> boolean ascending(List<T> list, Function<T, K> key, Comparator<? super K> order) {
        for (int i = 1; i < list.size(); i++) {
            if (order.compare(key.apply(list.get(i - 1)), key.apply(list.get(i))) >= 0) {
                return false;
            }
        }
        return true;
    }

    /// Builds the next batch on a final ledger.
    ///
    /// @throws ProtocolException as the ledger and the constructor
    public static BatchDocument build(PublicKey pool, PublicKey mint, long seq, long base, CreditLedger finalCredits, List<Served> served, List<Failed> failed,
                                      List<Unearned> unearned, List<Evidence> evidence, CreditRules rules) {
        var paid = served.stream().sorted(Comparator.comparing(Served::job)).toList();
        var back = failed.stream().sorted(Comparator.comparing(Failed::job)).toList();
        var left = unearned.stream().sorted(Comparator.comparing(Unearned::id)).toList();
        CreditLedger ledger = finalCredits.plus(lines(paid, back, left, rules), inflow(paid, back, left));
        return new BatchDocument(pool, mint, seq, base, rules, paid, back, left, evidence, ledger.credits());
    }

    /// The ledger lines of all jobs here.
    public List<CreditLine> lines() {
        return lines(served, failed, unearned, rules);
    }

    private static List<CreditLine> lines(List<Served> served, List<Failed> failed, List<Unearned> unearned, CreditRules rules) {
        var lines = new ArrayList<CreditLine>(2 * served.size() + failed.size());
        served.forEach(job -> lines.addAll(rules.served(job.receipt().receipt(), job.payment())));
        failed.forEach(job -> lines.addAll(rules.refunded(job.payment())));
        unearned.forEach(left -> lines.add(new CreditLine(left.id(), left.payer(), CreditKind.REFUND, left.amount())));
        return lines;
    }

    /// The models that served these jobs.
    public Set<Hash> models() {
        return served.stream().map(job -> job.receipt().receipt().modelId()).collect(Collectors.toUnmodifiableSet());
    }

    /// What all jobs here brought into the pool, base units.
    public long inflow() {
        return inflow(served, failed, unearned);
    }

    private static long inflow(List<Served> served, List<Failed> failed, List<Unearned> unearned) {
        return Stream.of(
            served.stream().map(job -> CreditRules.inflow(Optional.of(job.receipt().receipt()), job.payment())),
            failed.stream().map(job -> CreditRules.inflow(Optional.empty(), job.payment())),
            unearned.stream().map(Unearned::amount)).flatMap(Function.identity()).reduce(0L, Math::addExact);
    }

    /// The cumulative credits as a ledger.
    public CreditLedger ledger() {
        return CreditLedger.of(credits);
    }

    /// How many receipts of the tier `verified` there are, by node; nodes without any are not named.
    public Map<PublicKey, Long> verifiedBy() {
        return served.stream().map(job -> job.receipt().receipt()).filter(receipt -> receipt.tier() == Tier.VERIFIED)
            .collect(Collectors.groupingBy(Receipt::node, Collectors.counting()));
    }

    /// The root over the receipts.
    public Hash receiptsRoot() {
        return receiptTree().root();
    }

    private MerkleTree receiptTree() {
        return MerkleTree.of(served.stream().map(job -> job.receipt().receipt().hash()).toList());
    }

    /// A receipt of this batch, and what shows that it is one.
    ///
    /// @param receipt the receipt
    /// @param index   its place
    /// @param proof   its audit path to {@link #receiptsRoot}
    public record Proven(Receipt receipt, int index, List<Hash> proof) {
    }

    /// The receipt of a job; empty when the batch does not pay it.
    public Optional<Proven> receipt(Hash job) {
        return IntStream.range(0, served.size()).filter(place -> served.get(place).job().equals(job)).boxed().findFirst()
            .map(place -> new Proven(served.get(place).receipt().receipt(), place, receiptTree().proof(place)));
    }

    /// The tree over the credits.
    public CreditTree creditTree() {
        return CreditTree.of(pool, credits);
    }

    /// What goes on chain.
    public Header header() {
        return new Header(pool, seq, receiptsRoot(), served.size(), creditTree().root(), credits.size());
    }

    /// What of each escrow's settlements is spoken for here, base units: what jobs cost and what goes back.
    public Map<PublicKey, Long> charges() {
        Map<PublicKey, Long> charges = new HashMap<>();
        served.stream().filter(job -> job.payment() instanceof PaymentRecord.ByVoucher).forEach(job ->
            charges.merge(((PaymentRecord.ByVoucher) job.payment()).voucher().escrow(), job.receipt().receipt().charge(), Math::addExact));
        unearned.forEach(left -> charges.merge(left.escrow(), left.amount(), Math::addExact));
        return Map.copyOf(charges);
    }

    /// What of a batch is on chain.
    ///
    /// @param pool          the pool
    /// @param seq           from 1
    /// @param receiptsRoot  over the receipts
    /// @param receiptsCount how many
    /// @param credits       hash and sum of the credit tree's root
    /// @param payeeCount    leaves of the credit tree
    public record Header(PublicKey pool, long seq, Hash receiptsRoot, int receiptsCount, CreditNode credits, int payeeCount) {
        /// What verifiers sign.
        public Hash digest(PublicKey escrowProgram) {
            return Digests.batch(escrowProgram, pool, seq, receiptsRoot, receiptsCount, credits, payeeCount);
        }
    }
}
