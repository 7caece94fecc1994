package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Slash;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.attest.Panel;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.chain.MarketWriter;
import network.nyxos.relayer.dispute.Bonded;
import network.nyxos.relayer.dispute.DisputeRules;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.dispute.SlashChain;
import network.nyxos.relayer.dispute.SlashDraft;
import network.nyxos.relayer.dispute.SlashFacts;
import network.nyxos.relayer.dispute.SlashState;
import network.nyxos.relayer.dispute.Slashings;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.gate.Revealed;
import network.nyxos.relayer.gate.Sample;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.store.JdbcDisputes;
import network.nyxos.relayer.store.JdbcJobs;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.wire.DisputeJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// What becomes of two nodes that have signed what cannot both be true: on the real chain, before verifiers that run the job themselves.
class DisputeTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static World world;
    private static Relayer relayer;
    private static SolanaRpc rpc;
    private static MarketFacts facts;
    private static VerifierClient quorum;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM);
        world.replayer = order -> new Replayer.Result.Ran(new Rerun(TokenHash.output(Papers.run(order.promptIds(), 20)), Hash.ZERO, Finish.STOP));
        world.startVerifiers(Sample.ALL, 0, 1, 2);
        relayer = Relayer.start(world.config(Sample.ALL));
        rpc = SolanaRpc.connect(world.rpc.httpUrl());
        facts = new MarketFacts(rpc, MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint)));
        quorum = new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, world.operator, Duration.ofSeconds(20));
    }

    @AfterAll
    static void stop() {
        if (quorum != null) {
            relayer.close();
            quorum.close();
            rpc.close();
        }
        world.close();
    }

    private static void becomes(Hash job, String state, String code) {
        await().atMost(SOON).untilAsserted(() -> assertThat(world.state(relayer, job) + " " + world.job(relayer, job).text("code"))
            .as(() -> world.job(relayer, job).node().toString()).isEqualTo(state + " " + code));
    }

    private static TestNode dial(Papers.NodeKeys keys) {
        TestNode node = TestNode.dial(world, relayer, keys);
        assertThat(node.greeting.orTimeout(10, java.util.concurrent.TimeUnit.SECONDS).join()).isInstanceOf(WireMessage.Welcome.class);
        return node;
    }

    private static Fields dispute(Hash job) {
        return Fields.parse(world.get(relayer, "/v1/disputes?limit=500").body()).list("disputes", Function.identity()).stream()
            .filter(item -> item.hash("job").equals(job)).findFirst().orElseThrow();
    }

    private static long supply() {
        return new BorshReader(world.chain.account(world.mint).orElseThrow().data(), 36, Long.BYTES).u64();
    }

    // --- by the relayer as a whole -------------------------------------------------------------------------------------

    @Test
    void a_node_that_serves_what_its_model_did_not_make_loses_its_bond_and_the_payer_has_the_money_back() throws Exception {
        Papers.NodeKeys cheat = world.register(Set.of(Tier.VERIFIED));
        Papers.NodeKeys honest = world.register(Set.of(Tier.VERIFIED));
        Keypair payer = world.wallet(600);
        PaymentRecord.Exact payment = world.pay(payer, 600);
        long before = supply();
        try (TestNode node = dial(cheat); TestNode second = dial(honest)) {
            int[] output = Papers.run(new int[] {4, 5}, 20);
            output[7]++;
            Papers.Work work = world.papers.work(world.papers.assign(payment, cheat, Tier.VERIFIED, 600), cheat, Hash.ZERO, new int[] {4, 5}, output);
            node.offer(work);
            world.post(relayer, world.papers.completed(payment, work));
            becomes(payment.jobId(), "slashed", "slashed");
            await().atMost(SOON).until(() -> world.balance(payer.publicKey()) == 600);
            assertThat(world.node(cheat).bond()).isZero();
            assertThat(world.node(cheat).state()).isEqualTo(4);
            assertThat(world.node(honest).bond()).isEqualTo(World.BOND);
            assertThat(world.balance(honest.payout())).as("half to whose replay found it").isEqualTo(World.BOND / 2);
            assertThat(supply()).as("the other half is burned").isEqualTo(before - World.BOND / 2);
            await().atMost(SOON).until(() -> node.states.stream().anyMatch(state -> state.state().equals("slashed") && state.reason().contains("evidence")));
            assertThat(second.states).extracting(WireMessage.State::state).doesNotContain("slashed");

            Fields dispute = dispute(payment.jobId());
            Hash evidence = dispute.hash("evidence");
            assertThat(facts.slashed(cheat.key(), evidence)).isPresent();
            for (URI server : List.of(relayer.url(), world.endpoints().getFirst().url())) {
                Accusation papers = DisputeJson.read(Fields.parse(get(server.resolve("/v1/disputes/" + evidence.hex()))).child("papers"));
                assertThat(papers.hash()).isEqualTo(evidence);
                assertThat(DisputeRules.papers(papers, facts).passed()).isTrue();
                assertThat(papers.revealed().outputIds()).isEqualTo(output);
            }
        }
    }

    private static byte[] get(URI url) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray()).body();
        }
    }

    @Test
    void a_node_that_replays_falsely_loses_its_bond_to_the_one_that_it_accused() {
        Papers.NodeKeys honest = world.register(Set.of(Tier.VERIFIED));
        Papers.NodeKeys liar = world.register(Set.of(Tier.VERIFIED));
        Keypair payer = world.wallet(600);
        PaymentRecord.Exact payment = world.pay(payer, 600);
        try (TestNode node = dial(honest); TestNode second = dial(liar)) {
            second.lies = true;
            Papers.Work work = world.papers.work(world.papers.assign(payment, honest, Tier.VERIFIED, 600), honest, Hash.ZERO, 4, 5, 6);
            node.offer(work);
            world.post(relayer, world.papers.completed(payment, work));
            becomes(payment.jobId(), "disputed", "replayer_slashed");
            assertThat(world.node(liar).bond()).isZero();
            assertThat(world.node(honest).bond()).isEqualTo(World.BOND);
            assertThat(world.node(honest).state()).isEqualTo(1);
            assertThat(world.balance(honest.payout())).isEqualTo(World.BOND / 2);
            await().atMost(SOON).until(() -> world.balance(payer.publicKey()) == 600);
            await().atMost(SOON).until(() -> second.states.stream().anyMatch(state -> state.reason().startsWith("replayer_slashed")));
            assertThat(dispute(payment.jobId()).list("parts", Function.identity())).extracting(part -> part.text("state")).containsExactly("dismissed", "slashed");
        }
    }

    // --- before the verifiers ------------------------------------------------------------------------------------------

    /// Papers of a job that `node` did and `second` replayed, with these replies.
    private static Accusation papers(Papers.NodeKeys node, Papers.NodeKeys second, int[] served, int[] replayed) {
        int[] prompt = {1, 2, 3};
        PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
        Papers.Work work = world.papers.work(world.papers.assign(payment, node, Tier.VERIFIED, 500), node, Hash.ZERO, prompt, served);
        Receipt receipt = work.receipt().receipt();
        Hash output = TokenHash.output(replayed);
        var revealed = new Revealed(work.salt(), prompt, served, Constraints.NONE, PromptText.NONE);
        return new Accusation(work.assignment(), work.receipt(), revealed, statement(second, receipt.jobId(),
            NodeCalls.Order.of(receipt, work.assignment().assignment(), revealed).hash(), output));
    }

    private static Replay statement(Papers.NodeKeys by, Hash job, Hash order, Hash output) {
        return new Replay(by.key(), order, output, Hash.ZERO, Finish.STOP, by.receipt().sign(Digests.replay(job, order, output, Hash.ZERO, Finish.STOP)));
    }

    private static final int[] TRUE = Papers.run(new int[] {1, 2, 3}, 20);
    private static final int[] FALSE = {9, 9, 9};

    private static Papers.NodeKeys node() {
        return world.register(Set.of(Tier.VERIFIED));
    }

    private static SlashDraft draft(Accusation papers, PublicKey accused, boolean rewarded) {
        Optional<Bonded> right = rewarded ? facts.bonded(DisputeRules.opponent(papers, accused)) : Optional.<Bonded>empty();
        return new SlashDraft(papers, accused, DisputeRules.slash(facts.bonded(accused).orElseThrow(), right, facts::rewardToken, papers.hash()));
    }

    private static String refusal(SlashDraft draft) {
        Quorum.Answers answers = quorum.ask(draft, facts.panel());
        assertThat(answers.signatures()).isEmpty();
        assertThat(answers.refusals()).hasSize(3);
        return answers.refusals().getFirst().reason().code();
    }

    @Test
    void verifiers_convict_who_is_wrong_and_only_by_the_rules_amounts() {
        Papers.NodeKeys cheat = node();
        Papers.NodeKeys honest = node();
        Accusation right = papers(cheat, honest, FALSE, TRUE);
        assertThat(quorum.ask(draft(right, cheat.key(), true), facts.panel()).signatures()).hasSize(3);
        assertThat(refusal(draft(right, honest.key(), true))).isEqualTo("replay_right");
        assertThat(refusal(draft(right, cheat.key(), false))).isEqualTo("slash_amounts");
        Slash due = draft(right, cheat.key(), true).slash();
        assertThat(refusal(new SlashDraft(right, cheat.key(), Slash.burning(due.amount() - 1, right.hash()).rewarding(due.reward().orElseThrow().token(), World.BOND / 2))))
            .isEqualTo("slash_amounts");
        assertThat(refusal(new SlashDraft(right, cheat.key(), Slash.burning(due.amount(), right.hash()).rewarding(world.token(world.operator.publicKey()), World.BOND / 2))))
            .as("rewarded to somebody else").isEqualTo("slash_amounts");
        assertThat(refusal(new SlashDraft(right, node().key(), due))).isEqualTo("accused_foreign");
        Accusation lie = papers(honest, cheat, TRUE, FALSE);
        assertThat(refusal(draft(lie, honest.key(), true))).isEqualTo("receipt_right");
        assertThat(quorum.ask(draft(lie, cheat.key(), true), facts.panel()).signatures()).hasSize(3);
    }

    @Test
    void where_both_lied_both_lose_and_nobody_is_rewarded() {
        Papers.NodeKeys one = node();
        Papers.NodeKeys other = node();
        Accusation both = papers(one, other, FALSE, new int[] {8});
        for (PublicKey accused : List.of(one.key(), other.key())) {
            assertThat(refusal(draft(both, accused, true))).isEqualTo("reward_undue");
            assertThat(quorum.ask(draft(both, accused, false), facts.panel()).signatures()).hasSize(3);
        }
    }

    @Test
    void a_relayer_that_makes_papers_up_or_changes_them_convicts_nobody() {
        Papers.NodeKeys honest = node();
        Papers.NodeKeys accomplice = node();
        Accusation lie = papers(honest, accomplice, TRUE, FALSE);
        Revealed said = lie.revealed();
        for (Constraints other : List.of(new Constraints(List.of("a"), "", Hash.ZERO), new Constraints(List.of(), "{}", Hash.ZERO))) {
            var stopped = new Revealed(said.salt(), said.promptIds(), said.outputIds(), other, PromptText.NONE);
            assertThat(refusal(draft(with(lie, stopped), honest.key(), true))).as("the gateway signed no constraints").isEqualTo("dispute_reveal");
        }
        assertThat(refusal(draft(with(lie, new Revealed(said.salt(), new int[] {1, 2, 4}, said.outputIds(), Constraints.NONE, PromptText.NONE)), honest.key(), true)))
            .isEqualTo("dispute_reveal");
        var unsaid = new Replay(accomplice.key(), lie.replay().order(), TokenHash.output(new int[] {7}), Hash.ZERO, Finish.STOP, lie.replay().signature());
        assertThat(refusal(draft(new Accusation(lie.assignment(), lie.receipt(), said, unsaid), accomplice.key(), true))).isEqualTo("replay_signature");
        Replay misled = statement(accomplice, lie.job(), Hash.sha256(new byte[] {1}), TokenHash.output(FALSE));
        assertThat(refusal(draft(new Accusation(lie.assignment(), lie.receipt(), said, misled), accomplice.key(), true))).as("it was given another seed to run")
            .isEqualTo("replay_order");
        var agreed = papers(honest, accomplice, TRUE, TRUE);
        assertThat(refusal(draft(agreed, accomplice.key(), true))).isEqualTo("dispute_none");
        try (var stranger = new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, Keypair.generate(), Duration.ofSeconds(20))) {
            assertThat(stranger.ask(draft(lie, accomplice.key(), true), facts.panel()).refusals()).hasSize(3)
                .allSatisfy(refusal -> assertThat(refusal.reason().code()).isEqualTo("operator_unknown"));
        }
    }

    private static Accusation with(Accusation papers, Revealed revealed) {
        return new Accusation(papers.assignment(), papers.receipt(), revealed, papers.replay());
    }

    @Test
    void neither_another_key_nor_asking_for_the_bond_back_saves_a_liar() {
        Papers.NodeKeys honest = node();
        Papers.NodeKeys liar = node();
        Accusation lie = papers(honest, liar, TRUE, FALSE);
        world.rotate(liar);
        world.unbond(liar);
        assertThat(quorum.ask(draft(lie, liar.key(), true), facts.panel()).signatures()).hasSize(3);
        Papers.NodeKeys cheat = node();
        Accusation served = papers(cheat, honest, FALSE, TRUE);
        world.rotate(cheat);
        assertThat(quorum.ask(draft(served, cheat.key(), true), facts.panel()).signatures()).hasSize(3);
    }

    @Test
    void papers_read_back_to_the_same_hash_and_show_no_token_as_text() {
        Accusation papers = papers(node(), node(), FALSE, TRUE);
        assertThat(Accusation.decode(papers.encode())).isEqualTo(papers);
        assertThat(DisputeJson.read(Fields.parse(DisputeJson.write(papers).toString()))).isEqualTo(papers);
        assertThat(papers.toString()).doesNotContain("9, 9");
    }

    // --- step by step --------------------------------------------------------------------------------------------------

    /// The real chain behind a link that loses answers: what was sent lands, and nobody hears of it.
    private record Deaf(SlashChain chain, AtomicInteger lost) implements SlashChain {
        @Override
        public SlashFacts facts() {
            return chain.facts();
        }

        @Override
        public Panel panel() {
            return chain.panel();
        }

        @Override
        public Sent slash(String intent, SlashDraft draft, List<VerifierSignature> signatures) {
            Sent sent = chain.slash(intent, draft, signatures);
            lost.incrementAndGet();
            return sent instanceof Sent.Confirmed ? new Sent.Unknown(new Reason("lost", "no answer")) : sent;
        }
    }

    @Test
    void a_slash_whose_outcome_nobody_heard_is_found_on_chain_by_whoever_goes_on_and_never_sent_twice() {
        Papers.NodeKeys cheat = node();
        Papers.NodeKeys honest = node();
        Accusation first = papers(cheat, honest, FALSE, TRUE);
        Accusation second = papers(cheat, honest, FALSE, TRUE);
        String schema = "disputes_" + SCHEMAS.incrementAndGet();
        try (var closing = new Closing()) {
            Database database = closing.add(Database.open(world.jdbcUrl(), schema, "classpath:network/nyxos/relayer/store"));
            var transactions = new Transactions(database);
            var jobs = new JdbcJobs(transactions);
            var store = new JdbcDisputes(transactions);
            var sender = closing.add(TransactionSender.start(rpc, database, World.PROGRAMS, Optional.empty(), TransactionSender.Options.DEFAULT));
            var lost = new AtomicInteger();
            var chain = new Deaf(new MarketWriter(facts, sender, world.operator, Duration.ofSeconds(20)), lost);
            var told = new ArrayList<JobState>();
            InstantSource clock = InstantSource.system();
            for (Accusation papers : List.of(first, second)) {
                dispute(jobs, papers);
            }
            await().atMost(SOON).untilAsserted(() -> {
                // Made anew each time: whatever it knows it reads.
                new Slashings(store, chain, (replayer, accusation) -> { throw new AssertionError("a registry without disputes"); }, Duration.ZERO, quorum, (job, node, state, reason) -> told.add(state), Duration.ofMillis(1), clock).advance();
                assertThat(store.due(Long.MAX_VALUE, 10)).isEmpty();
            });
            List<SlashState> states = List.of(first, second).stream().flatMap(papers -> store.find(papers.hash()).orElseThrow().cases().stream())
                .map(part -> part.state()).toList();
            assertThat(states).as("one of the two takes the bond").containsExactlyInAnyOrder(SlashState.SLASHED, SlashState.DISMISSED, SlashState.MOOT, SlashState.DISMISSED);
            assertThat(List.of(first, second)).extracting(papers -> jobs.find(papers.job()).orElseThrow().state()).containsExactlyInAnyOrder(JobState.SLASHED, JobState.DISPUTED);
            assertThat(lost.get()).isLessThanOrEqualTo(2);
            assertThat(told).contains(JobState.SLASHED);
            assertThat(world.balance(honest.payout())).isEqualTo(World.BOND / 2);
        }
    }

    private static void dispute(JdbcJobs jobs, Accusation papers) {
        jobs.receipt(papers.receipt(), papers.assignment(), 1, System.currentTimeMillis());
        assertThat(jobs.dispute(jobs.find(papers.job()).orElseThrow(), 0, new Reason("replay_mismatch", ""), Optional.of(papers), System.currentTimeMillis())).isTrue();
    }
}
