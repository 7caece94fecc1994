package network.nyxos.cli.provider;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import network.nyxos.chain.Block;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.check.BatchFiles;
import network.nyxos.cli.direct.DirectAt;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.DirectSettlement;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.node.outbox.UnsettledJobs;
import network.nyxos.relayer.batch.BatchDocument;
import software.sava.core.accounts.PublicKey;

/**
 * What the chain says of jobs that a node has kept: which it may settle by itself now, which later, and which are over. Asked before anything is sent, so that a
 * node is told why, and settles nothing that a batch pays.
 */
final class Unsettled {

    private static final int POSTED = 1;
    private static final int FINAL = 2;
    private static final int EXITING = 2;
    /** How far the clocks of node and chain may differ, seconds. */
    private static final long SKEW = 10;

    private final ChainSession chain;
    private final Attachment attachment;
    private final Optional<Path> batchFile;
    private final List<UnsettledJobs.Entry> entries;
    private final Map<PublicKey, Optional<BatchDocument>> documents = new HashMap<>();

    /**
     * @param entries   what the node kept
     * @param batchFile the document of the newest batch, where the relayer does not have it any more
     */
    Unsettled(ChainSession chain, Attachment attachment, List<UnsettledJobs.Entry> entries, Optional<Path> batchFile) {
        this.chain = chain;
        this.attachment = attachment;
        this.entries = entries;
        this.batchFile = batchFile;
    }

    /** What can be done about a job. */
    sealed interface Standing {
        /** It can be settled now. */
        record Ready(Mint mint, PoolCalls pool, DirectSettlement settlement) implements Standing {
        }

        /** It has a record on chain. */
        record Recorded(DirectAt record) implements Standing {
        }

        /** Not now. */
        record Waits(String why) implements Standing {
        }

        /** Never more: paid, or lost. */
        record Over(String why) implements Standing {
        }
    }

    /** How a job stands now. */
    Standing of(UnsettledJobs.Entry entry) {
        Optional<DirectAt> record = DirectAt.find(chain, chain.programs().direct(entry.payment().voucher().escrow(), entry.job()));
        if (record.isPresent()) {
            return new Standing.Recorded(record.get());
        }
        Mint mint = chain.mint(entry.payment().mint());
        PoolCalls calls = chain.pool(mint);
        Pool pool = chain.owned(calls.pool(), chain.programs().escrow()).map(account -> Pool.decode(account.data())).orElseThrow();
        Market market = chain.market();
        long slot = chain.slot();
        Assignment order = entry.assignment().assignment();
        return batched(entry, mint, calls, pool, slot).or(() -> allowed(order, market, pool, slot)).or(() -> fit(order, market, slot))
                .orElseGet(() -> covered(entry, mint, calls, slot));
    }

    /** That a batch pays it, or may. */
    private Optional<Standing> batched(UnsettledJobs.Entry entry, Mint mint, PoolCalls calls, Pool pool, long slot) {
        // The relayer has one batch at a time under way and tells when one is final: what it says last to be batched is in the newest.
        long seq = pool.nextSeq() - 1;
        Optional<Batch> newest = seq == 0 ? Optional.empty() : chain.owned(calls.batch(seq), chain.programs().escrow()).map(account -> Batch.decode(account.data()))
                .filter(batch -> batch.state() == POSTED || batch.state() == FINAL);
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        boolean pays = entry.batched() || told(entry);
        if (!pays && !before(newest.get(), entry.receipt().receipt())) {
            Optional<BatchDocument> document = documents.computeIfAbsent(mint.address(), ignored -> document(mint, newest.get()));
            if (document.isEmpty()) {
                return Optional.of(new Standing.Waits("batch " + seq + " was posted after it was served and may pay it: give the batch's document with --batch, for example from an indexer's or verifier's operator"));
            }
            pays = document.get().served().stream().anyMatch(served -> served.job().equals(entry.job()));
        }
        if (!pays) {
            return Optional.empty();
        }
        return Optional.of(newest.get().state() == FINAL ? new Standing.Over("batch " + seq + " has credited it: `nyxos claim` pays it out")
                : new Standing.Waits("batch " + seq + " pays it, final from " + Slots.from(newest.get().finalSlot(), slot)));
    }

    /** Whether the relayer, where there is one, says that a batch pays it. */
    private boolean told(UnsettledJobs.Entry entry) {
        return attachment.findRelayer().map(url -> {
            try (Service relayer = new Service("relayer", url)) {
                return relayer.json("/v1/jobs/" + entry.job().hex()).map(job -> Set.of("batched", "final", "claimed").contains(job.path("state").asText())).orElse(false);
            } catch (StackException e) {
                // It is for when the relayer is gone that this is there.
                return false;
            }
        }).orElse(false);
    }

    /** Whether a batch was posted before the job was done. */
    private boolean before(Batch batch, Receipt receipt) {
        OptionalLong posted = chain.rpc().block(batch.postedSlot(), Commitment.CONFIRMED).map(Block::time).orElse(OptionalLong.empty());
        return posted.isPresent() && posted.getAsLong() + SKEW < receipt.endMs() / 1000;
    }

    private Optional<BatchDocument> document(Mint mint, Batch batch) {
        BatchDocument found;
        try {
            found = BatchFiles.of(batchFile, attachment, mint.address(), batch.seq());
        } catch (StackException e) {
            if (batchFile.isPresent()) {
                throw e;
            }
            return Optional.empty();
        }
        if (!found.receiptsRoot().equals(batch.receiptsRoot())) {
            throw BatchFiles.other(batchFile, batch.seq(), mint, "receipts root");
        }
        return Optional.of(found);
    }

    /** That the market does not let it be settled, or not yet. */
    private static Optional<Standing> allowed(Assignment order, Market market, Pool pool, long slot) {
        if (market.directSlots() == 0) {
            return Optional.of(new Standing.Waits("this market lets no node settle by itself"));
        }
        if (!MarketCalls.named(market.gateways()).contains(order.gateway())) {
            return Optional.of(new Standing.Waits("gateway " + order.gateway() + ", who assigned it, is none of those that the market names"));
        }
        long from = Math.addExact(pool.lastPostSlot(), market.directSlots());
        return slot >= from ? Optional.empty() : Optional.of(new Standing.Waits("can be settled directly from " + Slots.from(from, slot) + ", unless a batch is posted before"));
    }

    /** That its node is not one that may settle. */
    private Optional<Standing> fit(Assignment order, Market market, long slot) {
        Node node = chain.owned(chain.programs().node(market.registryConfig(), order.node()), chain.programs().registry()).map(account -> Node.decode(account.data()))
                .orElseThrow(() -> new StackException("node_missing", "node " + order.node() + " is not registered with this market's registry"));
        if (BondState.of(node.state()) != BondState.ACTIVE) {
            return Optional.of(new Standing.Waits("the node is " + BondState.of(node.state()) + ": only an active one settles"));
        }
        if ((node.tiers() & order.tier().code()) == 0) {
            return Optional.of(new Standing.Waits("the node is not registered for the tier " + order.tier().wireName()));
        }
        return order.tier() != Tier.CONFIDENTIAL || node.attestationExpirySlot() > slot ? Optional.empty()
                : Optional.of(new Standing.Waits("the node has no attestation in force, which the confidential tier asks for"));
    }

    /** Whether its escrow covers it, and by which voucher. */
    private Standing covered(UnsettledJobs.Entry entry, Mint mint, PoolCalls calls, long slot) {
        PublicKey address = entry.payment().voucher().escrow();
        Optional<Escrow> found = chain.owned(address, chain.programs().escrow()).map(account -> Escrow.decode(account.data()));
        if (found.isEmpty()) {
            return new Standing.Over("its payer has left and escrow " + address + " is closed: it cannot be settled any more");
        }
        Escrow escrow = found.get();
        long now = System.currentTimeMillis() / 1000;
        long charge = entry.receipt().receipt().charge();
        long cumulative = Math.addExact(escrow.settled(), charge);
        if (escrow.state() == EXITING && slot >= escrow.exitSlot()) {
            return new Standing.Waits("its payer may leave since slot " + escrow.exitSlot() + ": nothing more is debited");
        }
        if (cumulative > escrow.deposited() || escrow.sessionLimit() != 0 && cumulative > escrow.sessionLimit()) {
            return new Standing.Waits("the escrow's debits would come to " + mint.text(cumulative) + ", more than its deposit of " + mint.text(escrow.deposited())
                    + (escrow.sessionLimit() == 0 ? "" : " or its session's limit of " + mint.text(escrow.sessionLimit())));
        }
        if (escrow.sessionExpires() != 0 && now > escrow.sessionExpires()) {
            return new Standing.Waits("the escrow's session has expired");
        }
        // A later voucher is good too: it bounds what the earlier ones did and more.
        Optional<PaymentRecord.ByVoucher> best = entries.stream().map(UnsettledJobs.Entry::payment).filter(payment -> payment.voucher().escrow().equals(address))
                .filter(payment -> payment.voucher().expires() == 0 || now <= payment.voucher().expires()).max(Comparator.comparingLong(payment -> payment.voucher().cumulative()));
        if (best.isEmpty()) {
            return new Standing.Waits("the payer's vouchers have expired");
        }
        if (cumulative > best.get().voucher().cumulative()) {
            return new Standing.Waits("the escrow's debits would come to " + mint.text(cumulative) + ", the payer signed for " + mint.text(best.get().voucher().cumulative()) + " as far as this node knows");
        }
        DirectSettlement settlement = entry.payment().direct(escrow.sessionKey(), entry.assignment(), entry.receipt());
        return new Standing.Ready(mint, calls, settlement.with(best.get().voucher(), best.get().signature()));
    }

    /** Those of a node that it keeps nothing of any more, because they are settled. */
    List<DirectAt> others(List<DirectAt> records) {
        var rest = new ArrayList<>(records);
        rest.removeIf(record -> entries.stream().anyMatch(entry -> entry.job().equals(record.account().job())));
        return List.copyOf(rest);
    }
}
