package network.nyxos.relayer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.relayer.Papers;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// The gate's rules, one by one, over facts that a test can make up.
class GateRulesTest {
    private static final Papers PAPERS = new Papers(Keypair.generate().publicKey(), Keypair.generate());
    private static final Papers.NodeKeys NODE = new Papers.NodeKeys(Keypair.generate(), Keypair.generate(), SealingKey.generate(SealingSuite.X25519), Keypair.generate().publicKey(),
        Set.of(Tier.OPEN));
    private static final PublicKey PAYER = Keypair.generate().publicKey();
    private static final PaymentRecord.Exact EXACT = new PaymentRecord.Exact(Signature.of(new byte[64]), Hash.sha256(new byte[] {1}), PAYER, PAPERS.mint(), 500,
        Optional.empty());
    private static final SignedAssignment ORDER = PAPERS.assign(EXACT, NODE, Tier.OPEN, 500);
    private static final Papers.Work WORK = PAPERS.work(ORDER, NODE, Hash.ZERO, 1, 2, 3);

    private static String code(Ruling ruling) {
        return switch (ruling) {
            case Ruling.Pass() -> "pass";
            case Ruling.Wait(var reason) -> "wait " + reason.code();
            case Ruling.Refuse(var reason) -> reason.code();
            case Ruling.Dispute(var reason, var ignored) -> "dispute " + reason.code();
        };
    }

    private static Receipt receipt(Assignment order, int tokensIn, int tokensOut, long charge, long seed, long start, long end) {
        return new Receipt(order.jobId(), order.node(), order.modelId(), Papers.ENGINE, order.tier(), seed, order.sampler(), Hash.ZERO, Hash.ZERO, tokensIn,
            tokensOut, order.mint(), charge, Finish.STOP, Hash.ZERO, Hash.ZERO, order.digest(), start, end);
    }

    private static String paper(int tokensIn, int tokensOut, long charge, long seed, long startAfter, long endAfter) {
        Assignment order = ORDER.assignment();
        return code(PaperRules.judge(order, receipt(order, tokensIn, tokensOut, charge, seed, order.issuedMs() + startAfter, order.issuedMs() + endAfter)));
    }

    @Test
    void a_receipt_answers_its_assignment_and_charges_what_is_due() {
        assertThat(paper(3, 20, 500, 42, 1, 2)).isEqualTo("pass");
        assertThat(paper(3, 20, 499, 42, 1, 2)).as("an exact job charges its ceiling").isEqualTo("receipt_charge");
        assertThat(paper(3, 20, 500, 43, 1, 2)).isEqualTo("receipt_fields");
        assertThat(paper(3, 65, 500, 42, 1, 2)).isEqualTo("receipt_output");
        assertThat(paper(200, 64, 500, 42, 1, 2)).as("counts above the ceiling").isEqualTo("receipt_ceiling");
        assertThat(paper(3, 20, 500, 42, -2_000, 2)).as("clocks may differ by two seconds").isEqualTo("pass");
        assertThat(paper(3, 20, 500, 42, -2_001, 2)).isEqualTo("receipt_times");
        assertThat(paper(3, 20, 500, 42, 1, Papers.PATIENCE_MS + 2_001)).isEqualTo("receipt_times");
        Receipt other = receipt(PAPERS.assign(EXACT, NODE, Tier.OPEN, 499).assignment(), 3, 20, 500, 42, 1, 2);
        assertThat(code(PaperRules.judge(ORDER.assignment(), other))).isEqualTo("receipt_assignment");
    }

    @Test
    void a_voucher_job_charges_its_real_counts() {
        Assignment exact = ORDER.assignment();
        var order = new Assignment(exact.jobId(), exact.gateway(), exact.node(), exact.modelId(), exact.tier(), 0, 64, exact.mint(), Papers.PRICE, 500, Payment.VOUCHER,
            exact.requestHash(), 42, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, exact.issuedMs(), exact.deadlineMs());
        assertThat(code(PaperRules.judge(order, receipt(order, 3, 20, 166, 42, order.issuedMs(), order.issuedMs())))).isEqualTo("pass");
        assertThat(code(PaperRules.judge(order, receipt(order, 3, 20, 167, 42, order.issuedMs(), order.issuedMs())))).isEqualTo("receipt_charge");
        assertThat(code(PaperRules.judge(order, receipt(order, 3, 20, 500, 42, order.issuedMs(), order.issuedMs())))).isEqualTo("receipt_charge");
    }

    @Test
    void several_choices_cost_no_more_than_their_outputs_together_and_their_receipt_is_one() {
        // Three choices of 20 tokens and at most 3 prompt tokens: 3 · 2 + 60 · 8 = 486.
        long ceiling = Papers.PRICE.charge(3, 60);
        Assignment order = voucher(60, ceiling);
        assertThat(several(order, 60, ceiling)).isEqualTo("pass");
        assertThat(several(order, 41, Papers.PRICE.charge(3, 41))).as("the real counts of all of them").isEqualTo("pass");
        assertThat(several(order, 41, ceiling)).isEqualTo("receipt_charge");
        assertThat(several(order, 61, Papers.PRICE.charge(3, 61))).as("one token more than three outputs").isEqualTo("receipt_output");
        assertThat(several(voucher(60, Papers.PRICE.charge(3, 20)), 60, ceiling)).as("a payer that signed for one choice").isEqualTo("receipt_ceiling");
        assertThat(several(voucher(60, Papers.PRICE.charge(3, 20)), 60, Papers.PRICE.charge(3, 20))).isEqualTo("receipt_ceiling");
    }

    private static Assignment voucher(int maxOutput, long ceiling) {
        Assignment a = ORDER.assignment();
        return new Assignment(a.jobId(), a.gateway(), a.node(), a.modelId(), a.tier(), 0, maxOutput, a.mint(), Papers.PRICE, ceiling, Payment.VOUCHER, a.requestHash(), 42, Sampler.GREEDY, Hash.ZERO,
            Hash.ZERO, a.issuedMs(), a.deadlineMs());
    }

    private static String several(Assignment order, int tokensOut, long charge) {
        List<ReplyChoice> choices = List.of(new ReplyChoice(Hash.sha256(new byte[] {1}), Finish.LENGTH, 20), new ReplyChoice(Hash.sha256(new byte[] {2}), Finish.STOP, tokensOut - 20));
        return code(PaperRules.judge(order, new Receipt(order.jobId(), order.node(), order.modelId(), Papers.ENGINE, order.tier(), 42, order.sampler(), Hash.ZERO, ReplyChoice.hash(choices), 3, tokensOut,
            order.mint(), charge, ReplyChoice.finish(choices), Hash.ZERO, Hash.ZERO, order.digest(), order.issuedMs(), order.issuedMs())));
    }

    @Test
    void several_choices_open_no_receipt_of_the_verified_tier() {
        Receipt plain = WORK.receipt().receipt();
        var choices = List.of(new ReplyChoice(plain.outputHash(), Finish.STOP, 20), new ReplyChoice(TokenHash.output(new int[0]), Finish.CANCELLED, 0));
        var receipt = new Receipt(plain.jobId(), plain.node(), plain.modelId(), plain.engine(), plain.tier(), plain.seed(), plain.sampler(), plain.promptCommitment(), ReplyChoice.hash(choices),
            plain.tokensIn(), plain.tokensOut(), plain.mint(), plain.charge(), Finish.CANCELLED, plain.traceRoot(), plain.quoteHash(), plain.assignmentHash(), plain.startMs(), plain.endMs());
        assertThat(opened(receipt, WORK.salt(), WORK.prompt(), WORK.output())).as("no sequence of tokens has such an output hash").isEqualTo("dispute reveal_output");
    }

    @Test
    void only_an_active_node_of_the_tier_is_paid_and_only_for_what_its_receipt_key_signed() {
        assertThat(code(NodeRules.judge(WORK.receipt(), Optional.empty()))).isEqualTo("node_unregistered");
        assertThat(code(NodeRules.judge(WORK.receipt(), node(NodeFacts.State.ACTIVE, 1, NODE.receipt())))).isEqualTo("pass");
        for (NodeFacts.State state : List.of(NodeFacts.State.UNBONDING, NodeFacts.State.WITHDRAWN, NodeFacts.State.SLASHED)) {
            assertThat(code(NodeRules.judge(WORK.receipt(), node(state, 1, NODE.receipt())))).isEqualTo("node_inactive");
        }
        assertThat(code(NodeRules.judge(WORK.receipt(), node(NodeFacts.State.ACTIVE, 6, NODE.receipt())))).isEqualTo("node_tier");
        assertThat(code(NodeRules.judge(WORK.receipt(), node(NodeFacts.State.ACTIVE, 1, NODE.node())))).isEqualTo("receipt_signature");
    }

    private static Optional<NodeFacts> node(NodeFacts.State state, int tiers, Keypair receiptKey) {
        return Optional.of(new NodeFacts(NODE.key(), NODE.key(), state, tiers, receiptKey.publicKey(), PublicKey.NONE, AttestationRecord.NONE, 1, 0));
    }

    @Test
    void an_exact_payment_is_one_transfer_by_that_payer_of_that_amount_in_that_transaction() {
        var right = new PaymentFacts.Transfer(PAYER, PAPERS.mint(), 500);
        assertThat(exact(EXACT.messageHash(), right)).isEqualTo("pass");
        assertThat(exact(Hash.ZERO, right)).isEqualTo("payment_message");
        assertThat(exact(EXACT.messageHash())).isEqualTo("payment_transfers");
        assertThat(exact(EXACT.messageHash(), right, right)).isEqualTo("payment_transfers");
        assertThat(exact(EXACT.messageHash(), new PaymentFacts.Transfer(NODE.key(), PAPERS.mint(), 500))).isEqualTo("payment_transfer");
        assertThat(exact(EXACT.messageHash(), new PaymentFacts.Transfer(PAYER, NODE.key(), 500))).isEqualTo("payment_transfer");
        assertThat(exact(EXACT.messageHash(), new PaymentFacts.Transfer(PAYER, PAPERS.mint(), 499))).isEqualTo("payment_transfer");
        assertThat(code(PaymentRules.exact(EXACT, new PaymentFacts.Absent()))).isEqualTo("wait payment_absent");
        assertThat(code(PaymentRules.exact(EXACT, new PaymentFacts.Failed("x")))).isEqualTo("payment_failed");
        assertThat(code(PaymentRules.covers(EXACT, 500))).isEqualTo("pass");
        assertThat(code(PaymentRules.covers(EXACT, 501))).isEqualTo("payment_amount");
    }

    private static String exact(Hash message, PaymentFacts.Transfer... transfers) {
        return code(PaymentRules.exact(EXACT, new PaymentFacts.Landed(message, List.of(transfers))));
    }

    @Test
    void a_voucher_job_is_bound_to_the_request_that_the_payer_signed() {
        PublicKey market = Keypair.generate().publicKey();
        var session = new Papers.Session(Keypair.generate(), Keypair.generate(), Keypair.generate().publicKey());
        PaymentRecord.ByVoucher payment = PAPERS.voucher(session, 900, Papers.REQUEST);
        var facts = Optional.of(escrow(market, session.key().publicKey(), 1_000, 0, 0, 0));
        assertThat(code(PaymentRules.signedByPayer(payment, Papers.REQUEST, facts, market))).isEqualTo("pass");
        assertThat(code(PaymentRules.signedByPayer(payment, Hash.ZERO, facts, market))).isEqualTo("request_signature");
        assertThat(code(PaymentRules.signedByPayer(payment, Papers.REQUEST, Optional.empty(), market))).isEqualTo("wait escrow_absent");
        assertThat(code(PaymentRules.signedByPayer(payment, Papers.REQUEST, facts, PAYER))).isEqualTo("escrow_foreign");
        assertThat(code(PaymentRules.signedByPayer(payment, Papers.REQUEST, Optional.of(escrow(market, PAYER, 1_000, 0, 0, 0)), market))).isEqualTo("voucher_signature");
        var replayed = new PaymentRecord.ByVoucher(payment.voucher(), payment.signature(), Hash.ZERO, payment.requestSignature(), PAPERS.mint());
        assertThat(code(PaymentRules.signedByPayer(replayed, Papers.REQUEST, facts, market))).as("another nonce is another job").isEqualTo("request_signature");
    }

    @Test
    void a_job_that_its_node_settled_by_itself_is_refused_and_what_it_was_charged_counts_against_every_bound() {
        PublicKey market = Keypair.generate().publicKey();
        var session = new Papers.Session(Keypair.generate(), Keypair.generate(), Keypair.generate().publicKey());
        PaymentRecord.ByVoucher payment = PAPERS.voucher(session, 900, Papers.REQUEST);
        EscrowFacts plain = escrow(market, session.key().publicKey(), 1_000, 0, 0, 0);
        assertThat(code(PaymentRules.signedByPayer(payment, Papers.REQUEST, Optional.of(with(plain, 0, 300, Set.of(payment.jobId()))), market))).isEqualTo("settled_directly");
        assertThat(code(PaymentRules.signedByPayer(payment, Papers.REQUEST, Optional.of(with(plain, 0, 300, Set.of(Hash.ZERO))), market))).as("another job").isEqualTo("pass");
        EscrowFacts taken = with(plain, 0, 300, Set.of(Hash.ZERO));
        assertThat(code(PaymentRules.debit(taken, 600, 900, 0, 0))).isEqualTo("pass");
        assertThat(code(PaymentRules.debit(taken, 601, 900, 0, 0))).isEqualTo("voucher_exceeded");
        assertThat(code(PaymentRules.debit(taken, 701, 2_000, 0, 0))).isEqualTo("deposit_exceeded");
        assertThat(code(PaymentRules.debit(with(plain, 500, 300, Set.of(Hash.ZERO)), 301, 2_000, 0, 0))).isEqualTo("session_limit");
    }

    private static EscrowFacts with(EscrowFacts facts, long sessionLimit, long charged, Set<Hash> jobs) {
        return new EscrowFacts(facts.market(), facts.payer(), facts.mint(), facts.sessionKey(), facts.operator(), facts.state(), facts.deposited(), facts.settled(),
            facts.collected(), facts.exitSlot(), facts.sessionExpires(), sessionLimit, new DirectJobs(charged, jobs));
    }

    private static EscrowFacts escrow(PublicKey market, PublicKey key, long deposited, long settled, long sessionExpires, long sessionLimit) {
        return new EscrowFacts(market, PAYER, PAPERS.mint(), key, PAYER, EscrowFacts.State.OPEN, deposited, settled, settled, 0, sessionExpires, sessionLimit);
    }

    @Test
    void a_debit_stays_within_voucher_deposit_session_and_time() {
        EscrowFacts plain = escrow(PAYER, PAYER, 1_000, 0, 0, 0);
        assertThat(code(PaymentRules.debit(plain, 700, 700, 10, 10))).isEqualTo("pass");
        assertThat(code(PaymentRules.debit(plain, 701, 700, 10, 10))).isEqualTo("voucher_exceeded");
        assertThat(code(PaymentRules.debit(plain, 1_001, 2_000, 10, 10))).isEqualTo("deposit_exceeded");
        assertThat(code(PaymentRules.debit(escrow(PAYER, PAYER, 1_000, 0, 0, 600), 601, 700, 10, 10))).isEqualTo("session_limit");
        assertThat(code(PaymentRules.debit(escrow(PAYER, PAYER, 1_000, 0, 9, 0), 600, 700, 10, 10))).isEqualTo("session_expired");
        var exiting = new EscrowFacts(PAYER, PAYER, PAPERS.mint(), PAYER, PAYER, EscrowFacts.State.EXITING, 1_000, 0, 0, 10, 0, 0);
        assertThat(code(PaymentRules.debit(exiting, 600, 700, 10, 9))).isEqualTo("pass");
        assertThat(code(PaymentRules.debit(exiting, 600, 700, 10, 10))).isEqualTo("escrow_exited");
        assertThat(code(PaymentRules.debit(escrow(PAYER, PAYER, 1_000, 600, 9, 0), 600, 0, 10, 10))).as("what was moved needs nothing more").isEqualTo("pass");
    }

    @Test
    void the_draw_follows_the_rate_and_nobody_can_choose_it() {
        Hash job = WORK.receipt().receipt().jobId();
        assertThat(new Sample(Sample.ALL, 5, 6, Hash.ZERO).draws(job)).isTrue();
        assertThat(new Sample(0, 5, 6, Hash.ZERO).draws(job)).isFalse();
        var random = new Random(1);
        long drawn = LongStream.range(0, 20_000).filter(i -> {
            byte[] hash = new byte[32];
            random.nextBytes(hash);
            return new Sample(100_000, 5, 6, Hash.of(hash)).draws(job);
        }).count();
        assertThat(drawn).isBetween(1_800L, 2_200L);
        assertThatThrownBy(() -> new Sample(1, 6, 6, Hash.ZERO)).isInstanceOf(ProtocolException.class);
    }

    private static String opened(Receipt receipt, Hash salt, int[] prompt, int[] output) {
        return code(ReplayRules.reveal(ORDER.assignment(), receipt, new Revealed(salt, prompt, output, Constraints.NONE, PromptText.NONE)));
    }

    @Test
    void what_a_node_reveals_opens_its_commitments() {
        Receipt receipt = WORK.receipt().receipt();
        assertThat(opened(receipt, WORK.salt(), WORK.prompt(), WORK.output())).isEqualTo("pass");
        assertThat(opened(receipt, WORK.salt(), new int[] {1, 2, 4}, WORK.output())).isEqualTo("dispute reveal_prompt");
        assertThat(opened(receipt, Hash.ZERO, WORK.prompt(), WORK.output())).isEqualTo("dispute reveal_prompt");
        assertThat(opened(receipt, WORK.salt(), WORK.prompt(), new int[] {1})).isEqualTo("dispute reveal_output");
        Receipt fewer = receipt(ORDER.assignment(), 2, 20, 500, 42, 1, 2);
        var counts = new Receipt(fewer.jobId(), fewer.node(), fewer.modelId(), fewer.engine(), fewer.tier(), 42, fewer.sampler(), TokenHash.prompt(WORK.salt(), WORK.prompt()),
            TokenHash.output(WORK.output()), 2, 20, fewer.mint(), 500, Finish.STOP, Hash.ZERO, Hash.ZERO, fewer.assignmentHash(), 1, 2);
        assertThat(opened(counts, WORK.salt(), WORK.prompt(), WORK.output())).isEqualTo("dispute reveal_counts");
        assertThat(new Revealed(WORK.salt(), WORK.prompt(), WORK.output(), Constraints.NONE, PromptText.NONE).toString()).as("no token is ever logged").isEqualTo("Revealed[3 prompt ids, 20 output ids]");
    }

    @Test
    void a_node_that_cut_its_reply_short_cannot_say_that_a_stop_text_was_asked_for() {
        var text = new PromptText(Hash.sha256(new byte[] {1}), List.of(new WireMessage.ChatMessage("user", "Why?")));
        var asked = new Constraints(List.of("END"), "", text.hash());
        Assignment order = constrained(asked.hash());
        Receipt receipt = WORK.receipt().receipt();
        for (Constraints claimed : List.of(asked, new Constraints(List.of("the"), "", asked.prompt()), new Constraints(List.of("END"), "{}", asked.prompt()), Constraints.NONE)) {
            assertThat(code(ReplayRules.reveal(order, receipt, new Revealed(WORK.salt(), WORK.prompt(), WORK.output(), claimed, text))))
                .isEqualTo(claimed.equals(asked) ? "pass" : "dispute reveal_constraints");
        }
    }

    @Test
    void a_node_that_answered_another_question_cannot_say_that_it_was_asked() {
        var text = new PromptText(Hash.sha256(new byte[] {1}), List.of(new WireMessage.ChatMessage("user", "Why?")));
        var asked = new Constraints(List.of(), "", text.hash());
        Assignment order = constrained(asked.hash());
        Receipt receipt = WORK.receipt().receipt();
        for (PromptText claimed : List.of(text, new PromptText(text.nonce(), List.of(new WireMessage.ChatMessage("user", "Who?"))), new PromptText(text.nonce(), List.of()),
            new PromptText(Hash.ZERO, text.messages()), new PromptText(text.nonce(), List.of(new WireMessage.ChatMessage("system", "Why?"))), PromptText.NONE)) {
            assertThat(code(ReplayRules.reveal(order, receipt, new Revealed(WORK.salt(), WORK.prompt(), WORK.output(), asked, claimed))))
                .isEqualTo(claimed.equals(text) ? "pass" : "dispute reveal_text");
        }
    }

    private static Assignment constrained(Hash constraints) {
        Assignment a = ORDER.assignment();
        return new Assignment(a.jobId(), a.gateway(), a.node(), a.modelId(), a.tier(), a.attempt(), a.maxOutput(), a.mint(), a.price(), a.ceiling(), a.payment(), a.requestHash(),
            a.seed(), a.sampler(), constraints, a.routing(), a.issuedMs(), a.deadlineMs());
    }

    @Test
    void evidence_counts_for_its_keys_its_time_and_only_with_hardware_unless_allowed() {
        NodeFacts node = new NodeFacts(NODE.key(), PAYER, NodeFacts.State.ACTIVE, 4, NODE.receipt().publicKey(), NODE.sealing().id(), AttestationRecord.NONE, 1, 0);
        Receipt receipt = PAPERS.work(PAPERS.assign(EXACT, NODE, Tier.CONFIDENTIAL, 500), NODE, Hash.sha256(new byte[] {5}), 1).receipt().receipt();
        long start = receipt.startMs();
        assertThat(code(EvidenceRules.judge(receipt, node, Optional.empty(), Optional.empty(), true))).isEqualTo("wait evidence_unknown");
        assertThat(code(EvidenceRules.judge(WORK.receipt().receipt(), node, Optional.empty(), Optional.empty(), true))).isEqualTo("evidence_absent");
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start - 1, start + 100, true, true)).isEqualTo("pass");
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start - 1, start + 100, true, false)).isEqualTo("evidence_development");
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start - 1, start + 100, false, false)).isEqualTo("pass");
        assertThat(evidence(receipt, node, PAYER, start - 1, start + 100, false, false)).isEqualTo("evidence_keys");
        NodeFacts restarted = new NodeFacts(NODE.key(), PAYER, NodeFacts.State.ACTIVE, 4, NODE.receipt().publicKey(), PAYER, AttestationRecord.NONE, 1, 0);
        assertThat(evidence(receipt, restarted, NODE.receipt().publicKey(), start - 1, start + 100, false, false)).as("a TEE that has started anew has a new "
            + "sealing key").isEqualTo("pass");
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start + 5_000, start + 9_000, false, false)).isEqualTo("evidence_stale");
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start - 9_000, start - 5_000, false, false)).isEqualTo("evidence_stale");
        long day = EvidenceRules.MAX_LIFETIME.toMillis();
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start - 1, start - 1 + day, false, false)).isEqualTo("pass");
        assertThat(evidence(receipt, node, NODE.receipt().publicKey(), start - 1, start + day, false, false)).as("longer than anybody may say").isEqualTo("evidence_stale");
    }

    @Test
    void a_confidential_job_is_paid_while_the_quorums_word_stands_on_chain() {
        Receipt receipt = PAPERS.work(PAPERS.assign(EXACT, NODE, Tier.CONFIDENTIAL, 500), NODE, Hash.sha256(new byte[] {5}), 1).receipt().receipt();
        Hash newer = Hash.sha256(new byte[] {6});
        long end = receipt.endMs();
        assertThat(recorded(receipt, new AttestationRecord(receipt.quoteHash(), 900, 0, Hash.ZERO), 900, end)).isEqualTo("pass");
        assertThat(recorded(receipt, new AttestationRecord(newer, 900, 0, Hash.ZERO), 900, end)).as("renewed since").isEqualTo("pass");
        assertThat(recorded(receipt, new AttestationRecord(receipt.quoteHash(), 900, 0, Hash.ZERO), 901, end)).isEqualTo("wait attestation_absent");
        assertThat(recorded(receipt, AttestationRecord.NONE, 0, end)).isEqualTo("wait attestation_absent");
        assertThat(recorded(receipt, AttestationRecord.NONE, 0, end + 600_001)).as("not for ever").isEqualTo("attestation_absent");
        assertThat(recorded(receipt, new AttestationRecord(newer, 900, 800, receipt.quoteHash()), 900, end)).isEqualTo("attestation_revoked");
    }

    private static String recorded(Receipt receipt, AttestationRecord record, long slot, long nowMs) {
        return code(RecordRules.judge(receipt, record, slot, nowMs));
    }

    @Test
    void a_confidential_job_is_served_under_a_measurement_that_its_model_allows() {
        byte[] other = new byte[48];
        other[47] = 1;
        assertThat(measured(List.of())).as("any").isEqualTo("pass");
        assertThat(measured(List.of(new Measurement(other), MEASURED))).isEqualTo("pass");
        assertThat(measured(List.of(new Measurement(other)))).isEqualTo("evidence_measurement");
    }

    private static String measured(List<Measurement> allowed) {
        Receipt plain = WORK.receipt().receipt();
        var receipt = new Receipt(plain.jobId(), plain.node(), plain.modelId(), plain.engine(), plain.tier(), plain.seed(), plain.sampler(), plain.promptCommitment(),
            plain.outputHash(), plain.tokensIn(), plain.tokensOut(), plain.mint(), plain.charge(), plain.finish(), plain.traceRoot(), Hash.sha256(new byte[] {5}),
            plain.assignmentHash(), plain.startMs(), plain.endMs());
        var node = new NodeFacts(NODE.key(), PAYER, NodeFacts.State.ACTIVE, 7, NODE.receipt().publicKey(), NODE.sealing().id(), AttestationRecord.NONE, 1, 0);
        var evidence = new Evidence(receipt.quoteHash(), NODE.key(), node.receiptKey(), node.sealingKey(), "tdx", new byte[32], new byte[1], "{}",
            receipt.startMs(), receipt.endMs(), false, MEASURED, "{}");
        var model = new RegisteredModel(receipt.modelId(), PAYER, PAYER, true, 0, 0, 0, allowed);
        return code(EvidenceRules.judge(receipt, node, Optional.of(model), Optional.of(evidence), false));
    }

    private static final Measurement MEASURED = new Measurement(new byte[48]);

    private static String evidence(Receipt receipt, NodeFacts node, PublicKey receiptKey, long received, long expires, boolean development, boolean allow) {
        var evidence = new Evidence(receipt.quoteHash(), NODE.key(), receiptKey, NODE.sealing().id(), "tdx", new byte[32], new byte[1], "{}", received, expires,
            development, MEASURED, "{}");
        return code(EvidenceRules.judge(receipt, node, Optional.empty(), Optional.of(evidence), allow));
    }
}
