package network.nyxos.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingPublicKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.JobProof;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// Quote, key, receipt, payment: a proof whose links all hold, and each link forged in turn.
class ProofAuditTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final DevelopmentTee HARDWARE = DevelopmentTee.create(NOW);
    private static final Policy POLICY = Policy.development(HARDWARE.trustAnchor());
    private static final network.nyxos.attestation.Measurement WORKLOAD = DevelopmentTee.measurementOf("node");
    private static final Keypair RECEIPT_KEY = Keypair.generate();
    private static final Keypair PAYER = Keypair.generate();
    private static final Keypair SESSION = Keypair.generate();
    private static final PublicKey NODE = Keypair.generate().publicKey();
    private static final SealingPublicKey SEALING = SealingKey.generate(SealingSuite.X_WING).publicKey();
    private static final PublicKey SEALING_KEY = SEALING.id();
    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static final PublicKey ESCROW = Keypair.generate().publicKey();
    private static final Hash MODEL = Hash.sha256(new byte[] {1});
    private static final Hash NONCE = Hash.sha256(new byte[] {2});
    private static final Hash REQUEST = Hash.sha256(new byte[] {3});
    private static final long CHARGE = 42;
    private static final List<String> LINKS = List.of("evidence", "sealing", "receipt signature", "receipt", "job", "payment");

    private static JobProof.Shown shown(DevelopmentTee tee, PublicKey receiptKey) {
        Bytes bound = ReportData.bind(NODE.toByteArray(), receiptKey.toByteArray(), SEALING_KEY.toByteArray(), NONCE.bytes());
        return new JobProof.Shown("tdx", NONCE, tee.quote(bound, WORKLOAD), tee.collateral(NOW).toJson());
    }

    private static WireTransaction transfer(Keypair owner, PublicKey mint, long amount) {
        PublicKey sponsor = Keypair.generate().publicKey();
        return TransactionBuilder.legacy(sponsor).add(BuiltIn.computeUnitLimit(40_000)).add(Tokens.transferChecked(ESCROW, mint, SESSION.publicKey(), owner.publicKey(), amount, 6, WellKnown.TOKEN))
            .compile(Hash.sha256(new byte[] {4})).signPartly(owner);
    }

    private static JobProof.Payment.ByVoucher voucher(Keypair signer, long cumulative, long ceiling) {
        EscrowPayload payload = EscrowPayload.sign(new Voucher(ESCROW, cumulative, 0), NONCE, REQUEST, signer);
        return new JobProof.Payment.ByVoucher(payload, REQUEST, ceiling, Optional.of(SESSION.publicKey()));
    }

    private static Receipt receipt(Hash job) {
        return new Receipt(job, NODE, MODEL, "engine", Tier.CONFIDENTIAL, 0, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 5, 3, MINT, CHARGE, Finish.STOP, Hash.ZERO, Hash.ZERO, Hash.ZERO, 1, 2);
    }

    private static JobProof paidBy(JobProof.Payment payment) {
        return new JobProof(NOW.toEpochMilli(), NODE, RECEIPT_KEY.publicKey(), SEALING_KEY, Optional.of(SEALING), shown(HARDWARE, RECEIPT_KEY.publicKey()), MODEL, 16, Sampler.GREEDY,
            receipt(payment.jobId()).sign(RECEIPT_KEY), Optional.of(payment));
    }

    private static final JobProof EXACT = paidBy(new JobProof.Payment.Exact(transfer(PAYER, MINT, CHARGE)));
    private static final JobProof VOUCHER = paidBy(voucher(SESSION, 100, 50));

    private static JobProof with(JobProof proof, JobProof.Shown evidence, SignedReceipt receipt, Optional<JobProof.Payment> payment) {
        return new JobProof(proof.judgedMs(), proof.node(), proof.receiptKey(), proof.sealingKey(), proof.sealing(), evidence, proof.model(), proof.maxOutput(), proof.sampler(), receipt, payment);
    }

    private static JobProof paid(JobProof.Payment payment) {
        return with(EXACT, EXACT.evidence(), EXACT.receipt(), Optional.of(payment));
    }

    private static List<ProofAudit.Link> audit(JobProof proof, Policy policy) {
        return new ProofAudit(policy, Optional.empty()).check(proof);
    }

    private static List<String> broken(List<ProofAudit.Link> links) {
        return links.stream().filter(link -> !link.passed()).map(ProofAudit.Link::check).toList();
    }

    private static void assertBroken(JobProof proof, String link, String word) {
        assertThat(audit(proof, POLICY)).filteredOn(each -> !each.passed()).singleElement().satisfies(each -> {
            assertThat(each.check()).isEqualTo(link);
            assertThat(each.why()).contains(word);
        });
    }

    @Test
    void a_proof_holds_link_by_link_also_when_it_was_kept_in_a_file() {
        for (JobProof proof : List.of(EXACT, VOUCHER)) {
            JobProof read = JobProof.decode(proof.encode());
            assertThat(read).isEqualTo(proof);
            assertThat(audit(read, POLICY)).extracting(ProofAudit.Link::check).containsExactlyElementsOf(LINKS);
            assertThat(broken(audit(read, POLICY))).isEmpty();
            assertThat(audit(read, POLICY).getFirst().why()).as("a development TEE is named as such").contains("DEVELOPMENT");
        }
    }

    @Test
    void the_quote_must_hang_on_a_root_of_the_policy_and_measure_what_it_names() {
        assertThat(broken(audit(EXACT, Policy.strict()))).containsExactly("evidence");
        assertThat(broken(audit(EXACT, POLICY.withMeasurements(List.of(WORKLOAD))))).isEmpty();
        assertThat(broken(audit(EXACT, POLICY.withMeasurements(List.of(DevelopmentTee.measurementOf("another")))))).containsExactly("evidence");
        assertBroken(with(EXACT, shown(DevelopmentTee.create(NOW), RECEIPT_KEY.publicKey()), EXACT.receipt(), EXACT.payment()), "evidence", "tdx.pck.root");
    }

    @Test
    void the_quote_must_be_whole_and_of_the_time_at_which_it_was_judged() {
        byte[] quote = EXACT.evidence().quote();
        quote[200] ^= 1;
        assertBroken(with(EXACT, new JobProof.Shown("tdx", NONCE, quote, EXACT.evidence().collateral()), EXACT.receipt(), EXACT.payment()), "evidence", "tdx.quote.signature");
        assertBroken(with(EXACT, new JobProof.Shown("sgx", NONCE, quote, EXACT.evidence().collateral()), EXACT.receipt(), EXACT.payment()), "evidence", "sgx");
        var late = new JobProof(NOW.plusSeconds(40 * 86_400).toEpochMilli(), NODE, RECEIPT_KEY.publicKey(), SEALING_KEY, Optional.of(SEALING), EXACT.evidence(), MODEL, 16, Sampler.GREEDY, EXACT.receipt(), EXACT.payment());
        assertThat(broken(audit(late, POLICY))).containsExactly("evidence");
    }

    @Test
    void the_quote_must_bind_all_three_keys_and_the_nonce() {
        PublicKey other = Keypair.generate().publicKey();
        assertBroken(with(EXACT, shown(HARDWARE, other), EXACT.receipt(), EXACT.payment()), "evidence", "tdx.policy.report-data");
        JobProof.Shown shown = EXACT.evidence();
        assertBroken(with(EXACT, new JobProof.Shown("tdx", Hash.ZERO, shown.quote(), shown.collateral()), EXACT.receipt(), EXACT.payment()), "evidence", "report-data");
        var sealed = new JobProof(EXACT.judgedMs(), NODE, RECEIPT_KEY.publicKey(), other, Optional.of(SEALING), shown, MODEL, 16, Sampler.GREEDY, EXACT.receipt(), EXACT.payment());
        assertThat(broken(audit(sealed, POLICY))).containsExactly("evidence", "sealing");
        var foreign = new JobProof(EXACT.judgedMs(), other, RECEIPT_KEY.publicKey(), SEALING_KEY, Optional.of(SEALING), shown, MODEL, 16, Sampler.GREEDY, EXACT.receipt(), EXACT.payment());
        assertThat(broken(audit(foreign, POLICY))).as("the receipt is of another node as well").containsExactly("evidence", "receipt");
    }

    private static JobProof sealedBy(Optional<SealingPublicKey> sealing) {
        return new JobProof(EXACT.judgedMs(), NODE, RECEIPT_KEY.publicKey(), SEALING_KEY, sealing, EXACT.evidence(), MODEL, 16, Sampler.GREEDY, EXACT.receipt(), EXACT.payment());
    }

    @Test
    void the_prompt_must_have_been_sealed_by_the_suite_and_to_the_key_that_the_quote_binds() {
        assertThat(audit(EXACT, POLICY)).filteredOn(link -> link.check().equals("sealing")).singleElement().satisfies(link -> assertThat(link.why()).contains("x-wing"));
        assertBroken(sealedBy(Optional.of(SealingKey.generate(SealingSuite.X_WING).publicKey())), "sealing", "has to bind");
        assertBroken(sealedBy(Optional.of(new SealingPublicKey(SealingSuite.X25519, SEALING_KEY.toByteArray()))), "sealing", "x25519");
        JobProof unnoted = JobProof.decode(sealedBy(Optional.empty()).encode());
        assertThat(audit(unnoted, POLICY)).as("of a proof from before there were suites").extracting(ProofAudit.Link::check).doesNotContain("sealing");
        assertThat(broken(audit(unnoted, POLICY))).isEmpty();
    }

    @Test
    void the_bound_key_must_have_signed_the_receipt() {
        Receipt receipt = EXACT.receipt().receipt();
        assertBroken(with(EXACT, EXACT.evidence(), receipt.sign(Keypair.generate()), EXACT.payment()), "receipt signature", "has not signed it");
        Receipt dearer = new Receipt(receipt.jobId(), NODE, MODEL, "engine", Tier.CONFIDENTIAL, 0, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 6, 3, MINT, CHARGE, Finish.STOP, Hash.ZERO, Hash.ZERO,
            Hash.ZERO, 1, 2);
        assertBroken(with(EXACT, EXACT.evidence(), new SignedReceipt(dearer, EXACT.receipt().signature()), EXACT.payment()), "receipt signature", "has not signed it");
    }

    @Test
    void the_receipt_must_answer_what_was_asked() {
        assertBroken(asked(Hash.ZERO, 16, Sampler.GREEDY), "receipt", "another node, model");
        assertBroken(asked(MODEL, 2, Sampler.GREEDY), "receipt", "length");
        assertBroken(asked(MODEL, 16, new Sampler(1, 1_000_000, 0)), "receipt", "sampler");
    }

    private static JobProof asked(Hash model, int most, Sampler sampler) {
        return new JobProof(EXACT.judgedMs(), NODE, RECEIPT_KEY.publicKey(), SEALING_KEY, Optional.of(SEALING), EXACT.evidence(), model, most, sampler, EXACT.receipt(), EXACT.payment());
    }

    @Test
    void the_receipt_must_be_of_the_job_that_was_paid_for() {
        assertBroken(paid(new JobProof.Payment.Exact(transfer(PAYER, MINT, CHARGE))), "job", "the payment is for");
        assertThat(broken(audit(with(EXACT, EXACT.evidence(), EXACT.receipt(), Optional.empty()), POLICY))).containsExactly("job", "payment");
    }

    @Test
    void a_transfer_must_be_signed_by_its_owner_and_cover_the_charge_in_its_mint() {
        assertBroken(paidBy(new JobProof.Payment.Exact(transfer(PAYER, MINT, CHARGE - 1))), "payment", "paid were 41 base units, charged are 42");
        assertBroken(paidBy(new JobProof.Payment.Exact(transfer(PAYER, NODE, CHARGE))), "payment", "paid was in mint " + NODE);
        WireTransaction transfer = transfer(PAYER, MINT, CHARGE);
        byte[] unsigned = transfer.bytes();
        unsigned[1 + 64] ^= 1;
        assertBroken(paidBy(new JobProof.Payment.Exact(WireTransaction.decode(unsigned))), "payment", "has not signed the transfer");
        WireTransaction other = TransactionBuilder.legacy(PAYER.publicKey()).add(BuiltIn.computeUnitLimit(1)).compile(Hash.ZERO).signPartly(PAYER);
        assertBroken(paidBy(new JobProof.Payment.Exact(other)), "payment", "not one TransferChecked");
    }

    @Test
    void a_voucher_must_be_signed_for_this_request_and_cover_the_charge() {
        assertBroken(paidBy(voucher(SESSION, 100, CHARGE - 1)), "payment", "agreed were at most 41");
        assertBroken(paidBy(voucher(SESSION, CHARGE - 1, 50)), "payment", "signed for 41");
        assertBroken(paidBy(voucher(PAYER, 100, 50)), "payment", "has not signed the voucher");
        JobProof.Payment.ByVoucher good = voucher(SESSION, 100, 50);
        assertBroken(paidBy(new JobProof.Payment.ByVoucher(good.payload(), Hash.ZERO, 50, good.session())), "payment", "for this request");
        assertBroken(paidBy(new JobProof.Payment.ByVoucher(good.payload(), REQUEST, 50, Optional.empty())), "payment", "names no session key");
        assertThat(good.jobId()).isEqualTo(JobId.voucher(ESCROW, NONCE));
    }

    // --- the registry ---------------------------------------------------------------------------------------------------

    private record Known(Optional<NodeRegistry.Entry> entry, Optional<RegisteredModel> registered) implements NodeRegistry {
        @Override
        public Optional<Entry> find(PublicKey node) {
            return entry.filter(_ -> node.equals(NODE));
        }

        @Override
        public Optional<RegisteredModel> model(Hash id) {
            return registered.filter(model -> model.model().equals(id));
        }
    }

    private static NodeRegistry.Entry entry(PublicKey receiptKey, boolean ended) {
        return new NodeRegistry.Entry(true, Set.of(Tier.CONFIDENTIAL), receiptKey, Optional.of(SEALING_KEY), ended);
    }

    private static RegisteredModel model(network.nyxos.attestation.Measurement allowed) {
        return new RegisteredModel(MODEL, NODE, NODE, false, 0, 0, 0, List.of(new Measurement(allowed.workload().toArray())));
    }

    private static void assertRegistry(NodeRegistry registry, String word) {
        assertThat(new ProofAudit(POLICY, Optional.of(registry)).check(EXACT)).filteredOn(link -> !link.passed()).singleElement().satisfies(link -> {
            assertThat(link.check()).isEqualTo("registry");
            assertThat(link.why()).contains(word);
        });
    }

    @Test
    void the_registry_must_bear_the_keys_and_the_models_measurement_out_where_it_is_asked() {
        NodeRegistry.Entry good = entry(RECEIPT_KEY.publicKey(), false);
        assertThat(broken(new ProofAudit(POLICY, Optional.of(new Known(Optional.of(good), Optional.of(model(WORKLOAD))))).check(EXACT))).isEmpty();
        assertThat(broken(new ProofAudit(POLICY, Optional.of(new Known(Optional.of(good), Optional.empty()))).check(EXACT))).as("a model that nobody registered").isEmpty();
        assertRegistry(new Known(Optional.empty(), Optional.empty()), "not in the registry");
        assertRegistry(new Known(Optional.of(entry(NODE, false)), Optional.empty()), "other keys");
        assertRegistry(new Known(Optional.of(entry(RECEIPT_KEY.publicKey(), true)), Optional.empty()), "ended for good");
        assertRegistry(new Known(Optional.of(good), Optional.of(model(DevelopmentTee.measurementOf("another")))), "none that the publisher of its model allows");
        assertRegistry((OnlyNodes) _ -> {
            throw new NodeRegistry.UnreachableException("no answer", new IOException());
        }, "no answer");
    }

    // --- the file --------------------------------------------------------------------------------------------------------

    private static void assertUnreadable(UnaryOperator<String> change, String word) {
        byte[] changed = change.apply(new String(EXACT.encode(), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> JobProof.decode(changed)).isInstanceOf(ProtocolException.class).hasMessageContaining(word);
    }

    @Test
    void a_file_that_is_no_proof_is_told_so() {
        assertUnreadable(_ -> "hello", "not JSON");
        assertUnreadable(text -> text.replace("\"version\":1", "\"version\":2"), "version must be");
        assertUnreadable(text -> text.replace("\"maxOutput\":16", "\"maxOutput\":0"), "maxOutput must be");
        assertUnreadable(text -> text.replaceFirst("\"job\":\"..", "\"job\":\"zz"), "job must be");
        assertUnreadable(text -> text.replaceFirst("\"job\":\"[0-9a-f]{64}", "\"job\":\"" + "00".repeat(32)), "the receipt's");
        assertUnreadable(text -> text.replace("\"kind\":\"exact\"", "\"kind\":\"cash\""), "kind must be exact or voucher");
        assertUnreadable(text -> text.replaceFirst("\\{", "{\"more\":1,"), "more is not a known field");
    }
}
