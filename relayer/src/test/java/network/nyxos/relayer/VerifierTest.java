package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.gate.SlotHash;
import network.nyxos.relayer.verifier.VerifierClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// What verifiers sign, and what they refuse whoever proposes it.
class VerifierTest {
    private static World world;
    private static SolanaRpc rpc;
    private static MarketTerms terms;
    private static MarketFacts facts;
    private static VerifierClient quorum;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM);
        world.startVerifiers(Sample.ALL, 0, 1);
        rpc = SolanaRpc.connect(world.rpc.httpUrl());
        terms = MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint));
        facts = new MarketFacts(rpc, terms);
        quorum = new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, world.operator, Duration.ofSeconds(20));
    }

    @AfterAll
    static void stop() {
        if (quorum != null) {
            quorum.close();
            rpc.close();
        }
        world.close();
    }

    private static BatchDocument build(List<BatchDocument.Served> served, List<BatchDocument.Failed> failed) {
        return BatchDocument.build(world.pool.pool(), world.mint, 1, 0, CreditLedger.EMPTY, served, failed, List.of(), List.of(), rules());
    }

    private static CreditRules rules() {
        return facts.credits(facts.slot(), Set.of(Papers.MODEL));
    }

    private static String refusal(BatchDocument batch) {
        Quorum.Answers answers = quorum.ask(batch);
        assertThat(answers.signatures()).isEmpty();
        assertThat(answers.refusals()).hasSize(2);
        return answers.refusals().getFirst().reason().code();
    }

    private static BatchDocument.Served served(PaymentRecord payment, Papers.NodeKeys node, Tier tier, long ceiling, Optional<Sample> sample, Optional<Replay> replay) {
        SignedAssignment assignment = world.papers.assign(payment, node, tier, ceiling);
        Papers.Work work = world.papers.work(assignment, node, Hash.ZERO, 1, 2, 3);
        return new BatchDocument.Served(work.receipt(), assignment, payment, sample, replay);
    }

    private static BatchDocument.Served open(PaymentRecord payment, Papers.NodeKeys node, long ceiling) {
        return served(payment, node, Tier.OPEN, ceiling, Optional.empty(), Optional.empty());
    }

    @Test
    void a_right_proposal_is_signed_by_each_and_the_same_again() {
        PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
        BatchDocument batch = build(List.of(open(payment, world.register(Set.of(Tier.OPEN)), 400)), List.of());
        assertThat(quorum.ask(batch).signatures()).hasSize(2);
        assertThat(quorum.ask(batch).signatures()).hasSize(2);
    }

    @Test
    void credits_that_do_not_follow_from_the_jobs_are_refused() {
        PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
        BatchDocument right = build(List.of(open(payment, world.register(Set.of(Tier.OPEN)), 500)), List.of());
        var more = new ArrayList<Credit>();
        right.credits().forEach(credit -> more.add(credit.kind() == CreditKind.NODE ? new Credit(credit.payee(), credit.kind(), credit.cumulative() + 1) : credit));
        assertThat(refusal(new BatchDocument(right.pool(), right.mint(), 1, 0, right.rules(), right.served(), right.failed(), List.of(), List.of(), more))).isEqualTo("credits_wrong");
    }

    @Test
    void a_fee_a_royalty_or_a_slot_that_the_chain_does_not_have_is_refused() {
        PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
        BatchDocument.Served job = open(payment, world.register(Set.of(Tier.OPEN)), 500);
        CreditRules due = rules();
        PublicKey friend = Keypair.generate().publicKey();
        assertThat(refusal(divided(job, new CreditRules(due.slot(), due.feeBps() - 1, due.treasury(), List.of())))).isEqualTo("split_other");
        assertThat(refusal(divided(job, new CreditRules(due.slot(), due.feeBps(), friend, List.of())))).isEqualTo("split_other");
        assertThat(refusal(divided(job, new CreditRules(due.slot(), due.feeBps(), due.treasury(), List.of(new CreditRules.Royalty(Papers.MODEL, 100, friend))))))
            .isEqualTo("split_other");
        assertThat(refusal(divided(job, new CreditRules(due.slot() + 1_000_000, due.feeBps(), due.treasury(), List.of())))).isEqualTo("split_slot");
        world.chain.advanceSlots(2_000);
        assertThat(refusal(divided(job, due))).as("too long ago").isEqualTo("split_slot");
    }

    private static BatchDocument divided(BatchDocument.Served job, CreditRules rules) {
        return BatchDocument.build(world.pool.pool(), world.mint, 1, 0, CreditLedger.EMPTY, List.of(job), List.of(), List.of(), List.of(), rules);
    }

    @Test
    void a_payment_that_is_not_on_chain_or_not_that_payers_is_refused() {
        PaymentRecord.Exact real = world.pay(world.wallet(500), 500);
        var invented = new PaymentRecord.Exact(Keypair.generate().sign(new byte[1]), Hash.sha256(new byte[] {3}), real.payer(), world.mint, 500, Optional.empty());
        assertThat(refusal(build(List.of(), List.of(new BatchDocument.Failed(invented.jobId(), "x", invented))))).isEqualTo("payment_absent");
        var redirected = new PaymentRecord.Exact(real.transaction(), real.messageHash(), world.operator.publicKey(), world.mint, 500, Optional.empty());
        assertThat(refusal(build(List.of(), List.of(new BatchDocument.Failed(redirected.jobId(), "x", redirected))))).isEqualTo("payment_transfer");
        var foreign = new PaymentRecord.Exact(real.transaction(), Hash.sha256(new byte[] {4}), real.payer(), world.mint, 500, Optional.empty());
        assertThat(refusal(build(List.of(), List.of(new BatchDocument.Failed(foreign.jobId(), "x", foreign))))).isEqualTo("payment_message");
    }

    @Test
    void an_unregistered_node_and_a_receipt_by_another_key_are_refused() {
        var stranger = new Papers.NodeKeys(Keypair.generate(), Keypair.generate(), SealingKey.generate(SealingSuite.X25519), Keypair.generate().publicKey(), Set.of(Tier.OPEN));
        assertThat(refusal(build(List.of(open(world.pay(world.wallet(500), 500), stranger, 500)), List.of()))).isEqualTo("node_unregistered");
        Papers.NodeKeys known = world.register(Set.of(Tier.OPEN));
        var forged = new Papers.NodeKeys(known.node(), Keypair.generate(), known.sealing(), known.payout(), known.tiers());
        assertThat(refusal(build(List.of(open(world.pay(world.wallet(500), 500), forged, 500)), List.of()))).isEqualTo("receipt_signature");
        assertThat(refusal(build(List.of(served(world.pay(world.wallet(500), 500), known, Tier.CONFIDENTIAL, 500, Optional.empty(), Optional.empty())), List.of())))
            .isEqualTo("node_tier");
    }

    @Test
    void an_escrow_that_was_not_settled_and_a_request_that_the_payer_did_not_sign_are_refused() {
        Papers.NodeKeys node = world.register(Set.of(Tier.OPEN));
        Papers.Session session = world.escrow(1_000);
        assertThat(refusal(build(List.of(open(world.papers.voucher(session, 1_000, Papers.REQUEST), node, 900)), List.of()))).isEqualTo("escrow_unsettled");
        PaymentRecord.ByVoucher other = world.papers.voucher(session, 1_000, Hash.sha256(new byte[] {8}));
        assertThat(refusal(build(List.of(open(other, node, 900)), List.of()))).isEqualTo("request_signature");
    }

    @Test
    void a_verified_job_needs_its_draw_and_when_drawn_another_nodes_statement() {
        Papers.NodeKeys node = world.register(Set.of(Tier.VERIFIED));
        Papers.NodeKeys second = world.register(Set.of(Tier.VERIFIED));
        PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
        long recorded = facts.slot() - 3;
        SlotHash block = facts.firstBlock(recorded + 1).orElseThrow();
        var draw = new Sample(Sample.ALL, recorded, block.slot(), block.hash());
        BatchDocument.Served bare = served(payment, node, Tier.VERIFIED, 500, Optional.empty(), Optional.empty());
        assertThat(refusal(build(List.of(bare), List.of()))).isEqualTo("sample_absent");
        assertThat(refusal(build(List.of(with(bare, new Sample(10, recorded, block.slot(), block.hash()), Optional.empty())), List.of()))).isEqualTo("sample_rate");
        assertThat(refusal(build(List.of(with(bare, new Sample(Sample.ALL, recorded, block.slot(), Hash.ZERO), Optional.empty())), List.of()))).isEqualTo("sample_hash");
        assertThat(refusal(build(List.of(with(bare, draw, Optional.empty())), List.of()))).isEqualTo("replay_absent");
        assertThat(refusal(build(List.of(with(bare, draw, Optional.of(statement(bare, node)))), List.of()))).isEqualTo("replay_same_node");
        Replay right = statement(bare, second);
        var wrong = new Replay(second.key(), right.order(), right.outputHash(), right.traceRoot(), right.finish(), node.receipt().sign(Digests.replay(bare.job(), right.order(), right.outputHash(),
            right.traceRoot(), right.finish())));
        assertThat(refusal(build(List.of(with(bare, draw, Optional.of(wrong))), List.of()))).isEqualTo("replay_signature");
        assertThat(quorum.ask(build(List.of(with(bare, draw, Optional.of(right))), List.of())).signatures()).hasSize(2);
    }

    private static BatchDocument.Served with(BatchDocument.Served job, Sample sample, Optional<Replay> replay) {
        return new BatchDocument.Served(job.receipt(), job.assignment(), job.payment(), Optional.of(sample), replay);
    }

    private static Replay statement(BatchDocument.Served job, Papers.NodeKeys by) {
        Receipt said = job.receipt().receipt();
        return new Replay(by.key(), Hash.ZERO, said.outputHash(), said.traceRoot(), said.finish(), by.receipt().sign(Digests.replay(job.job(), Hash.ZERO, said.outputHash(), said.traceRoot(),
            said.finish())));
    }

    @Test
    void only_the_markets_operator_may_propose() {
        PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
        BatchDocument batch = build(List.of(), List.of(new BatchDocument.Failed(payment.jobId(), "x", payment)));
        try (var stranger = new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, Keypair.generate(), Duration.ofSeconds(20))) {
            Quorum.Answers answers = stranger.ask(batch);
            assertThat(answers.signatures()).isEmpty();
            assertThat(answers.refusals()).allSatisfy(refusal -> assertThat(refusal.reason().code()).isEqualTo("operator_unknown"));
        }
        assertThat(refusal(BatchDocument.build(world.pool.pool(), world.mint, 2, 0, CreditLedger.EMPTY, List.of(),
            List.of(new BatchDocument.Failed(payment.jobId(), "x", payment)), List.of(), List.of(), rules()))).isEqualTo("batch_sequence");
    }
}
