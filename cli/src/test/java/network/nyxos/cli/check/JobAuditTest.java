package network.nyxos.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument.Served;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.AttestationRecord;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.EvidenceRules;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.PastKey;
import network.nyxos.relayer.gate.PaymentFacts;
import network.nyxos.relayer.gate.SlotHash;
import network.nyxos.relayer.verifier.PoolFactsSource;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class JobAuditTest {

    private static final Keypair GATEWAY = key(1);
    private static final Keypair NODE = key(2);
    private static final Keypair RECEIPT_KEY = key(3);
    private static final Keypair SESSION = key(4);
    private static final Keypair PAYER = key(5);
    private static final PublicKey MINT = key(6).publicKey();
    private static final PublicKey POOL = key(7).publicKey();
    private static final PublicKey MARKET = key(8).publicKey();
    private static final PublicKey ESCROW = key(9).publicKey();
    private static final CreditRules RULES = new CreditRules(800, 200, key(10).publicKey(), List.of());
    private static final Price PRICE = new Price(500_000, 2_000_000);
    private static final Hash REQUEST = Hash.sha256(new byte[] {1});
    private static final Hash NONCE = Hash.sha256(new byte[] {2});
    private static final Hash MESSAGE = Hash.sha256(new byte[] {3});
    private static final Signature TRANSACTION = PAYER.sign(MESSAGE);
    private static final long CEILING = 500;
    private static final int TOKENS_IN = 30;
    private static final int TOKENS_OUT = 20;
    private static final long COUNTED = 55;

    private final Ledger chain = new Ledger();

    private static Keypair key(int seed) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) seed;
        return Keypair.fromSeed(bytes);
    }

    /** A chain in memory. */
    private static final class Ledger implements PoolFactsSource {
        private final Map<PublicKey, NodeFacts> nodes = new HashMap<>(Map.of(NODE.publicKey(), new NodeFacts(NODE.publicKey(), PAYER.publicKey(), NodeFacts.State.ACTIVE, 7,
                RECEIPT_KEY.publicKey(), PublicKey.NONE, AttestationRecord.NONE, 1, 0)));
        private final Map<PublicKey, EscrowFacts> escrows = new HashMap<>(Map.of(ESCROW, account(MARKET, SESSION)));
        private final Map<Signature, PaymentFacts> payments = new HashMap<>();
        private final Map<Long, PostedBatch> batches = new HashMap<>();
        private final Map<Hash, RegisteredModel> models = new HashMap<>();
        private List<PastKey> past = List.of();
        private Optional<CreditRules.Royalty> royalty = Optional.empty();

        @Override
        public Optional<NodeFacts> node(PublicKey node) {
            return Optional.ofNullable(nodes.get(node));
        }

        @Override
        public List<PastKey> pastReceiptKeys(NodeFacts node) {
            return past;
        }

        @Override
        public PaymentFacts payment(Signature transaction, PublicKey mint) {
            return payments.getOrDefault(transaction, new PaymentFacts.Absent());
        }

        @Override
        public Optional<EscrowFacts> escrow(PublicKey escrow) {
            return Optional.ofNullable(escrows.get(escrow));
        }

        @Override
        public long slot() {
            return 1_000;
        }

        @Override
        public long tip() {
            return 1_000;
        }

        @Override
        public Optional<SlotHash> firstBlock(long fromSlot) {
            return Optional.empty();
        }

        @Override
        public Optional<RegisteredModel> model(Hash model) {
            return Optional.ofNullable(models.get(model));
        }

        @Override
        public CreditRules credits(long slot, Set<Hash> models) {
            throw new UnsupportedOperationException("an audit asks for what was, not for what is");
        }

        @Override
        public Set<Optional<CreditRules.Royalty>> royalties(Hash model, long slot) {
            return Set.of(royalty.filter(due -> due.model().equals(model)));
        }

        @Override
        public PoolFacts pool(PublicKey mint) {
            throw new UnsupportedOperationException("no check asks for the pool");
        }

        @Override
        public Optional<PostedBatch> batch(PublicKey mint, long seq) {
            return Optional.ofNullable(batches.get(seq));
        }

        void post(BatchDocument batch, BatchState state) {
            batches.put(batch.seq(), new PostedBatch(batch.header(), state, 895, 900));
        }
    }

    private static EscrowFacts account(PublicKey market, Keypair session) {
        return new EscrowFacts(market, PAYER.publicKey(), MINT, session.publicKey(), MARKET, EscrowFacts.State.OPEN, 10_000, 0, 0, 0, 0, 0);
    }

    private static Assignment order(Hash job, Payment payment, Tier tier) {
        return new Assignment(job, GATEWAY.publicKey(), NODE.publicKey(), Hash.ZERO, tier, 0, 100, MINT, PRICE, CEILING, payment, REQUEST, 7, new Sampler(0, 1_000_000, 0), Hash.ZERO,
                Hash.ZERO, 1_000, 60_000);
    }

    private static Receipt receipt(Assignment order, long charge) {
        return new Receipt(order.jobId(), order.node(), order.modelId(), "engine", order.tier(), order.seed(), order.sampler(), Hash.ZERO, Hash.ZERO, TOKENS_IN, TOKENS_OUT, MINT,
                charge, Finish.STOP, Hash.ZERO, Hash.ZERO, order.digest(), 2_000, 3_000);
    }

    private static PaymentRecord.ByVoucher voucher(long cumulative, Keypair session) {
        var voucher = new Voucher(ESCROW, cumulative, 0);
        return new PaymentRecord.ByVoucher(voucher, voucher.sign(session), NONCE, new RequestBinding(ESCROW, cumulative, NONCE, REQUEST).sign(session), MINT);
    }

    private static PaymentRecord.Exact exact(long amount) {
        return new PaymentRecord.Exact(TRANSACTION, MESSAGE, PAYER.publicKey(), MINT, amount, Optional.empty());
    }

    private static Served byVoucher(PaymentRecord.ByVoucher payment, long charge) {
        Assignment order = order(payment.jobId(), Payment.VOUCHER, Tier.OPEN);
        return new Served(receipt(order, charge).sign(RECEIPT_KEY), order.sign(GATEWAY), payment, Optional.empty(), Optional.empty());
    }

    private static Served byTransfer(long amount) {
        Assignment order = order(JobId.exact(MESSAGE), Payment.EXACT, Tier.OPEN);
        return new Served(receipt(order, CEILING).sign(RECEIPT_KEY), order.sign(GATEWAY), exact(amount), Optional.empty(), Optional.empty());
    }

    private static BatchDocument batch(long seq, CreditLedger on, long base, Served... served) {
        return BatchDocument.build(POOL, MINT, seq, base, on, List.of(served), List.of(), List.of(), List.of(), RULES);
    }

    private void landed(long amount) {
        chain.payments.put(TRANSACTION, new PaymentFacts.Landed(MESSAGE, List.of(new PaymentFacts.Transfer(PAYER.publicKey(), MINT, amount))));
    }

    private List<Finding> audit(Hash job, BatchDocument batch, Optional<BatchDocument> base) {
        return audit(job, batch, base, Policy.strict());
    }

    private List<Finding> audit(Hash job, BatchDocument batch, Optional<BatchDocument> base, Policy policy) {
        var terms = new JobAudit.Terms(MARKET, POOL, RULES.feeBps(), RULES.treasury(), policy);
        return new JobAudit(chain, terms).check(job, batch, base);
    }

    private List<Finding> audit(Served served) {
        BatchDocument batch = batch(1, CreditLedger.EMPTY, 0, served);
        chain.post(batch, BatchState.FINAL);
        return audit(served.job(), batch, Optional.empty());
    }

    private static List<String> failed(List<Finding> findings) {
        return findings.stream().filter(finding -> !finding.passed()).map(Finding::check).toList();
    }

    private static Served good() {
        return byVoucher(voucher(CEILING, SESSION), COUNTED);
    }

    @Test
    void a_job_paid_by_voucher_holds() {
        List<Finding> findings = audit(good());
        assertThat(failed(findings)).isEmpty();
        assertThat(findings).extracting(Finding::check).containsExactly("job in batch", "batch on chain", "receipt signature", "assignment", "charge", "split", "receipts root", "payment",
                "credits root", "credits");
    }

    @Test
    void a_job_paid_by_transfer_holds_and_what_was_paid_too_much_goes_back() {
        landed(CEILING + 3);
        assertThat(failed(audit(byTransfer(CEILING + 3)))).isEmpty();
    }

    @Test
    void a_batch_in_its_window_holds_and_one_that_was_voided_does_not() {
        BatchDocument batch = batch(1, CreditLedger.EMPTY, 0, good());
        chain.post(batch, BatchState.POSTED);
        assertThat(failed(audit(good().job(), batch, Optional.empty()))).isEmpty();
        chain.post(batch, BatchState.VOID);
        assertThat(failed(audit(good().job(), batch, Optional.empty()))).containsExactly("batch on chain");
    }

    @Test
    void a_receipt_of_another_key_is_found() {
        chain.nodes.compute(NODE.publicKey(), (node, facts) -> new NodeFacts(node, facts.operator(), facts.state(), facts.tiers(), PAYER.publicKey(), facts.sealingKey(), facts.attestation(), facts.registeredSlot(), facts.openDisputes()));
        assertThat(failed(audit(good()))).containsExactly("receipt signature");
        // The job was assigned at 1,000 ms; clocks may differ by two seconds.
        chain.past = List.of(new PastKey(RECEIPT_KEY.publicKey(), 1_000));
        assertThat(failed(audit(good()))).as("the node has another key since").isEmpty();
        chain.past = List.of(new PastKey(RECEIPT_KEY.publicKey(), -1_001));
        assertThat(failed(audit(good()))).as("it had another key before").containsExactly("receipt signature");
    }

    @Test
    void an_assignment_that_the_gateway_did_not_sign_is_found() {
        Served good = good();
        var forged = new SignedAssignment(good.assignment().assignment(), PAYER.sign(good.assignment().assignment().digest()));
        assertThat(failed(audit(new Served(good.receipt(), forged, good.payment(), Optional.empty(), Optional.empty())))).containsExactly("assignment");
    }

    @Test
    void one_base_unit_too_much_is_found() {
        assertThat(failed(audit(byVoucher(voucher(CEILING, SESSION), COUNTED + 1)))).containsExactly("charge");
    }

    @Test
    void a_royalty_is_what_the_registry_had_at_the_slot_and_no_unit_else() {
        Served good = good();
        var royalty = new CreditRules.Royalty(good.receipt().receipt().modelId(), 1_000, PAYER.publicKey());
        var rules = new CreditRules(800, 200, RULES.treasury(), List.of(royalty));
        BatchDocument batch = BatchDocument.build(POOL, MINT, 1, 0, CreditLedger.EMPTY, List.of(good), List.of(), List.of(), List.of(), rules);
        assertThat(batch.ledger().of(PAYER.publicKey(), CreditKind.ROYALTY)).isEqualTo(COUNTED / 10);
        chain.post(batch, BatchState.FINAL);
        assertThat(failed(audit(good.job(), batch, Optional.empty()))).as("nobody registered the model").containsExactly("split");
        chain.royalty = Optional.of(royalty);
        assertThat(failed(audit(good.job(), batch, Optional.empty()))).isEmpty();
        assertThat(failed(audit(good))).as("a royalty that was not paid").containsExactly("split");
    }

    @Test
    void a_fee_that_the_market_does_not_take_is_found() {
        Served good = good();
        BatchDocument batch = BatchDocument.build(POOL, MINT, 1, 0, CreditLedger.EMPTY, List.of(good), List.of(), List.of(), List.of(),
                new CreditRules(800, 201, RULES.treasury(), List.of()));
        chain.post(batch, BatchState.FINAL);
        assertThat(failed(audit(good.job(), batch, Optional.empty()))).containsExactly("split");
    }

    @Test
    void a_voucher_of_another_key_is_found() {
        assertThat(failed(audit(byVoucher(voucher(CEILING, PAYER), COUNTED)))).containsExactly("payment");
    }

    @Test
    void a_charge_beyond_the_voucher_is_found() {
        assertThat(failed(audit(byVoucher(voucher(COUNTED - 1, SESSION), COUNTED)))).containsExactly("payment");
    }

    @Test
    void an_escrow_of_another_market_is_found() {
        chain.escrows.put(ESCROW, account(POOL, SESSION));
        assertThat(failed(audit(good()))).containsExactly("payment");
    }

    @Test
    void an_escrow_that_was_left_still_proves_its_vouchers() {
        chain.escrows.clear();
        assertThat(failed(audit(good()))).containsExactly("payment");
        EscrowFacts left = account(MARKET, SESSION);
        chain.escrows.put(ESCROW, new EscrowFacts(left.market(), left.payer(), left.mint(), left.sessionKey(), left.operator(), EscrowFacts.State.CLOSED, left.deposited(),
                COUNTED, COUNTED, 0, 0, 0));
        assertThat(failed(audit(good()))).isEmpty();
    }

    @Test
    void a_transfer_that_is_not_on_chain_or_of_another_amount_is_found() {
        assertThat(failed(audit(byTransfer(CEILING)))).containsExactly("payment");
        landed(CEILING - 1);
        assertThat(failed(audit(byTransfer(CEILING)))).containsExactly("payment");
        chain.payments.put(TRANSACTION, new PaymentFacts.Failed("no funds"));
        assertThat(failed(audit(byTransfer(CEILING)))).containsExactly("payment");
    }

    @Test
    void a_document_that_is_not_the_one_on_chain_is_found() {
        Served good = good();
        landed(CEILING);
        chain.post(batch(1, CreditLedger.EMPTY, 0, good, byTransfer(CEILING)), BatchState.FINAL);
        assertThat(failed(audit(good.job(), batch(1, CreditLedger.EMPTY, 0, good), Optional.empty()))).containsExactly("receipts root", "credits root");
    }

    @Test
    void a_batch_that_was_never_posted_is_found() {
        assertThat(failed(audit(good().job(), batch(1, CreditLedger.EMPTY, 0, good()), Optional.empty()))).containsExactly("batch on chain", "receipts root", "credits root");
    }

    @Test
    void a_job_that_is_not_in_the_batch_is_found() {
        BatchDocument batch = batch(1, CreditLedger.EMPTY, 0, good());
        chain.post(batch, BatchState.FINAL);
        assertThat(failed(audit(Hash.ZERO, batch, Optional.empty()))).containsExactly("job in batch");
    }

    @Test
    void the_pool_of_another_market_is_found() {
        BatchDocument foreign = BatchDocument.build(MARKET, MINT, 1, 0, CreditLedger.EMPTY, List.of(good()), List.of(), List.of(), List.of(), RULES);
        chain.post(foreign, BatchState.FINAL);
        assertThat(failed(audit(good().job(), foreign, Optional.empty()))).contains("batch on chain", "receipts root", "credits root");
    }

    @Test
    void credits_must_build_on_the_last_final_ones() {
        landed(CEILING);
        BatchDocument first = batch(1, CreditLedger.EMPTY, 0, byTransfer(CEILING));
        BatchDocument second = batch(2, first.ledger(), 1, good());
        chain.post(first, BatchState.FINAL);
        chain.post(second, BatchState.FINAL);
        assertThat(failed(audit(good().job(), second, Optional.of(first)))).isEmpty();
        assertThat(failed(audit(good().job(), second, Optional.empty()))).containsExactly("credits");

        BatchDocument forgetful = batch(2, CreditLedger.EMPTY, 0, good());
        chain.post(forgetful, BatchState.FINAL);
        assertThat(failed(audit(good().job(), forgetful, Optional.empty()))).containsExactly("credits");
    }

    @Test
    void credits_that_favour_somebody_are_found() {
        UnaryOperator<BatchDocument> favour = batch -> new BatchDocument(batch.pool(), batch.mint(), batch.seq(), batch.base(), batch.rules(), batch.served(), batch.failed(), batch.unearned(),
                batch.evidence(),
                batch.credits().stream().map(credit -> new Credit(credit.payee(), credit.kind(), credit.cumulative() + 1)).toList());
        BatchDocument batch = favour.apply(batch(1, CreditLedger.EMPTY, 0, good()));
        chain.post(batch, BatchState.FINAL);
        assertThat(failed(audit(good().job(), batch, Optional.empty()))).containsExactly("credits");
    }

    @Test
    void a_refunded_payment_is_checked_on_chain() {
        var failed = new BatchDocument.Failed(JobId.exact(MESSAGE), "node_lost", exact(CEILING));
        BatchDocument batch = BatchDocument.build(POOL, MINT, 1, 0, CreditLedger.EMPTY, List.of(), List.of(failed), List.of(), List.of(), RULES);
        chain.post(batch, BatchState.FINAL);
        assertThat(failed(audit(failed.job(), batch, Optional.empty()))).containsExactly("payment");
        landed(CEILING);
        assertThat(failed(audit(failed.job(), batch, Optional.empty()))).isEmpty();
    }

    @Test
    void a_verified_job_without_its_draw_and_a_confidential_one_without_evidence_do_not_hold() {
        PaymentRecord.ByVoucher payment = voucher(CEILING, SESSION);
        Assignment verified = order(payment.jobId(), Payment.VOUCHER, Tier.VERIFIED);
        assertThat(failed(audit(new Served(receipt(verified, COUNTED).sign(RECEIPT_KEY), verified.sign(GATEWAY), payment, Optional.empty(), Optional.empty()))))
                .containsExactly("sample");
        Assignment confidential = order(payment.jobId(), Payment.VOUCHER, Tier.CONFIDENTIAL);
        assertThat(failed(audit(new Served(receipt(confidential, COUNTED).sign(RECEIPT_KEY), confidential.sign(GATEWAY), payment, Optional.empty(), Optional.empty()))))
                .containsExactly("evidence");
    }

    // --- confidential jobs: quote, key, receipt, each forged in turn -------------------------------------------------------

    private static final Instant NOW = Instant.ofEpochMilli(1_500);
    private static final DevelopmentTee HARDWARE = DevelopmentTee.create(NOW);
    private static final Policy POLICY = Policy.development(HARDWARE.trustAnchor());
    private static final PublicKey SEALING_KEY = key(11).publicKey();

    /** Evidence of the node as a relayer gives it. */
    private static Evidence evidence(DevelopmentTee tee, PublicKey receiptKey, long expiresMs, Function<byte[], byte[]> forged) {
        var bound = ReportData.bind(NODE.publicKey().toByteArray(), receiptKey.toByteArray(), SEALING_KEY.toByteArray(), NONCE.bytes());
        byte[] quote = forged.apply(tee.quote(bound, DevelopmentTee.measurementOf("node")));
        return new Evidence(Hash.sha256(quote), NODE.publicKey(), receiptKey, SEALING_KEY, "tdx", NONCE.bytes(), quote, tee.collateral(NOW).toJson(), NOW.toEpochMilli(), expiresMs, true,
                new Measurement(DevelopmentTee.measurementOf("node").workload().toArray()), "{}");
    }

    private static final Evidence GOOD = evidence(HARDWARE, RECEIPT_KEY.publicKey(), 4_000, quote -> quote);

    private List<Finding> confidential(Evidence named, List<Evidence> given, Policy policy) {
        PaymentRecord.ByVoucher payment = voucher(CEILING, SESSION);
        Assignment order = order(payment.jobId(), Payment.VOUCHER, Tier.CONFIDENTIAL);
        Receipt plain = receipt(order, COUNTED);
        var receipt = new Receipt(plain.jobId(), plain.node(), plain.modelId(), plain.engine(), plain.tier(), plain.seed(), plain.sampler(), plain.promptCommitment(), plain.outputHash(),
                plain.tokensIn(), plain.tokensOut(), plain.mint(), plain.charge(), plain.finish(), plain.traceRoot(), named.hash(), plain.assignmentHash(), plain.startMs(), plain.endMs());
        var served = new Served(receipt.sign(RECEIPT_KEY), order.sign(GATEWAY), payment, Optional.empty(), Optional.empty());
        BatchDocument batch = BatchDocument.build(POOL, MINT, 1, 0, CreditLedger.EMPTY, List.of(served), List.of(), List.of(), given, RULES);
        chain.post(batch, BatchState.FINAL);
        return audit(served.job(), batch, Optional.empty(), policy);
    }

    private void assertEvidence(Evidence evidence, Policy policy, String code) {
        assertThat(confidential(evidence, List.of(evidence), policy)).filteredOn(finding -> !finding.passed()).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("evidence");
            assertThat(finding.why()).contains(code);
        });
    }

    @Test
    void a_confidential_job_holds_where_its_quote_binds_the_key_that_signed_its_receipt() {
        assertThat(confidential(GOOD, List.of(GOOD), POLICY)).allMatch(Finding::passed).extracting(Finding::check).contains("evidence");
        assertThat(confidential(GOOD, List.of(GOOD), POLICY)).extracting(Finding::why).anyMatch(why -> why.startsWith("DEVELOPMENT"));
    }

    @Test
    void evidence_that_is_not_there_or_another_than_the_receipt_names_is_found() {
        assertThat(failed(confidential(GOOD, List.of(), POLICY))).containsExactly("evidence");
        assertThat(failed(confidential(GOOD, List.of(evidence(DevelopmentTee.create(NOW), RECEIPT_KEY.publicKey(), 4_000, quote -> quote)), POLICY))).containsExactly("evidence");
    }

    @Test
    void a_quote_that_the_published_policy_does_not_take_is_found() {
        assertEvidence(GOOD, Policy.strict(), "evidence_development");
        assertEvidence(evidence(DevelopmentTee.create(NOW), RECEIPT_KEY.publicKey(), 4_000, quote -> quote), POLICY, "tdx.pck.root");
        assertEvidence(GOOD, POLICY.withMeasurements(List.of(DevelopmentTee.measurementOf("another"))), "tdx.policy.measurement");
        assertEvidence(evidence(HARDWARE, RECEIPT_KEY.publicKey(), 4_000, quote -> {
            quote[200] ^= 1;
            return quote;
        }), POLICY, "tdx.quote.signature");
    }

    @Test
    void a_quote_of_another_key_than_the_registrys_is_found() {
        assertEvidence(evidence(HARDWARE, PAYER.publicKey(), 4_000, quote -> quote), POLICY, "evidence_keys");
        // The document says that it binds the registry's key, and the quote does not.
        Evidence other = evidence(HARDWARE, PAYER.publicKey(), 4_000, quote -> quote);
        assertEvidence(new Evidence(other.hash(), GOOD.node(), GOOD.receiptKey(), GOOD.sealingKey(), "tdx", GOOD.nonce(), other.quote(), GOOD.collateral(), GOOD.receivedMs(),
                GOOD.expiresMs(), true, GOOD.measurement(), "{}"), POLICY, "tdx.policy.report-data");
    }

    @Test
    void a_measurement_that_the_models_publisher_does_not_allow_is_found() {
        byte[] other = new byte[48];
        chain.models.put(Hash.ZERO, new RegisteredModel(Hash.ZERO, PAYER.publicKey(), PAYER.publicKey(), false, 0, 0, 0, List.of(new Measurement(other))));
        assertEvidence(GOOD, POLICY, "evidence_measurement");
        chain.models.put(Hash.ZERO, new RegisteredModel(Hash.ZERO, PAYER.publicKey(), PAYER.publicKey(), false, 0, 0, 0, List.of(new Measurement(other), GOOD.measurement())));
        assertThat(failed(confidential(GOOD, List.of(GOOD), POLICY))).isEmpty();
    }

    @Test
    void evidence_that_did_not_count_when_the_job_was_served_or_is_said_to_count_too_long_is_found() {
        assertEvidence(evidence(HARDWARE, RECEIPT_KEY.publicKey(), 2_500, quote -> quote), POLICY, "evidence_stale");
        assertEvidence(evidence(HARDWARE, RECEIPT_KEY.publicKey(), 4_000 + EvidenceRules.MAX_LIFETIME.toMillis(), quote -> quote), POLICY, "evidence_stale");
    }
}
