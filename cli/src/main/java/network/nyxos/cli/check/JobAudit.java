package network.nyxos.cli.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.tree.MerkleTree;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument.Failed;
import network.nyxos.relayer.batch.BatchDocument.Served;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.EvidenceRules;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.PaperRules;
import network.nyxos.relayer.gate.PaymentRules;
import network.nyxos.relayer.gate.ReplayRules;
import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.gate.ServingKey;
import network.nyxos.relayer.gate.SlotHash;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.verifier.PoolFactsSource;
import software.sava.core.accounts.PublicKey;

/**
 * Whether a job in a batch was worked, paid and credited as everybody signed. Believes the chain and signatures, and nothing that a relayer says.
 *
 * <p>What it cannot see: the prompt and the reply, and whether the gateway named in the assignment is one to trust.
 */
final class JobAudit {

    /**
     * What the audit takes as given.
     *
     * @param market   the market's account
     * @param pool     the pool of the batch's mint in that market
     * @param feeBps   the market's fee now, hundredths of a percent
     * @param treasury who gets it
     * @param evidence rules for evidence of the confidential tier
     */
    record Terms(PublicKey market, PublicKey pool, int feeBps, PublicKey treasury, Policy evidence) {
    }

    private static final Finding NO_SAMPLE = new Finding("sample", false, "a verified job says how it was drawn, this does not");

    private final PoolFactsSource chain;
    private final Terms terms;

    /** @param chain what the chain says */
    JobAudit(PoolFactsSource chain, Terms terms) {
        this.chain = chain;
        this.terms = terms;
    }

    /**
     * Makes every check, also behind one that failed.
     *
     * @param batch the document of the batch that the job is said to be in
     * @param base  the document of the batch that it builds on, where it builds on one
     */
    List<Finding> check(Hash job, BatchDocument batch, Optional<BatchDocument> base) {
        var findings = new ArrayList<Finding>();
        Optional<Served> served = batch.served().stream().filter(item -> item.job().equals(job)).findFirst();
        Optional<Failed> failed = batch.failed().stream().filter(item -> item.job().equals(job)).findFirst();
        findings.add(new Finding("job in batch", served.isPresent() || failed.isPresent(), served.isPresent() ? "batch " + batch.seq() + " pays for it"
                : failed.map(item -> "batch " + batch.seq() + " gives its payment back (" + item.reason() + ")").orElse("batch " + batch.seq() + " does not hold it")));
        Optional<PostedBatch> posted = terms.pool().equals(batch.pool()) ? chain.batch(batch.mint(), batch.seq()) : Optional.empty();
        findings.add(standing(batch, posted));
        served.ifPresent(item -> work(batch, item, posted, findings));
        failed.ifPresent(item -> findings.add(finding("payment", paid(item.payment()), () -> exact(item.payment()))));
        findings.add(creditsRoot(batch, posted));
        findings.add(finding("credits", "they are the last final ones and what this batch's jobs earned", () -> credits(batch, base)));
        return List.copyOf(findings);
    }

    private static Finding finding(String check, String holds, Supplier<Ruling> rule) {
        try {
            return Finding.of(check, holds, rule.get());
        } catch (ProtocolException e) {
            return Finding.of(check, holds, Ruling.refuse(e.code(), e.getMessage()));
        }
    }

    private static Ruling require(boolean holds, String code, String message) {
        return holds ? Ruling.PASS : Ruling.refuse(code, message);
    }

    private Finding standing(BatchDocument batch, Optional<PostedBatch> posted) {
        if (!terms.pool().equals(batch.pool())) {
            return new Finding("batch on chain", false, "pool_foreign: " + batch.pool() + " is not the market's pool of mint " + batch.mint());
        }
        return posted.map(found -> switch (found.state()) {
            case FINAL -> new Finding("batch on chain", true, "final");
            case POSTED -> new Finding("batch on chain", true, "posted by the verifiers' quorum; until slot " + found.finalSlot() + " they can void it");
            case VOID -> new Finding("batch on chain", false, "batch_void: it was voided");
            case SETTLING, PROPOSED, SIGNED -> throw new IllegalStateException("the chain has no batches in state " + found.state());
        }).orElseGet(() -> new Finding("batch on chain", false, "batch_absent: the pool has no batch " + batch.seq() + "; one just made takes a moment until it is posted"));
    }

    private void work(BatchDocument batch, Served item, Optional<PostedBatch> posted, List<Finding> findings) {
        Receipt receipt = item.receipt().receipt();
        Assignment order = item.assignment().assignment();
        Optional<NodeFacts> node = ServingKey.of(chain, item.receipt(), order);
        findings.add(finding("receipt signature", "by the receipt key that the registry had for node " + receipt.node() + " when the job was assigned", () -> node.isEmpty()
                ? Ruling.refuse("node_unregistered", "the registry knows no node " + receipt.node())
                : require(item.receipt().verify(node.get().receiptKey()), "receipt_signature", "it is neither by the node's registered receipt key "
                        + node.get().receiptKey() + " nor by the one of when the job was assigned")));
        findings.add(finding("assignment", "signed by gateway " + order.gateway() + ", and the receipt answers it", () -> assignment(item)));
        findings.add(finding("charge", charge(order, receipt), () -> arithmetic(order, receipt)));
        findings.add(finding("split", divided(batch.rules(), receipt), () -> split(batch.rules(), receipt, posted)));
        findings.add(finding("receipts root", receipt.hash() + " is under the root on chain", () -> membership(batch, item, posted)));
        findings.add(finding("payment", paid(item.payment()), () -> payment(item)));
        switch (receipt.tier()) {
            case OPEN -> { }
            case VERIFIED -> findings.add(item.sample().map(sample -> finding("sample", drawn(item, sample), () -> sample(item, sample))).orElse(NO_SAMPLE));
            case CONFIDENTIAL -> findings.add(evidence(batch, receipt, node));
        }
    }

    private Ruling assignment(Served item) {
        if (!item.assignment().verify()) {
            return Ruling.refuse("assignment_signature", "the gateway it names did not sign it");
        }
        Assignment order = item.assignment().assignment();
        Receipt receipt = item.receipt().receipt();
        Ruling papers = PaperRules.judge(order, receipt);
        // What it costs has a check of its own.
        boolean onlyCharge = papers instanceof Ruling.Refuse(var reason) && (reason.code().equals("receipt_charge") || reason.code().equals("receipt_ceiling"));
        return onlyCharge ? Ruling.PASS : papers;
    }

    private static String charge(Assignment order, Receipt receipt) {
        Price price = order.price();
        String counted = receipt.tokensIn() + " tokens in at " + price.perMillionIn() + " and " + receipt.tokensOut() + " out at " + price.perMillionOut()
                + " base units a million";
        return order.payment() == Payment.EXACT ? receipt.charge() + " base units, the ceiling that was asked for up front; " + counted + " stay within it"
                : receipt.charge() + " base units: " + counted;
    }

    private static Ruling arithmetic(Assignment order, Receipt receipt) {
        long counted = order.price().charge(receipt.tokensIn(), receipt.tokensOut());
        if (counted > order.ceiling()) {
            return Ruling.refuse("receipt_ceiling", "the counts cost " + counted + ", the ceiling is " + order.ceiling());
        }
        long due = order.payment() == Payment.EXACT ? order.ceiling() : counted;
        return require(receipt.charge() == due, "receipt_charge", "the receipt charges " + receipt.charge() + ", due are " + due);
    }

    private static String divided(CreditRules rules, Receipt receipt) {
        Split split = rules.split(receipt);
        return split.net() + " to node " + receipt.node() + ", " + split.fee() + " to the treasury"
                + rules.royalty(receipt.modelId()).map(royalty -> ", " + split.royalty() + " (" + royalty.bps() / 100.0 + " %) to " + royalty.payee() + " for the model")
                        .orElse(", no royalty on the model") + "; as of slot " + rules.slot();
    }

    /** Fee and royalty of the document against the market and the model's history: a document could name any. */
    private Ruling split(CreditRules rules, Receipt receipt, Optional<PostedBatch> posted) {
        if (posted.filter(batch -> rules.slot() > batch.finalSlot()).isPresent()) {
            return Ruling.refuse("split_slot", "slot " + rules.slot() + " came after the batch was posted");
        }
        if (rules.feeBps() != terms.feeBps() || !rules.treasury().equals(terms.treasury())) {
            return Ruling.refuse("split_fee", rules.feeBps() / 100.0 + " % went to " + rules.treasury() + ", the market takes " + terms.feeBps() / 100.0 + " % for "
                    + terms.treasury() + " (terms that changed since fail here, too)");
        }
        Set<Optional<CreditRules.Royalty>> due = chain.royalties(receipt.modelId(), rules.slot());
        Optional<CreditRules.Royalty> paid = rules.royalty(receipt.modelId());
        return require(due.contains(paid), "split_royalty", "paid is " + said(paid) + ", at slot " + rules.slot() + " the registry had "
                + due.stream().map(JobAudit::said).collect(Collectors.joining(" or ")));
    }

    private static String said(Optional<CreditRules.Royalty> royalty) {
        return royalty.map(it -> it.bps() / 100.0 + " % to " + it.payee()).orElse("no royalty");
    }

    private static Ruling membership(BatchDocument batch, Served item, Optional<PostedBatch> posted) {
        if (posted.isEmpty()) {
            return Ruling.refuse("batch_absent", "there is no root on chain");
        }
        int index = batch.served().indexOf(item);
        MerkleTree tree = MerkleTree.of(batch.served().stream().map(each -> each.receipt().receipt().hash()).toList());
        BatchDocument.Header header = posted.get().header();
        return require(MerkleTree.verify(header.receiptsRoot(), item.receipt().receipt().hash(), index, header.receiptsCount(), tree.proof(index)), "receipts_root",
                "the receipt's path does not lead to " + header.receiptsRoot() + ", the root on chain of " + header.receiptsCount() + " receipts");
    }

    private static String paid(PaymentRecord payment) {
        return switch (payment) {
            case PaymentRecord.Exact exact -> exact.payer() + " transferred " + exact.amount() + " base units into the pool's vault in " + exact.transaction();
            case PaymentRecord.ByVoucher by -> "escrow " + by.voucher().escrow() + ": its session key signed a voucher up to " + by.voucher().cumulative()
                    + " base units and this very request";
        };
    }

    private Ruling payment(Served item) {
        Receipt receipt = item.receipt().receipt();
        PaymentRecord payment = item.payment();
        if (!payment.jobId().equals(receipt.jobId())) {
            return Ruling.refuse("payment_job", "the payment is for job " + payment.jobId());
        }
        if (!payment.mint().equals(receipt.mint()) || GatewayRecord.kind(payment) != item.assignment().assignment().payment()) {
            return Ruling.refuse("payment_kind", "the payment is not in the mint or of the kind that was assigned");
        }
        return switch (payment) {
            case PaymentRecord.Exact exact -> exact.amount() < receipt.charge()
                    ? Ruling.refuse("charge_unpaid", "paid were " + exact.amount() + ", charged are " + receipt.charge()) : exact(exact);
            case PaymentRecord.ByVoucher by -> voucher(by, item.assignment().assignment().requestHash(), receipt.charge());
        };
    }

    private Ruling exact(PaymentRecord.Exact exact) {
        return PaymentRules.exact(exact, chain.payment(exact.transaction(), exact.mint()));
    }

    private Ruling voucher(PaymentRecord.ByVoucher by, Hash requestHash, long charge) {
        PublicKey escrow = by.voucher().escrow();
        Optional<EscrowFacts> facts = chain.escrow(escrow);
        Ruling signed = PaymentRules.signedByPayer(by, requestHash, facts, terms.market());
        return signed.passed() ? require(charge <= by.voucher().cumulative(), "voucher_exceeded", "the charge is " + charge + ", the voucher's bound "
                + by.voucher().cumulative()) : signed;
    }

    private static String drawn(Served item, Sample sample) {
        String by = " by the hash of slot " + sample.slot();
        return sample.draws(item.job()) ? "drawn" + by + ", and node " + item.replay().map(replay -> replay.node().toBase58()).orElse("?") + " got the same tokens"
                : "not drawn" + by + " (" + sample.ratePpm() + " of a million are)";
    }

    private Ruling sample(Served item, Sample sample) {
        Optional<SlotHash> block = chain.firstBlock(sample.recordedSlot() + 1);
        if (!block.equals(Optional.of(new SlotHash(sample.slot(), sample.hash())))) {
            return Ruling.refuse("sample_hash", "the chain's first block behind slot " + sample.recordedSlot() + " is "
                    + block.map(found -> "another: slot " + found.slot()).orElse("not to be had"));
        }
        if (!sample.draws(item.job())) {
            return Ruling.PASS;
        }
        return item.replay().map(replay -> ReplayRules.replay(item.job(), item.receipt().receipt(), replay, chain.node(replay.node())))
                .orElseGet(() -> Ruling.refuse("replay_absent", "the job was drawn, and no second node's statement is here"));
    }

    private Finding evidence(BatchDocument batch, Receipt receipt, Optional<NodeFacts> node) {
        Optional<Evidence> named = batch.evidence().stream().filter(item -> item.hash().equals(receipt.quoteHash())).findFirst();
        String holds = named.filter(Evidence::development).map(ignored -> "DEVELOPMENT: the quote hangs on a development root; no hardware is behind it")
                .orElse("a quote of genuine hardware binds the node's keys");
        return finding("evidence", holds, () -> {
            if (node.isEmpty()) {
                return Ruling.refuse("node_unregistered", "the registry knows no node " + receipt.node());
            }
            Ruling bound = EvidenceRules.judge(receipt, node.get(), chain.model(receipt.modelId()), named, terms.evidence().allowDevelopmentRoots());
            return bound.passed() ? new EvidenceVerifier(terms.evidence()).recheck(named.orElseThrow()).<Ruling>map(Ruling.Refuse::new).orElse(Ruling.PASS) : bound;
        });
    }

    private static Finding creditsRoot(BatchDocument batch, Optional<PostedBatch> posted) {
        return finding("credits root", batch.credits().size() + " credits add up to the root and the sum on chain", () -> {
            if (posted.isEmpty()) {
                return Ruling.refuse("batch_absent", "there is no root on chain");
            }
            BatchDocument.Header header = posted.get().header();
            var tree = batch.creditTree();
            return require(tree.root().equals(header.credits()) && tree.size() == header.payeeCount(), "credits_root", "the document's credits come to "
                    + tree.root().hash() + " with " + tree.root().sum() + ", on chain are " + header.credits().hash() + " with " + header.credits().sum());
        });
    }

    private Ruling credits(BatchDocument batch, Optional<BatchDocument> base) {
        CreditLedger before = CreditLedger.EMPTY;
        if (batch.base() != 0) {
            if (base.isEmpty()) {
                return Ruling.refuse("base_absent", "they build on batch " + batch.base() + ", whose document is not here (--relayer or --base gives it)");
            }
            Optional<PostedBatch> posted = chain.batch(batch.mint(), batch.base());
            boolean same = base.get().seq() == batch.base() && posted.filter(found -> found.state() == BatchState.FINAL && found.header().equals(base.get().header())).isPresent();
            if (!same) {
                return Ruling.refuse("base_other", "the document of batch " + batch.base() + " is not the final batch on chain");
            }
            before = base.get().ledger();
        }
        for (long seq = batch.base() + 1; seq < batch.seq(); seq++) {
            if (chain.batch(batch.mint(), seq).filter(found -> found.state() == BatchState.FINAL).isPresent()) {
                return Ruling.refuse("base_old", "they build on batch " + batch.base() + ", but batch " + seq + " is final, too");
            }
        }
        return require(before.plus(batch.lines(), batch.inflow()).credits().equals(batch.credits()), "credits_other",
                "the last final credits and what this batch's jobs earned are not the credits of the document");
    }
}
