package network.nyxos.relayer.batch;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.settle.Settler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Brings a mint's batches from their first job to finality, one at a time. Each step stores what it is about to do before it does it, and looks at the
/// chain before it sends anything: a machine that is killed between any two lines and started again posts no batch twice and forgets none.
public final class BatchMachine {
    private static final Logger LOG = LoggerFactory.getLogger(BatchMachine.class);

    /// How old a proposal's division may get before it is made anew: well within what {@link network.nyxos.relayer.verifier.Inspection} takes.
    private static final long FRESH_SLOTS = 750;

    private final BatchTerms terms;
    private final BatchStore store;
    private final PoolChain chain;
    private final Quorum quorum;
    private final Settler settler;
    private final Function<String, BatchDocument> reader;
    private final JobEvents events;
    private final InstantSource clock;
    /// When it was last looked whether payers have left something behind, by mint.
    private final Map<PublicKey, Long> lookedMs = new ConcurrentHashMap<>();

    /// @param reader reads a stored document
    public BatchMachine(BatchTerms terms, BatchStore store, PoolChain chain, Quorum quorum, Function<String, BatchDocument> reader, JobEvents events,
                        InstantSource clock) {
        this.terms = terms;
        this.store = store;
        this.chain = chain;
        this.quorum = quorum;
        this.settler = new Settler(store, chain, clock);
        this.reader = reader;
        this.events = events;
        this.clock = clock;
    }

    /// Takes the mint's batch as far as it goes now.
    public void run(PublicKey mint) {
        boolean moved = true;
        while (moved) {
            moved = step(mint);
        }
    }

    /// Takes the mint's batch one step further.
    ///
    /// @return whether it moved, so that the next step may follow at once
    public boolean step(PublicKey mint) {
        Optional<BatchRow> batch = store.underWay(mint);
        return batch.isEmpty() ? open(mint) : switch (batch.get().state()) {
            case SETTLING -> settle(batch.get());
            case PROPOSED -> collect(batch.get());
            case SIGNED -> post(batch.get());
            case POSTED -> finish(batch.get());
            case FINAL, VOID -> throw new IllegalStateException("batch " + batch.get().seq() + " is over");
        };
    }

    private boolean open(PublicKey mint) {
        giveBack(mint);
        BatchStore.Waiting waiting = store.waiting(mint, terms.maxJobs());
        boolean due = waiting.jobs() >= terms.maxJobs() || waiting.jobs() > 0 && clock.millis() >= waiting.oldestMs() + terms.interval().toMillis();
        if (!due) {
            return false;
        }
        PoolFacts pool = chain.pool(mint);
        long known = store.finalSeq(mint);
        if (pool.pendingSeq() != 0 || pool.finalSeq() != known) {
            // Credits build on the last final batch. One that is not in this database was posted by somebody else, or the database is an old one.
            LOG.error("mint {}: the chain has final batch {} and pending batch {}, this database knows {}; no batch is opened", mint, pool.finalSeq(),
                pool.pendingSeq(), known);
            return false;
        }
        BatchRow batch = store.open(mint, pool.nextSeq(), known, terms.maxJobs(), clock.millis());
        LOG.info("batch {} of mint {} opened", batch.seq(), mint);
        return true;
    }

    /// What was settled for jobs that were not paid in the end pays their payers' next ones; once a payer has left, there is no next one, and it goes back.
    private void giveBack(PublicKey mint) {
        long now = clock.millis();
        if (now < lookedMs.getOrDefault(mint, 0L) + terms.patience().toMillis()) {
            return;
        }
        lookedMs.put(mint, now);
        for (PublicKey escrow : store.overpaid(mint)) {
            chain.escrow(escrow).filter(facts -> facts.state() == EscrowFacts.State.CLOSED)
                .ifPresent(facts -> store.unearned(mint, escrow, facts.payer(), facts.settled(), now));
        }
    }

    private boolean settle(BatchRow batch) {
        Settler.Progress progress = settler.settle(batch);
        tell(progress.left());
        if (!progress.done()) {
            store.waits(batch.mint(), batch.seq(), progress.pending());
            return progress.pending().equals(Reason.NONE);
        }
        BatchStore.Content content = store.content(batch.mint(), batch.seq());
        if (content.isEmpty()) {
            store.abandon(batch.mint(), batch.seq());
            return true;
        }
        CreditLedger base = store.finalCredits(batch.mint());
        CreditRules rules = chain.credits(content.served().stream().map(job -> job.receipt().receipt().modelId()).collect(Collectors.toSet()));
        BatchDocument document = BatchDocument.build(chain.pool(batch.mint()).address(), batch.mint(), batch.seq(), batch.base(), base, content.served(),
            content.failed(), content.unearned(), content.evidence(), rules);
        store.propose(batch.mint(), batch.seq(), document, clock.millis());
        LOG.info("batch {} of mint {} proposed: {} receipts, {} refunds, {} base units in all", batch.seq(), batch.mint(), document.served().size(),
            document.failed().size() + document.unearned().size(), document.header().credits().sum());
        return true;
    }

    private BatchDocument document(BatchRow batch) {
        return reader.apply(batch.document().orElseThrow(() -> new IllegalStateException("batch " + batch.seq() + " has no document")));
    }

    private boolean collect(BatchRow batch) {
        BatchDocument document = document(batch);
        CreditRules now = chain.credits(document.models());
        if (!now.dividesAs(document.rules()) || now.slot() > document.rules().slot() + FRESH_SLOTS) {
            // Fees and royalties are those of the proposal; what they were when a quorum could not be had is no longer what verifiers see.
            store.reopen(batch.mint(), batch.seq());
            return true;
        }
        Quorum.Answers answers = quorum.ask(document);
        if (answers.signatures().size() >= answers.threshold()) {
            store.signed(batch.mint(), batch.seq(), answers.signatures().subList(0, answers.threshold()), clock.millis());
            return true;
        }
        Map<Hash, List<Quorum.Refusal>> byJob = answers.refusals().stream().filter(refusal -> refusal.job().isPresent())
            .collect(Collectors.groupingBy(refusal -> refusal.job().orElseThrow()));
        boolean patient = clock.millis() <= batch.changedMs() + terms.patience().toMillis();
        boolean moved = false;
        for (Map.Entry<Hash, List<Quorum.Refusal>> refused : byJob.entrySet()) {
            List<Quorum.Refusal> forGood = refused.getValue().stream().filter(refusal -> !refusal.again()).toList();
            // Only what keeps a quorum from coming about: a minority cannot hold a job up.
            if (forGood.size() >= answers.blocking()) {
                Reason reason = forGood.getFirst().reason();
                LOG.warn("batch {} of mint {}: verifiers refuse job {}: {}", batch.seq(), batch.mint(), refused.getKey(), reason);
                tell(store.refused(batch.mint(), batch.seq(), refused.getKey(), new Reason("verifiers_refused", reason.toString()), clock.millis()).stream().toList());
                moved = true;
            } else if (refused.getValue().size() >= answers.blocking() && !patient) {
                // What they cannot judge yet does not hold the others up either.
                Reason reason = refused.getValue().getFirst().reason();
                LOG.warn("batch {} of mint {}: verifiers cannot judge job {} yet: {}; it goes into a later batch", batch.seq(), batch.mint(), refused.getKey(), reason);
                tell(store.setAside(batch.mint(), batch.seq(), refused.getKey(), new Reason("verifiers_wait", reason.toString()), clock.millis()).stream().toList());
                moved = true;
            }
        }
        if (!moved) {
            store.waits(batch.mint(), batch.seq(), new Reason("awaits_quorum", answers.signatures().size() + " of " + answers.threshold() + " signatures; "
                + answers.refusals().stream().map(refusal -> refusal.verifier() + " " + refusal.reason()).collect(Collectors.joining("; "))));
        }
        return moved;
    }

    private boolean post(BatchRow batch) {
        BatchDocument document = document(batch);
        BatchDocument.Header header = document.header();
        Optional<PostedBatch> posted = chain.batch(batch.mint(), batch.seq());
        if (posted.isPresent()) {
            if (!posted.get().header().equals(header)) {
                store.waits(batch.mint(), batch.seq(), new Reason("batch_foreign", "another batch stands on chain under this sequence"));
                LOG.error("batch {} of mint {}: the chain holds another batch under this sequence; an operator must look", batch.seq(), batch.mint());
                return false;
            }
            tell(store.posted(batch.mint(), batch.seq(), posted.get().finalSlot(), clock.millis()));
            LOG.info("batch {} of mint {} posted, final from slot {}", batch.seq(), batch.mint(), posted.get().finalSlot());
            return true;
        }
        if (!chain.rulers().suffice(batch.signatures())) {
            // Other verifiers rule by now; the same document is theirs to sign.
            store.unsign(batch.mint(), batch.seq());
            return true;
        }
        String intent = "post:" + batch.mint() + ":" + batch.seq() + ":" + posted(header, batch.signatures()).hex();
        // One that may be on its way is not made anew, for the chain could take both in turn; what it pays twice then is disproved by its receipts.
        if (!chain.mayLand(intent) && settledDirectly(batch, document)) {
            return true;
        }
        return switch (chain.post(intent, batch.mint(), header, batch.signatures())) {
            case Sent.Confirmed(String signature) -> {
                store.transaction(batch.mint(), batch.seq(), signature);
                yield chain.batch(batch.mint(), batch.seq()).isPresent();
            }
            case Sent.Failed(Reason reason) -> waits(batch, reason);
            case Sent.Unknown(Reason reason) -> waits(batch, reason);
        };
    }

    /// The relayer may have been away for long since verifiers signed: what nodes have settled by themselves meanwhile is not posted.
    private boolean settledDirectly(BatchRow batch, BatchDocument document) {
        boolean any = false;
        for (PublicKey escrow : document.charges().keySet()) {
            Optional<EscrowFacts> facts = chain.escrow(escrow).filter(found -> !found.direct().jobs().isEmpty());
            if (facts.isPresent()) {
                List<BatchStore.Left> left = store.settledDirectly(batch.mint(), batch.seq(), escrow, facts.get().settled(), facts.get().direct().jobs(), clock.millis());
                tell(left);
                any |= !left.isEmpty();
            }
        }
        return any;
    }

    /// Names what is posted and on whose word: the same roots signed by others are another transaction.
    private static Hash posted(BatchDocument.Header header, List<VerifierSignature> signatures) {
        var writer = new BorshWriter(512).bytes(header.receiptsRoot().bytes(), Hash.LENGTH).bytes(header.credits().hash().bytes(), Hash.LENGTH);
        signatures.forEach(signature -> writer.publicKey(signature.verifier()));
        return Hash.sha256(writer.toByteArray());
    }

    private boolean finish(BatchRow batch) {
        PostedBatch posted = chain.batch(batch.mint(), batch.seq()).orElseThrow(() -> new IllegalStateException("batch " + batch.seq() + " left the chain"));
        switch (posted.state()) {
            case FINAL -> {
                BatchDocument document = document(batch);
                tell(store.finished(batch.mint(), batch.seq(), document.lines(), document.ledger(), clock.millis()));
                LOG.info("batch {} of mint {} is final", batch.seq(), batch.mint());
                return true;
            }
            case VOID -> {
                tell(store.voided(batch.mint(), batch.seq(), clock.millis()));
                LOG.warn("batch {} of mint {} was voided; its jobs go into the next one", batch.seq(), batch.mint());
                return true;
            }
            default -> {
                if (chain.slot() < posted.finalSlot()) {
                    return waits(batch, new Reason("in_window", "may be voided until slot " + posted.finalSlot()));
                }
                return switch (chain.finish("final:" + batch.mint() + ":" + batch.seq(), batch.mint(), batch.seq())) {
                    case Sent.Confirmed ignored -> chain.batch(batch.mint(), batch.seq()).map(now -> now.state() == BatchState.FINAL).orElse(false);
                    case Sent.Failed(Reason reason) -> waits(batch, reason);
                    case Sent.Unknown(Reason reason) -> waits(batch, reason);
                };
            }
        }
    }

    private boolean waits(BatchRow batch, Reason reason) {
        if (!reason.equals(batch.reason())) {
            LOG.info("batch {} of mint {} waits: {}", batch.seq(), batch.mint(), reason);
            store.waits(batch.mint(), batch.seq(), reason);
        }
        return false;
    }

    private void tell(List<BatchStore.Left> jobs) {
        jobs.forEach(job -> events.changed(job.job(), job.node(), job.state(), job.reason()));
    }
}
