package network.nyxos.relayer.gate;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Brings one job at a time through the gate: looks up the facts, asks the rules, stores what they say. May be run again at any point; a job that is
/// decided stays decided.
public final class Gatekeeper {
    private static final long DORMANT_MS = 3_600_000;

    private final GateTerms terms;
    private final SampleRates rates;
    private final JobStore store;
    private final ChainFacts chain;
    private final NodeCalls nodes;
    private final JobEvents events;
    private final InstantSource clock;

    /// @param terms  how patient
    /// @param rates  how often jobs are replayed
    /// @param store  where jobs are kept
    /// @param chain  what is on chain
    /// @param nodes  for replays
    /// @param events is told of every change
    /// @param clock  the time
    public Gatekeeper(GateTerms terms, SampleRates rates, JobStore store, ChainFacts chain, NodeCalls nodes, JobEvents events, InstantSource clock) {
        this.terms = terms;
        this.rates = rates;
        this.store = store;
        this.chain = chain;
        this.nodes = nodes;
        this.events = events;
        this.clock = clock;
    }

    /// Looks at a job and decides it, or says what it waits for.
    public void examine(Hash id) {
        Optional<JobCase> found = store.find(id).filter(job -> job.state().undecided());
        if (found.isEmpty()) {
            return;
        }
        JobCase job = found.get();
        if (job.record().isEmpty()) {
            // Nothing was paid as far as anybody said, so there is nothing to give back and no hurry.
            // The record's arrival wakes the job.
            postpone(job, JobState.EXECUTED, new Reason("awaits_record", "the node's receipt is here, the gateway's record is not"), clock.millis() + DORMANT_MS);
            return;
        }
        GatewayRecord record = job.record().get();
        switch (record.outcome()) {
            case FAILED -> fail(job, record, new Reason("gateway_failed", record.reason().isEmpty() ? "the gateway could not serve it" : record.reason()));
            case COMPLETED -> served(job, record);
            case RESERVED -> reserved(job, record);
        }
    }

    private void reserved(JobCase job, GatewayRecord record) {
        if (clock.millis() <= deadline(job)) {
            postpone(job, job.receipt().isPresent() ? JobState.EXECUTED : JobState.RESERVED, new Reason("awaits_outcome", "paid or reserved, not over yet"),
                deadline(job) + 1);
        } else if (job.receipt().isPresent()) {
            // The gateway fell silent, but it signed the assignment and the node signed the receipt: that is proof enough that the node worked.
            served(job, record);
        } else {
            fail(job, record, new Reason("gateway_silent", "the job's deadline passed without an outcome or a receipt"));
        }
    }

    private void served(JobCase job, GatewayRecord record) {
        if (job.receipt().isEmpty()) {
            waitOrFail(job, record, JobState.EXECUTED, new Reason("awaits_receipt", "the gateway says it is done, the node's receipt is not here"));
            return;
        }
        if (job.state() != JobState.VERIFYING
            && !store.postpone(job, JobState.VERIFYING, new Reason("awaits_gate", "both halves are here"), clock.millis(), clock.millis())) {
            return;
        }
        RecordedReceipt receipt = job.receipt().get();
        switch (judge(job, record, receipt)) {
            case Ruling.Pass() -> pass(job, record, receipt);
            case Ruling.Wait(Reason reason) -> waitOrFail(job, record, JobState.VERIFYING, reason);
            case Ruling.Refuse(Reason reason) -> fail(job, record, reason);
            case Ruling.Dispute(Reason reason, Optional<Accusation> accusation) -> dispute(job, record, reason, accusation);
        }
    }

    private Ruling judge(JobCase job, GatewayRecord record, RecordedReceipt recorded) {
        Assignment order = recorded.assignment().assignment();
        Receipt receipt = recorded.receipt().receipt();
        Optional<NodeFacts> node = ServingKey.of(chain, recorded.receipt(), order);
        List<Supplier<Ruling>> rules = List.of(
            () -> PaperRules.judge(order, receipt),
            () -> told(record, receipt),
            () -> NodeRules.judge(recorded.receipt(), node),
            () -> paid(record.payment(), order),
            () -> switch (receipt.tier()) {
                case OPEN -> Ruling.PASS;
                case VERIFIED -> replayed(job, recorded);
                case CONFIDENTIAL -> Ruling.first(List.of(
                    () -> EvidenceRules.judge(receipt, node.orElseThrow(), chain.model(receipt.modelId()), store.evidence(receipt.quoteHash()), terms.allowDevelopment()),
                    () -> RecordRules.judge(receipt, node.orElseThrow().attestation(), chain.slot(), clock.millis())));
            });
        return Ruling.first(rules);
    }

    /// The client was told a charge; the node may not claim another.
    private static Ruling told(GatewayRecord record, Receipt receipt) {
        return record.outcome() != JobRecord.Outcome.COMPLETED || record.charge() == receipt.charge() ? Ruling.PASS
            : Ruling.refuse("charge_told", "the client was told a charge of " + record.charge() + ", the receipt says " + receipt.charge());
    }

    private Ruling paid(PaymentRecord payment, Assignment order) {
        return switch (payment) {
            case PaymentRecord.Exact exact -> Ruling.first(List.of(
                () -> PaymentRules.covers(exact, order.ceiling()),
                () -> PaymentRules.exact(exact, chain.payment(exact.transaction(), exact.mint()))));
            case PaymentRecord.ByVoucher voucher -> PaymentRules.signedByPayer(voucher, order.requestHash(), chain.escrow(voucher.voucher().escrow()), terms.market());
        };
    }

    private Ruling replayed(JobCase job, RecordedReceipt recorded) {
        Receipt receipt = recorded.receipt().receipt();
        // The rate is of what was final when the receipt was stored. Once a later block is confirmed, so is all of that.
        Optional<Sample> sample = job.sample().or(() -> chain.firstBlock(recorded.slot() + 1)
            .map(block -> new Sample(rates.rate(receipt.mint(), receipt.node(), recorded.slot()), recorded.slot(), block.slot(), block.hash())));
        if (sample.isEmpty()) {
            return Ruling.wait("awaits_slot", "the slot hash that draws the sample is not there yet");
        }
        store.drawn(job.id(), sample.get());
        if (!sample.get().draws(job.id())) {
            return Ruling.PASS;
        }
        if (receipt.tokensOut() == 0) {
            return Ruling.refuse("nothing_to_replay", "sampled; no token came out, so there is nothing that a second node could confirm");
        }
        if (job.replay().isPresent()) {
            Replay replay = job.replay().get();
            return ReplayRules.replay(job.id(), receipt, replay, chain.node(replay.node()));
        }
        return switch (nodes.reveal(receipt.node(), job.id())) {
            case NodeCalls.Answer.Unavailable<Revealed>(Reason reason) -> new Ruling.Wait(reason);
            case NodeCalls.Answer.Got<Revealed>(Revealed revealed) -> {
                Ruling opened = ReplayRules.reveal(recorded.assignment().assignment(), receipt, revealed);
                yield opened.passed() ? replay(job.id(), recorded, revealed) : opened;
            }
        };
    }

    private Ruling replay(Hash job, RecordedReceipt recorded, Revealed revealed) {
        Receipt receipt = recorded.receipt().receipt();
        var order = NodeCalls.Order.of(receipt, recorded.assignment().assignment(), revealed);
        Ruling last = Ruling.wait("no_replayer", "sampled; no second node of this model and engine is connected");
        Iterable<PublicKey> replayers = nodes.replayers(receipt.modelId(), receipt.engine(), receipt.node())::iterator;
        for (PublicKey second : replayers) {
            switch (nodes.replay(second, order)) {
                case NodeCalls.Answer.Unavailable<NodeCalls.Replayed>(Reason reason) -> last = new Ruling.Wait(reason);
                case NodeCalls.Answer.Got<NodeCalls.Replayed>(NodeCalls.Replayed answer) -> {
                    var replay = new Replay(second, order.hash(), TokenHash.output(answer.outputIds()), answer.traceRoot(), answer.finish(), answer.signature());
                    Ruling ruling = ReplayRules.replay(job, receipt, replay, chain.node(second));
                    if (ruling instanceof Ruling.Dispute(Reason reason, var none)) {
                        // Kept together with the dispute or not at all: without the reveal the statement accuses nobody.
                        var papers = new Accusation(recorded.assignment(), recorded.receipt(), revealed, replay);
                        return new Ruling.Dispute(new Reason(reason.code(), reason.message() + "; dispute " + papers.hash()), Optional.of(papers));
                    }
                    if (ruling.passed()) {
                        store.replayed(job, replay);
                        return ruling;
                    }
                    last = ruling;
                }
            }
        }
        return last;
    }

    private void pass(JobCase job, GatewayRecord record, RecordedReceipt recorded) {
        Receipt receipt = recorded.receipt().receipt();
        Reason reason = passReason(receipt);
        switch (record.payment()) {
            case PaymentRecord.Exact ignored -> {
                if (store.pass(job, receipt.charge(), reason, clock.millis())) {
                    events.changed(job.id(), Optional.of(receipt.node()), JobState.VERIFIED, reason);
                }
            }
            case PaymentRecord.ByVoucher voucher -> {
                EscrowFacts escrow = chain.escrow(voucher.voucher().escrow()).orElseThrow();
                long slot = chain.slot();
                Optional<Ruling> ruling = store.debitAndPass(job, voucher, escrow, receipt.charge(),
                    (cumulative, bound) -> PaymentRules.debit(escrow, cumulative, bound, clock.millis() / 1000, slot), reason, clock.millis());
                if (ruling.isPresent() && ruling.get() instanceof Ruling.Refuse(Reason refused)) {
                    fail(job, record, refused);
                } else if (ruling.isPresent()) {
                    events.changed(job.id(), Optional.of(receipt.node()), JobState.VERIFIED, reason);
                }
            }
        }
    }

    private Reason passReason(Receipt receipt) {
        if (receipt.tier() != Tier.CONFIDENTIAL) {
            return new Reason("verified", "passed the " + receipt.tier().wireName() + " gate, awaits a batch");
        }
        boolean development = store.evidence(receipt.quoteHash()).map(Evidence::development).orElse(false);
        return development ? new Reason("verified_development", "DEVELOPMENT evidence, no hardware behind it; passed the confidential gate, awaits a batch")
            : new Reason("verified", "passed the confidential gate, awaits a batch");
    }

    private void waitOrFail(JobCase job, GatewayRecord record, JobState state, Reason reason) {
        if (clock.millis() > deadline(job) + terms.patience().toMillis()) {
            fail(job, record, reason);
        } else {
            postpone(job, state, reason);
        }
    }

    private void fail(JobCase job, GatewayRecord record, Reason reason) {
        switch (record.payment()) {
            case PaymentRecord.ByVoucher ignored -> end(job, JobState.RELEASED, 0, reason);
            case PaymentRecord.Exact exact -> {
                switch (PaymentRules.exact(exact, chain.payment(exact.transaction(), exact.mint()))) {
                    case Ruling.Pass() -> end(job, JobState.REFUNDING, exact.amount(), reason);
                    case Ruling.Wait(Reason absent) when clock.millis() <= deadline(job) + terms.patience().toMillis() -> postpone(job, job.state(), absent);
                    case Ruling.Wait(Reason absent) -> end(job, JobState.RELEASED, 0, absent);
                    case Ruling.Refuse(Reason unpaid) -> end(job, JobState.RELEASED, 0, unpaid);
                    case Ruling.Dispute(Reason unpaid, var ignored) -> end(job, JobState.RELEASED, 0, unpaid);
                }
            }
        }
    }

    private void dispute(JobCase job, GatewayRecord record, Reason reason, Optional<Accusation> accusation) {
        // Payment was asked before the tier's own rules, so an exact payment is known to be there.
        long refund = record.payment() instanceof PaymentRecord.Exact exact ? exact.amount() : 0;
        if (store.dispute(job, refund, reason, accusation, clock.millis())) {
            events.changed(job.id(), node(job), JobState.DISPUTED, reason);
        }
    }

    private void end(JobCase job, JobState state, long refund, Reason reason) {
        if (store.end(job, state, refund, reason, clock.millis())) {
            events.changed(job.id(), node(job), state, reason);
        }
    }

    private void postpone(JobCase job, JobState state, Reason reason) {
        postpone(job, state, reason, clock.millis() + terms.retry().toMillis());
    }

    private void postpone(JobCase job, JobState state, Reason reason, long againMs) {
        boolean left = store.postpone(job, state, reason, clock.millis(), againMs);
        if (left && (state != job.state() || !reason.equals(job.reason()))) {
            events.changed(job.id(), node(job), state, reason);
        }
    }

    private static Optional<PublicKey> node(JobCase job) {
        return job.receipt().map(recorded -> recorded.receipt().receipt().node())
            .or(() -> job.record().flatMap(GatewayRecord::assignment).map(signed -> signed.assignment().node()));
    }

    private long deadline(JobCase job) {
        return job.record().flatMap(GatewayRecord::assignment).or(() -> job.receipt().map(RecordedReceipt::assignment)).map(SignedAssignment::assignment)
            .map(Assignment::deadlineMs).orElse(job.firstSeenMs() + terms.reserveTimeout().toMillis());
    }
}
