package network.nyxos.relayer.settle;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Settlement;
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
/// twice and nothing that was settled is forgotten.
public final class Settler {
    private final BatchStore store;
    private final PoolChain chain;
    private final Duration patience;
    private final InstantSource clock;

    /// @param patience how long a confirmed settlement may take to show in the escrow's account
    public Settler(BatchStore store, PoolChain chain, Duration patience, InstantSource clock) {
        this.store = store;
        this.chain = chain;
        this.patience = patience;
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
        for (BatchStore.Settlement settlement : open) {
            if (Settlement.fitting(entries) < entries.size()) {
                break;
            }
            Optional<EscrowFacts> facts = chain.escrow(settlement.escrow());
            if (facts.isPresent() && facts.get().settled() >= settlement.cumulative()) {
                store.settled(batch.mint(), batch.seq(), settlement.escrow());
                continue;
            }
            Optional<BatchStore.HeldVoucher> voucher = store.voucher(settlement.escrow(), clock.millis() / 1000);
            if (judge(settlement, facts, voucher) instanceof Ruling.Refuse(Reason reason)) {
                left.addAll(store.unsettleable(batch.mint(), batch.seq(), settlement.escrow(), reason, clock.millis()));
            } else {
                entries.add(new Settlement(facts.orElseThrow().sessionKey(), voucher.orElseThrow().voucher(), voucher.orElseThrow().signature(),
                    settlement.cumulative()));
            }
        }
        if (entries.isEmpty()) {
            return store.unsettled(batch.mint(), batch.seq()).isEmpty() ? collect(batch, left) : new Progress(false, left, Reason.NONE);
        }
        List<Settlement> taken = entries.subList(0, Settlement.fitting(entries));
        return switch (chain.settle(intent(batch, taken), batch.mint(), taken)) {
            case Sent.Confirmed(String signature) -> confirmed(batch, taken, left, signature);
            case Sent.Failed(Reason reason) -> new Progress(false, left, reason);
            case Sent.Unknown(Reason reason) -> new Progress(false, left, reason);
        };
    }

    private Ruling judge(BatchStore.Settlement settlement, Optional<EscrowFacts> facts, Optional<BatchStore.HeldVoucher> voucher) {
        if (facts.isEmpty()) {
            return Ruling.refuse("escrow_absent", "the payer has closed the escrow");
        }
        if (voucher.isEmpty()) {
            return Ruling.refuse("voucher_expired", "the payer's vouchers have expired");
        }
        return PaymentRules.debit(facts.get(), settlement.cumulative(), voucher.get().voucher().cumulative(), clock.millis() / 1000, chain.slot());
    }

    private Progress confirmed(BatchRow batch, List<Settlement> entries, List<BatchStore.Left> left, String signature) {
        for (Settlement entry : entries) {
            boolean shows = chain.escrow(entry.voucher().escrow()).map(facts -> facts.settled() >= entry.cumulative()).orElse(false);
            if (shows) {
                store.settled(batch.mint(), batch.seq(), entry.voucher().escrow());
            } else if (clock.millis() > batch.changedMs() + patience.toMillis()) {
                // The program skips an entry that fails a check of its own state; its jobs cannot be paid from that escrow.
                left.addAll(store.unsettleable(batch.mint(), batch.seq(), entry.voucher().escrow(),
                    new Reason("settle_skipped", "transaction " + signature + " did not debit the escrow"), clock.millis()));
            }
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
            Optional<EscrowFacts> facts = chain.escrow(escrow).filter(found -> found.settled() > found.collected());
            if (facts.isPresent() && due.size() < PoolCalls.MAX_COLLECTED) {
                due.add(escrow);
                writer.publicKey(escrow).u64(facts.get().settled());
            }
        }
        if (due.isEmpty() && pool.uncollected() == 0) {
            return new Progress(true, left, Reason.NONE);
        }
        String intent = "collect:" + batch.mint() + ":" + batch.seq() + ":" + Hash.sha256(writer.toByteArray()).hex();
        return switch (chain.collect(intent, batch.mint(), due)) {
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
        return "settle:" + batch.mint() + ":" + batch.seq() + ":" + Hash.sha256(writer.toByteArray()).hex();
    }
}
