package network.nyxos.relayer.verifier;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.ChainFacts;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.EvidenceRules;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.FinalWork;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.NodeRules;
import network.nyxos.relayer.gate.PaperRules;
import network.nyxos.relayer.gate.PaymentRules;
import network.nyxos.relayer.gate.RecordRules;
import network.nyxos.relayer.gate.ReplayRules;
import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.gate.ServingKey;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.gate.SampleRates;
import network.nyxos.relayer.gate.SlotHash;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Checks a proposal by itself, against the chain and against everything signed before. What it has to take on trust is named in docs/protocol.md §11.
public final class Inspection {
    /// How far back a proposal may reach for fee and royalties.
    private static final long RECENT_SLOTS = 1_500;

    private final Terms terms;
    private final PoolFactsSource chain;
    private final ChainFacts facts;
    private final SampleRates rates;
    private final FinalWork work;
    private final SignedBatches signed;
    private final BatchHistory history;
    private final EvidenceVerifier evidence;
    private final InstantSource clock;
    private final Map<PublicKey, Learned> learned = new ConcurrentHashMap<>();

    /// How far a mint's final batches have been gone through.
    ///
    /// @param seq    up to here
    /// @param last   the last final one up to there, 0 = none
    /// @param ledger its credits
    private record Learned(long seq, long last, CreditLedger ledger) {
    }

    /// What a verifier insists on.
    ///
    /// @param market           its market
    /// @param pools            pool addresses by mint
    /// @param gateways         whose assignments count
    /// @param allowDevelopment whether evidence without hardware behind it counts
    public record Terms(PublicKey market, Map<PublicKey, PublicKey> pools, Set<PublicKey> gateways, boolean allowDevelopment) {
        /// Copies.
        public Terms {
            pools = Map.copyOf(pools);
            gateways = Set.copyOf(gateways);
        }
    }

    /// @param chain    of the verifier's own RPC node, asked anew each time
    /// @param facts    the same, perhaps a moment old
    /// @param rates    how often jobs must have been replayed, of what is kept in `work`
    /// @param work     what final batches say that nodes did; written here
    /// @param history  where missed batches come from
    public Inspection(Terms terms, PoolFactsSource chain, ChainFacts facts, SampleRates rates, FinalWork work, SignedBatches signed, BatchHistory history,
                      EvidenceVerifier evidence, InstantSource clock) {
        this.terms = terms;
        this.chain = chain;
        this.facts = facts;
        this.rates = rates;
        this.work = work;
        this.signed = signed;
        this.history = history;
        this.evidence = evidence;
        this.clock = clock;
    }

    /// Judges a proposal.
    ///
    /// @return why it is not signed; empty when it may be
    public Optional<Refused> judge(BatchDocument batch) {
        return first(Stream.of(
            () -> place(batch),
            () -> split(batch),
            () -> learn(batch.mint(), batch.base()),
            () -> credits(batch),
            () -> first(batch.failed().stream().map(job -> () -> failed(batch, job))),
            () -> first(batch.unearned().stream().map(left -> () -> unearned(batch, left))),
            () -> first(batch.served().stream().map(job -> () -> served(batch, job))),
            () -> escrows(batch)));
    }

    private static Optional<Refused> first(Stream<Supplier<Optional<Refused>>> checks) {
        return checks.map(Supplier::get).flatMap(Optional::stream).findFirst();
    }

    private Optional<Refused> place(BatchDocument batch) {
        if (!batch.pool().equals(terms.pools().get(batch.mint()))) {
            return Refused.whole("pool_foreign", batch.pool() + " is not the pool of mint " + batch.mint() + " in this market");
        }
        PoolFacts pool = chain.pool(batch.mint());
        if (pool.pendingSeq() != 0) {
            return Refused.notYet("batch_pending", "batch " + pool.pendingSeq() + " is in its window");
        }
        return batch.seq() == pool.nextSeq() && batch.base() == pool.finalSeq() ? Optional.empty()
            : Refused.notYet("batch_sequence", "the chain is at sequence " + pool.nextSeq() + " on " + pool.finalSeq());
    }

    /// Whether fee and royalties are those of the chain. The relayer names the slot, so that both read what was announced alike.
    private Optional<Refused> split(BatchDocument batch) {
        CreditRules rules = batch.rules();
        long now = chain.slot();
        if (rules.slot() > now || rules.slot() < now - RECENT_SLOTS) {
            return Refused.notYet("split_slot", "the proposal divides as of slot " + rules.slot() + ", this verifier's node is at " + now);
        }
        CreditRules due = chain.credits(rules.slot(), batch.models());
        return due.dividesAs(rules) ? Optional.empty() : Refused.notYet("split_other", "the proposal divides by " + rules + ", the chain says " + due);
    }

    /// Makes sure that every final batch up to `upTo` is known here, with its jobs. Starts where the last proposal left off.
    private Optional<Refused> learn(PublicKey mint, long upTo) {
        for (long seq = learned(mint).seq() + 1; seq <= upTo; seq++) {
            Learned before = learned(mint);
            Optional<PostedBatch> posted = chain.batch(mint, seq);
            if (posted.isEmpty()) {
                return Refused.notYet("history_chain", "this verifier's node does not know batch " + seq);
            }
            if (posted.get().state() == BatchState.VOID) {
                learned.put(mint, new Learned(seq, before.last(), before.ledger()));
                continue;
            }
            Optional<BatchDocument> document = known(mint, posted.get());
            if (document.isEmpty()) {
                return Refused.notYet("history_missing", "the document of final batch " + seq + " cannot be had");
            }
            try {
                CreditLedger after = before.ledger().plus(document.get().lines(), document.get().inflow());
                if (document.get().base() != before.last() || !after.credits().equals(document.get().credits())) {
                    return Refused.whole("history_wrong", "the credits of final batch " + seq + " are not those before it plus its jobs'");
                }
                if (seq > work.known(mint)) {
                    work.keep(mint, seq, posted.get().postedSlot(), posted.get().finalSlot(), document.get().verifiedBy());
                }
                learned.put(mint, new Learned(seq, seq, after));
            } catch (ProtocolException e) {
                return Refused.whole("history_wrong", "batch " + seq + ": " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private Learned learned(PublicKey mint) {
        return learned.getOrDefault(mint, new Learned(0, 0, CreditLedger.EMPTY));
    }

    private Optional<BatchDocument> known(PublicKey mint, PostedBatch posted) {
        if (signed.find(posted.header()).isEmpty()) {
            history.document(mint, posted.header().seq()).filter(document -> document.header().equals(posted.header()))
                .ifPresent(document -> signed.keep(document, clock.millis()));
        }
        Optional<SignedBatches.Known> mine = signed.find(posted.header());
        mine.filter(known -> known.counts().isEmpty() && posted.state() == BatchState.FINAL).ifPresent(known -> signed.decide(known, true));
        return mine.flatMap(signed::document);
    }

    private Optional<Refused> credits(BatchDocument batch) {
        try {
            CreditLedger after = learned(batch.mint()).ledger().plus(batch.lines(), batch.inflow());
            return after.credits().equals(batch.credits()) ? Optional.empty()
                : Refused.whole("credits_wrong", "the credits are not the last final ones plus this batch's");
        } catch (ProtocolException e) {
            return Refused.whole(e.code(), e.getMessage());
        }
    }

    private Optional<Refused> failed(BatchDocument batch, BatchDocument.Failed job) {
        return first(Stream.of(
            () -> once(batch, job.job()),
            () -> Refused.of(job.job(), job.payment().mint().equals(batch.mint()) && job.payment().jobId().equals(job.job()) ? Ruling.PASS
                : Ruling.refuse("payment_foreign", "the payment belongs to another job or mint")),
            () -> Refused.of(job.job(), PaymentRules.exact(job.payment(), facts.payment(job.payment().transaction(), batch.mint())))));
    }

    /// What goes back of a closed escrow. That no more of it is spoken for than was settled is checked with the charges, in {@link #escrows}.
    private Optional<Refused> unearned(BatchDocument batch, BatchDocument.Unearned left) {
        return once(batch, left.id()).or(() -> {
            Optional<EscrowFacts> facts = chain.escrow(left.escrow());
            if (facts.isEmpty()) {
                return Refused.of(left.id(), Ruling.wait("escrow_absent", "this verifier's node knows nothing of escrow " + left.escrow()));
            }
            EscrowFacts escrow = facts.get();
            boolean theirs = escrow.state() == EscrowFacts.State.CLOSED && escrow.payer().equals(left.payer()) && escrow.market().equals(terms.market())
                && escrow.mint().equals(batch.mint());
            return Refused.of(left.id(), theirs ? Ruling.PASS : Ruling.refuse("unearned_foreign", "escrow " + left.escrow() + " is " + escrow.state() + ", of payer "
                + escrow.payer() + ", market " + escrow.market() + " and mint " + escrow.mint()));
        });
    }

    private Optional<Refused> served(BatchDocument batch, BatchDocument.Served job) {
        Assignment order = job.assignment().assignment();
        Receipt receipt = job.receipt().receipt();
        Optional<NodeFacts> node = ServingKey.of(facts, job.receipt(), order);
        return once(batch, job.job()).or(() -> Refused.of(job.job(), Ruling.first(List.of(
            () -> assigned(batch, job),
            () -> PaperRules.judge(order, receipt),
            () -> NodeRules.judge(job.receipt(), node),
            () -> paid(job, order),
            () -> switch (receipt.tier()) {
                case OPEN -> Ruling.PASS;
                case VERIFIED -> sampled(job);
                case CONFIDENTIAL -> attested(batch, receipt, node.orElseThrow());
            }))));
    }

    private Ruling assigned(BatchDocument batch, BatchDocument.Served job) {
        Assignment order = job.assignment().assignment();
        if (!terms.gateways().contains(order.gateway()) || !job.assignment().verify()) {
            return Ruling.refuse("assignment_signature", "the assignment is not signed by one of the gateways known here");
        }
        boolean same = order.jobId().equals(job.job()) && job.payment().jobId().equals(job.job()) && order.mint().equals(batch.mint())
            && job.payment().mint().equals(batch.mint()) && order.payment() == GatewayRecord.kind(job.payment());
        return same ? Ruling.PASS : Ruling.refuse("payment_foreign", "assignment, receipt and payment are not of one job and mint");
    }

    private Ruling paid(BatchDocument.Served job, Assignment order) {
        return switch (job.payment()) {
            case PaymentRecord.Exact exact -> Ruling.first(List.of(
                () -> PaymentRules.covers(exact, order.ceiling()),
                () -> PaymentRules.exact(exact, facts.payment(exact.transaction(), exact.mint()))));
            case PaymentRecord.ByVoucher voucher ->
                PaymentRules.signedByPayer(voucher, order.requestHash(), facts.escrow(voucher.voucher().escrow()), terms.market());
        };
    }

    private Ruling sampled(BatchDocument.Served job) {
        if (job.sample().isEmpty()) {
            return Ruling.refuse("sample_absent", "a verified job comes with its draw");
        }
        Sample sample = job.sample().get();
        Optional<SlotHash> block = facts.firstBlock(sample.recordedSlot() + 1);
        if (block.isEmpty()) {
            return Ruling.wait("sample_slot", "this verifier's node has no block behind slot " + sample.recordedSlot());
        }
        if (!block.get().equals(new SlotHash(sample.slot(), sample.hash()))) {
            return Ruling.refuse("sample_hash", "the first block behind slot " + sample.recordedSlot() + " is another");
        }
        // Of what was final by that slot, all of which this node has: it has a later block.
        int due = rates.rate(job.receipt().receipt().mint(), job.receipt().receipt().node(), sample.recordedSlot());
        if (sample.ratePpm() < due) {
            return Ruling.refuse("sample_rate", "drawn at " + sample.ratePpm() + " ppm; by its node's standing as of slot " + sample.recordedSlot() + " at least " + due + " are demanded");
        }
        if (!sample.draws(job.job())) {
            return Ruling.PASS;
        }
        return job.replay().map(replay -> ReplayRules.replay(job.job(), job.receipt().receipt(), replay, facts.node(replay.node())))
            .orElseGet(() -> Ruling.refuse("replay_absent", "the job was drawn, and no second node's statement is here"));
    }

    private Ruling attested(BatchDocument batch, Receipt receipt, NodeFacts node) {
        Optional<Evidence> named = batch.evidence().stream().filter(item -> item.hash().equals(receipt.quoteHash())).findFirst();
        Ruling ruling = EvidenceRules.judge(receipt, node, facts.model(receipt.modelId()), named, terms.allowDevelopment());
        if (!ruling.passed()) {
            return ruling;
        }
        return evidence.recheck(named.orElseThrow()).<Ruling>map(Ruling.Refuse::new)
            .orElseGet(() -> RecordRules.judge(receipt, node.attestation(), facts.slot(), clock.millis()));
    }

    /// Whether a job counts in no other batch.
    private Optional<Refused> once(BatchDocument batch, Hash job) {
        for (SignedBatches.Known known : signed.holding(batch.pool(), job)) {
            // Of several proposals under one sequence the chain takes one at most, so those of this sequence do not matter.
            if (known.header().seq() != batch.seq() && counts(batch, known)) {
                return Optional.of(new Refused(new Reason("job_paid", "this job is in batch " + known.header().seq()), Optional.of(job), false));
            }
        }
        return Optional.empty();
    }

    private boolean counts(BatchDocument batch, SignedBatches.Known known) {
        if (known.counts().isPresent()) {
            return known.counts().get();
        }
        Optional<PostedBatch> posted = chain.batch(batch.mint(), known.header().seq());
        if (posted.isEmpty()) {
            return false;
        }
        boolean counts = posted.get().header().equals(known.header()) && posted.get().state() != BatchState.VOID;
        if (!counts || posted.get().state() == BatchState.FINAL) {
            signed.decide(known, counts);
        }
        return counts;
    }

    /// What was moved to the pool from each escrow must cover everything that batches ever charged it.
    private Optional<Refused> escrows(BatchDocument batch) {
        Map<PublicKey, Hash> jobs = new HashMap<>();
        batch.served().forEach(job -> {
            if (job.payment() instanceof PaymentRecord.ByVoucher voucher) {
                jobs.put(voucher.voucher().escrow(), job.job());
            }
        });
        batch.unearned().forEach(left -> jobs.put(left.escrow(), left.id()));
        return first(batch.charges().entrySet().stream().map(charge -> () -> {
            long due = Math.addExact(signed.charged(charge.getKey()), charge.getValue());
            Optional<EscrowFacts> escrow = chain.escrow(charge.getKey());
            // Asked of the chain itself: the facts that jobs were judged by may be a moment old, and a moment is enough to be paid twice.
            Optional<Hash> direct = escrow.map(EscrowFacts::direct).flatMap(settled -> batch.served().stream().map(BatchDocument.Served::job)
                .filter(settled.jobs()::contains).findFirst());
            if (direct.isPresent()) {
                return Refused.of(direct.get(), PaymentRules.settledDirectly(direct.get()));
            }
            long settled = escrow.map(EscrowFacts::settled).orElse(0L);
            return settled >= due ? Optional.empty() : Optional.of(new Refused(new Reason("escrow_unsettled",
                "escrow " + charge.getKey() + " has " + settled + " settled, batches charge it " + due), Optional.of(jobs.get(charge.getKey())), true));
        }));
    }
}
