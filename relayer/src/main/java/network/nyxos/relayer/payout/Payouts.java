package network.nyxos.relayer.payout;

import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.job.JobEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Sends the claims that nobody should have to ask for: refunds, and the treasury's where configured. Notices what others have claimed by themselves.
public final class Payouts {
    private static final Logger LOG = LoggerFactory.getLogger(Payouts.class);

    private final PayoutStore store;
    private final BatchStore batches;
    private final ClaimChain chain;
    private final Set<CreditKind> pushed;
    private final JobEvents events;
    private final InstantSource clock;

    /// @param pushTreasury whether the treasury's claims are sent, too
    public Payouts(PayoutStore store, BatchStore batches, ClaimChain chain, boolean pushTreasury, JobEvents events, InstantSource clock) {
        this.store = store;
        this.batches = batches;
        this.chain = chain;
        this.pushed = pushTreasury ? EnumSet.of(CreditKind.REFUND, CreditKind.TREASURY) : EnumSet.of(CreditKind.REFUND);
        this.events = events;
        this.clock = clock;
    }

    /// Looks at every payee of a mint that has something coming. One that cannot be paid does not keep the others waiting.
    public void pay(PublicKey mint, PublicKey pool) {
        var unclaimed = store.unclaimed(mint);
        if (unclaimed.isEmpty()) {
            return;
        }
        BatchStore.Latest latest = batches.latest(mint);
        CreditTree tree = CreditTree.of(pool, latest.ledger().credits());
        for (Credit due : unclaimed) {
            var credit = new Credit(due.payee(), due.kind(), latest.ledger().of(due.payee(), due.kind()));
            long claimed = chain.claimed(mint, credit.payee(), credit.kind());
            if (claimed < credit.cumulative() && pushed.contains(credit.kind())) {
                push(mint, latest.seq(), tree, credit);
                claimed = chain.claimed(mint, credit.payee(), credit.kind());
            }
            store.claimed(mint, credit, claimed, clock.millis())
                .forEach(job -> events.changed(job.job(), job.node(), job.state(), job.reason()));
        }
    }

    private void push(PublicKey mint, long seq, CreditTree tree, Credit credit) {
        int index = tree.indexOf(credit.payee(), credit.kind()).orElseThrow(() -> new IllegalStateException("an unclaimed credit is not in the tree"));
        String intent = "claim:" + mint + ":" + credit.payee() + ":" + credit.kind().code() + ":" + seq + ":" + credit.cumulative();
        switch (chain.claim(intent, mint, seq, credit, index, tree.proof(index))) {
            case Sent.Confirmed(String signature) -> LOG.info("{} of {} pushed to {}: {}", credit.kind().wireName(), mint, credit.payee(), signature);
            case Sent.Failed failed -> LOG.warn("{} of {} for {} not sent: {}", credit.kind().wireName(), mint, credit.payee(), failed.reason());
            case Sent.Unknown unknown -> LOG.info("{} of {} for {}: {}", credit.kind().wireName(), mint, credit.payee(), unknown.reason());
        }
    }
}
