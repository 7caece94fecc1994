package network.nyxos.relayer.settle;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.relayer.batch.BatchRow;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.PoolChain;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.PaymentRules;
import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Settles the escrows of one batch, as many a transaction as {@link Settlement#fitting}, then has what was settled moved into the pool's vault: credits may
/// not exceed what came in there. Whether an escrow is settled or collected is read off the chain, never off a transaction's fate, so that nothing is settled
/// twice and nothing that was settled is forgotten, also where the payer has left since.
public final class Settler {
    private final BatchStore store;
    private final PoolChain chain;
    private final InstantSource clock;

    /// @param clock for the ends of vouchers and sessions
    public Settler(BatchStore store, PoolChain chain, InstantSource clock) {
        this.store = store;
        this.chain = chain;
        this.clock = clock;
    }

    /// What one pass came to.
    ///
    /// @param done whether nothing is left to settle or to collect
    /// @param left jobs that left the batch because their escrow cannot be settled
    /// @param pending what is waited for; `none` when nothing is
    public record Progress(boolean done, List<BatchStore.Left> left, Reason pending) {
    }

    /// Settles, or collects, one transaction's worth.
    public Progress settle(BatchRow batch) {
        var left = new ArrayList<BatchStore.Left>();
        var entries = new ArrayList<Settlement>();
        List<BatchStore.Settlement> open = store.unsettled(batch.mint(), batch.seq());
        var foreign = new ArrayList<Foreign>();
        for (BatchStore.Settlement settlement : open) {
            if (Settlement.fitting(entries) < entries.size()) {
                break;
            }
            Optional<EscrowFacts> known = chain.escrow(settlement.escrow());
            if (known.isEmpty()) {
                left.addAll(unknown(batch, settlement.escrow()));
                continue;
            }
            EscrowFacts facts = known.get();
            List<BatchStore.Left> direct = settledDirectly(batch, settlement.escrow(), facts);
            if (!direct.isEmpty()) {
                left.addAll(direct);
                return new Progress(false, left, Reason.NONE);
            }
            if (facts.settled() >= settlement.cumulative()) {
                store.settled(batch.mint(), batch.seq(), settlement.escrow());
                continue;
            }
            Optional<BatchStore.HeldVoucher> voucher = store.voucher(settlement.escrow(), clock.millis() / 1000);
            if (judge(settlement, facts, voucher) instanceof Ruling.Refuse(Reason reason)) {
                left.addAll(store.unsettleable(batch.mint(), batch.seq(), settlement.escrow(), facts.settled(), reason, clock.millis()));
            } else if (!facts.operator().equals(chain.operator())) {
                foreign.add(new Foreign(settlement.escrow(), facts.operator()));
            } else {
                entries.add(new Settlement(facts.sessionKey(), voucher.orElseThrow().voucher(), voucher.orElseThrow().signature(),
                    facts.counted(settlement.cumulative())));
            }
        }
        if (!foreign.isEmpty()) {
            return refresh(batch, foreign.subList(0, Math.min(foreign.size(), MarketCalls.MAX_REFRESHED)), left);
        }
        if (entries.isEmpty()) {
            return store.unsettled(batch.mint(), batch.seq()).isEmpty() ? collect(batch, left) : new Progress(false, left, Reason.NONE);
        }
        List<Settlement> taken = entries.subList(0, Settlement.fitting(entries));
        Map<PublicKey, Long> due = open.stream().collect(Collectors.toMap(BatchStore.Settlement::escrow, BatchStore.Settlement::cumulative));
        return switch (chain.settle(intent(batch, taken), batch.mint(), taken)) {
            case Sent.Confirmed(String signature) -> confirmed(batch, taken, due, left, signature);
            case Sent.Failed(Reason reason) -> new Progress(false, left, reason);
            case Sent.Unknown(Reason reason) -> new Progress(false, left, reason);
        };
    }

    private Ruling judge(BatchStore.Settlement settlement, EscrowFacts facts, Optional<BatchStore.HeldVoucher> voucher) {
        if (voucher.isEmpty() && facts.state() != EscrowFacts.State.CLOSED) {
            return Ruling.refuse("voucher_expired", "the payer's vouchers have expired");
        }
        long bound = voucher.map(held -> held.voucher().cumulative()).orElse(0L);
        return PaymentRules.debit(facts, settlement.cumulative(), bound, clock.millis() / 1000, chain.slot());
    }

    /// Jobs of the batch that nodes have settled by themselves since they passed the gate: their escrow is not debited for them once more, and nobody credited.
    private List<BatchStore.Left> settledDirectly(BatchRow batch, PublicKey escrow, EscrowFacts facts) {
        return facts.direct().jobs().isEmpty() ? List.of() : store.settledDirectly(batch.mint(), batch.seq(), escrow, facts.settled(), facts.direct().jobs(), clock.millis());
    }

    /// Its debits are not known, so nothing is decided of its jobs; the others' batch does not wait for that.
    private List<BatchStore.Left> unknown(BatchRow batch, PublicKey escrow) {
        return store.setAside(batch.mint(), batch.seq(), escrow, new Reason("escrow_unknown", "the chain's node knows nothing of escrow " + escrow
            + "; it is asked again with the next batch"), clock.millis());
    }

    /// An escrow that another operator settles.
    private record Foreign(PublicKey escrow, PublicKey operator) {
    }

    /// Escrows keep the operator that they were opened under; where it has changed since, they are given the market's present one.
    private Progress refresh(BatchRow batch, List<Foreign> foreign, List<BatchStore.Left> left) {
        if (!chain.rulers().operator().equals(chain.operator())) {
            return new Progress(false, left, new Reason("operator_replaced", "the market's operator is another by now: only a relayer that runs with its key can settle "
                + "and post"));
        }
        var writer = new BorshWriter(72 * foreign.size());
        foreign.forEach(each -> writer.publicKey(each.escrow()).publicKey(each.operator()));
        List<PublicKey> escrows = foreign.stream().map(Foreign::escrow).toList();
        String intent = intent("refresh", batch, writer);
        return switch (chain.refresh(intent, escrows)) {
            case Sent.Confirmed _ -> new Progress(false, left, ours(escrows.getFirst()) ? Reason.NONE
                : new Reason("refreshing", "the escrows' new operator does not show yet"));
            case Sent.Failed(Reason reason) -> new Progress(false, left, reason);
            case Sent.Unknown(Reason reason) -> new Progress(false, left, reason);
        };
    }

    private boolean ours(PublicKey escrow) {
        return chain.escrow(escrow).map(facts -> facts.operator().equals(chain.operator())).orElse(false);
    }

    /// @param due what batches must have been settled of each escrow; an entry counts what nodes settled by themselves too
    private Progress confirmed(BatchRow batch, List<Settlement> entries, Map<PublicKey, Long> due, List<BatchStore.Left> left, String signature) {
        Map<PublicKey, Long> told = chain.settlement(signature).orElse(Map.of());
        for (Settlement entry : entries) {
            PublicKey escrow = entry.voucher().escrow();
            Optional<EscrowFacts> facts = chain.escrow(escrow);
            if (facts.isPresent() && facts.get().settled() >= due.get(escrow)) {
                store.settled(batch.mint(), batch.seq(), escrow);
                continue;
            }
            // The program skips an entry that fails a check of its own and says which: only its word ends a job, never how long something takes to show.
            long code = told.getOrDefault(escrow, 0L);
            if (code == 0 || code == EscrowError.NOTHING_TO_SETTLE.code()) {
                continue;
            }
            var reason = new Reason("settle_skipped", "transaction " + signature + ": " + EscrowError.of(code).map(EscrowError::message).orElse("error " + code));
            left.addAll(facts.isEmpty() || code == EscrowError.UNAUTHORIZED.code()
                ? store.setAside(batch.mint(), batch.seq(), escrow, reason, clock.millis())
                : store.unsettleable(batch.mint(), batch.seq(), escrow, facts.get().settled(), reason, clock.millis()));
        }
        boolean settled = store.unsettled(batch.mint(), batch.seq()).isEmpty();
        return new Progress(false, left, settled ? Reason.NONE : new Reason("settling", "more escrows are to be settled"));
    }

    /// Has one transaction's worth collected; done when nothing of this batch's escrows, nor of closed ones, is left.
    private Progress collect(BatchRow batch, List<BatchStore.Left> left) {
        PoolFacts pool = chain.pool(batch.mint());
        var due = new ArrayList<PublicKey>();
        // What the collection will find, so that the same work has one name and more work another.
        var writer = new BorshWriter(64).u64(pool.settled()).u64(pool.uncollected());
        for (PublicKey escrow : store.escrows(batch.mint(), batch.seq())) {
            Optional<EscrowFacts> found = chain.escrow(escrow);
            List<BatchStore.Left> direct = found.map(facts -> settledDirectly(batch, escrow, facts)).orElse(List.of());
            if (!direct.isEmpty()) {
                left.addAll(direct);
                return new Progress(false, left, Reason.NONE);
            }
            Optional<EscrowFacts> facts = found.filter(each -> each.settled() > each.collected());
            if (facts.isPresent() && due.size() < PoolCalls.MAX_COLLECTED) {
                due.add(escrow);
                writer.publicKey(escrow).u64(facts.get().settled());
            }
        }
        if (due.isEmpty() && pool.uncollected() == 0) {
            return new Progress(true, left, Reason.NONE);
        }
        return switch (chain.collect(intent("collect", batch, writer), batch.mint(), due)) {
            case Sent.Confirmed _ -> new Progress(false, left, chain.pool(batch.mint()).settled() > pool.settled() ? Reason.NONE
                : new Reason("collecting", "what was settled does not show in the vault yet"));
            case Sent.Failed(Reason reason) -> new Progress(false, left, reason);
            case Sent.Unknown(Reason reason) -> new Progress(false, left, reason);
        };
    }

    /// The same escrows to the same amounts for the same batch are one transaction.
    private static String intent(BatchRow batch, List<Settlement> entries) {
        var writer = new BorshWriter(40 * entries.size());
        entries.forEach(entry -> writer.publicKey(entry.voucher().escrow()).u64(entry.cumulative()));
        return intent("settle", batch, writer);
    }

    private static String intent(String verb, BatchRow batch, BorshWriter what) {
        return verb + ":" + batch.mint() + ":" + batch.seq() + ":" + batch.changedMs() + ":" + Hash.sha256(what.toByteArray()).hex();
    }
}
