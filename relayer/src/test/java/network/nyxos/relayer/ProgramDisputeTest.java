package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.localnet.ChainAccount;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.chain.MarketWriter;
import network.nyxos.relayer.dispute.Accusers;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.dispute.SlashCase;
import network.nyxos.relayer.dispute.SlashQuorum;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// Whether the registry's program or the verifiers judge a receipt that does not replay: on the real chain, with disputes that are really open there. One cheat has
/// one judge at a time, and none that cannot or will not decide keeps a liar its bond.
class ProgramDisputeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LONG = Duration.ofHours(1);
    /// About two seconds on this chain.
    private static final long ANSWER_SLOTS = 50;
    /// The phase of a dispute in which the node shows its trace's root.
    private static final byte TRACE = 12;
    private static final int[] PROMPT = {1, 2, 3};
    private static final int[] TRUE = Papers.run(PROMPT, 20);
    private static final int[] FALSE = {9, 9, 9};
    private static World world;
    private static SolanaRpc rpc;
    private static MarketFacts facts;
    private static VerifierClient quorum;
    private static Closing closing;
    private static JdbcJobs jobs;
    private static JdbcDisputes store;
    private static MarketWriter writer;

    @BeforeAll
    static void start() {
        world = new World(LocalChain.TOKEN_PROGRAM, World.WINDOW, ANSWER_SLOTS);
        world.replayer = order -> new Replayer.Result.Ran(new Rerun(TokenHash.output(Papers.run(order.promptIds(), 20)), Hash.ZERO, Finish.STOP));
        world.startVerifiers(Sample.ALL, 0, 1, 2);
        closing = new Closing();
        rpc = closing.add(SolanaRpc.connect(world.rpc.httpUrl()));
        facts = new MarketFacts(rpc, MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint)));
        quorum = closing.add(new VerifierClient(world.endpoints(), facts::rulers, World.PROGRAMS, world.operator, Duration.ofSeconds(20)));
        Database database = closing.add(Database.open(world.jdbcUrl(), "program_disputes", "classpath:network/nyxos/relayer/store"));
        var transactions = new Transactions(database);
        jobs = new JdbcJobs(transactions);
        store = new JdbcDisputes(transactions);
        var sender = closing.add(TransactionSender.start(rpc, database, World.PROGRAMS, Optional.empty(), TransactionSender.Options.DEFAULT));
        writer = new MarketWriter(facts, sender, world.operator, Duration.ofSeconds(20));
    }

    @AfterAll
    static void stop() {
        if (closing != null) {
            closing.close();
        }
        world.close();
    }

    /// Papers that show a node's lie, with the dispute of them in the relayer's books, and a wallet that can accuse it.
    private record Lie(Papers.NodeKeys cheat, Papers.NodeKeys honest, Accusation papers, Keypair accuser) {
        static Lie told() {
            Papers.NodeKeys cheat = world.register(Set.of(Tier.VERIFIED));
            Papers.NodeKeys honest = world.register(Set.of(Tier.VERIFIED));
            PaymentRecord.Exact payment = world.pay(world.wallet(500), 500);
            Papers.Work work = world.papers.work(world.papers.assign(payment, cheat, Tier.VERIFIED, 500), cheat, Hash.ZERO, PROMPT, FALSE);
            SignedReceipt receipt = traced(work.receipt().receipt()).sign(cheat.receipt());
            var revealed = new Revealed(work.salt(), PROMPT, FALSE, Constraints.NONE, PromptText.NONE);
            Hash order = NodeCalls.Order.of(receipt.receipt(), work.assignment().assignment(), revealed).hash();
            Hash output = TokenHash.output(TRUE);
            var replay = new Replay(honest.key(), order, output, Hash.ZERO, Finish.STOP,
                honest.receipt().sign(Digests.replay(payment.jobId(), order, output, Hash.ZERO, Finish.STOP)));
            var papers = new Accusation(work.assignment(), receipt, revealed, replay);
            jobs.receipt(receipt, work.assignment(), 1, System.currentTimeMillis());
            assertThat(jobs.dispute(jobs.find(papers.job()).orElseThrow(), 0, new Reason("replay_mismatch", ""), Optional.of(papers), System.currentTimeMillis())).isTrue();
            return new Lie(cheat, honest, papers, world.wallet(World.BOND));
        }

        /// The program takes receipts with a trace only.
        private static Receipt traced(Receipt receipt) {
            return new Receipt(receipt.jobId(), receipt.node(), receipt.modelId(), receipt.engine(), receipt.tier(), receipt.seed(), receipt.sampler(), receipt.promptCommitment(),
                receipt.outputHash(), receipt.tokensIn(), receipt.tokensOut(), receipt.mint(), receipt.charge(), receipt.finish(), Hash.sha256(new byte[] {3}), receipt.quoteHash(),
                receipt.assignmentHash(), receipt.startMs(), receipt.endMs());
        }

        DisputeCalls calls() {
            return world.registry.dispute(cheat.key(), papers.receipt().receipt().hash(), accuser.publicKey());
        }

        void open() {
            world.send(calls().open(world.admin.publicKey(), papers.receipt(), cheat.receipt().publicKey()), world.admin, accuser);
        }

        boolean isOpen() {
            return world.chain.account(calls().address()).isPresent();
        }

        /// Ends it when the time for the move is over: the accuser never makes one.
        void lost() {
            // Who wins is paid on an account that has to be there.
            world.chain.mintTo(world.mint, cheat.payout(), 1);
            await().atMost(SOON).ignoreExceptions().until(() -> {
                world.send(List.of(calls().end(world.admin.publicKey(), cheat.payout(), world.admin.publicKey())), world.admin);
                return true;
            });
        }

        SlashCase part(PublicKey accused) {
            return store.find(papers.hash()).orElseThrow().cases().stream().filter(part -> part.accused().equals(accused)).findFirst().orElseThrow();
        }

        String standing(PublicKey accused) {
            return part(accused).state().wireName() + " " + part(accused).reason().code();
        }

        void slashedOnce() {
            assertThat(standing(cheat.key())).isEqualTo("slashed slashed");
            assertThat(jobs.find(papers.job()).orElseThrow().state()).isEqualTo(JobState.SLASHED);
            assertThat(world.node(cheat).bond()).isZero();
            assertThat(world.node(cheat).slashedTotal()).isEqualTo(World.BOND);
            assertThat(world.node(honest).bond()).isEqualTo(World.BOND);
        }
    }

    /// One look at everything that is due, by a relayer that has just been started.
    private static void look(Accusers accusers, Duration patience, SlashQuorum asked) {
        new Slashings(store, writer, accusers, patience, asked, (job, node, state, reason) -> { }, Duration.ofMillis(1), InstantSource.system()).advance();
        assertThat(UNDUE).isEmpty();
    }

    private static void untilOver(Accusers accusers, Duration patience, SlashQuorum asked) {
        await().atMost(SOON).untilAsserted(() -> {
            look(accusers, patience, asked);
            assertThat(store.due(Long.MAX_VALUE, 10)).isEmpty();
        });
    }

    private static final Queue<String> UNDUE = new ConcurrentLinkedQueue<>();

    private static final SlashQuorum NEVER = (draft, panel) -> {
        UNDUE.add("the verifiers are asked about " + draft.accused() + " while the program decides");
        return new Quorum.Answers(2, List.of(), List.of());
    };

    private static final Accusers NOBODY = (node, papers) -> {
        UNDUE.add("node " + node + " is asked to accuse where it is not to be");
        return new Accusers.Reply.Silent(new Reason("undue", ""));
    };

    @Test
    void a_dispute_on_chain_is_waited_for_and_its_end_is_the_jobs() {
        Lie lie = Lie.told();
        var asked = new AtomicInteger();
        Accusers accusers = (node, papers) -> {
            assertThat(node).isEqualTo(lie.honest().key());
            assertThat(papers).isEqualTo(lie.papers());
            asked.incrementAndGet();
            lie.open();
            return new Accusers.Reply.Accuses(lie.accuser().publicKey());
        };
        await().atMost(SOON).until(() -> {
            look(asked.get() == 0 ? accusers : NOBODY, LONG, NEVER);
            return lie.standing(lie.cheat().key()).equals("open awaits_program");
        });
        look(NOBODY, LONG, NEVER);
        assertThat(lie.standing(lie.cheat().key())).isEqualTo("open awaits_program");
        assertThat(lie.part(lie.honest().key()).state().wireName()).isEqualTo("open");
        silence(lie);
        untilOver(NOBODY, LONG, NEVER);
        lie.slashedOnce();
        assertThat(lie.standing(lie.honest().key())).isEqualTo("dismissed proved_right");
        assertThat(world.balance(lie.accuser().publicKey())).as("stake and half of the bond").isEqualTo(World.BOND + World.BOND / 2);
        assertThat(facts.slashed(lie.cheat().key(), lie.papers().receipt().receipt().hash())).isPresent();
    }

    /// The node is silent. No model is behind these papers, so the account is set to how it stands when a model was shown and the node is to move.
    private static void silence(Lie lie) {
        ChainAccount account = world.chain.account(lie.calls().address()).orElseThrow();
        byte[] data = account.data().clone();
        data[Dispute.OFFSET_PHASE] = TRACE;
        world.chain.setAccount(lie.calls().address(), new ChainAccount(account.lamports(), account.owner(), account.executable(), account.rentEpoch(), data));
        await().atMost(SOON).ignoreExceptions().until(() -> {
            world.send(List.of(lie.calls().end(world.admin.publicKey(), lie.accuser().publicKey(), world.admin.publicKey())), world.admin);
            return true;
        });
    }

    @Test
    void where_no_node_accuses_the_verifiers_convict() {
        Lie declined = Lie.told();
        untilOver((node, papers) -> new Accusers.Reply.Declines(new Reason("node_failed", "stake_missing")), LONG, quorum);
        declined.slashedOnce();
        assertThat(world.balance(declined.honest().payout())).isEqualTo(World.BOND / 2);

        Lie silent = Lie.told();
        Accusers away = (node, papers) -> new Accusers.Reply.Silent(new Reason("node_offline", ""));
        look(away, LONG, NEVER);
        assertThat(silent.standing(silent.cheat().key())).isEqualTo("open node_offline");
        untilOver(away, Duration.ZERO, quorum);
        silent.slashedOnce();

        Lie promised = Lie.told();
        Accusers empty = (node, papers) -> new Accusers.Reply.Accuses(promised.accuser().publicKey());
        look(empty, LONG, NEVER);
        assertThat(promised.standing(promised.cheat().key())).isEqualTo("open awaits_dispute");
        untilOver(empty, Duration.ZERO, quorum);
        promised.slashedOnce();
    }

    @Test
    void the_node_that_replayed_is_asked_over_its_link_until_it_says_no() throws Exception {
        Papers.NodeKeys cheat = world.register(Set.of(Tier.VERIFIED));
        Papers.NodeKeys honest = world.register(Set.of(Tier.VERIFIED));
        PaymentRecord.Exact payment = world.pay(world.wallet(600), 600);
        var asked = new ConcurrentLinkedQueue<WireMessage.Accuse>();
        try (Relayer relayer = Relayer.start(world.config(SampleRule.flat(Sample.ALL), LONG)); TestNode node = TestNode.dial(world, relayer, cheat); TestNode second = TestNode.dial(world, relayer, honest)) {
            node.greeting.join();
            second.greeting.join();
            second.accuses = accuse -> {
                asked.add(accuse);
                return new WireMessage.Failed(accuse.job(), asked.size() == 1 ? "accuse_later" : "stake_missing", "");
            };
            Papers.Work work = world.papers.work(world.papers.assign(payment, cheat, Tier.VERIFIED, 600), cheat, Hash.ZERO, PROMPT, FALSE);
            node.offer(work);
            world.post(relayer, world.papers.completed(payment, work));
            await().atMost(SOON).until(() -> world.state(relayer, payment.jobId()).equals("slashed"));
            assertThat(asked).hasSize(2).allSatisfy(accuse -> {
                assertThat(accuse.receipt()).isEqualTo(work.receipt());
                assertThat(accuse.assignment()).isEqualTo(work.assignment());
                assertThat(accuse.salt()).isEqualTo(work.salt());
                assertThat(accuse.outputIds()).containsExactly(9, 9, 9);
                assertThat(accuse.constraints()).isEqualTo(Constraints.NONE);
            });
            assertThat(world.balance(honest.payout())).as("by the verifiers' word").isEqualTo(World.BOND / 2);
        }
    }

    @Test
    void an_accuser_that_loses_saves_no_liar() {
        Lie lie = Lie.told();
        lie.open();
        look(NOBODY, LONG, NEVER);
        assertThat(lie.standing(lie.cheat().key())).isEqualTo("open awaits_program");
        lie.lost();
        assertThat(world.node(lie.cheat()).bond()).isEqualTo(World.BOND);
        untilOver((node, papers) -> new Accusers.Reply.Declines(new Reason("node_failed", "dispute_over")), LONG, quorum);
        lie.slashedOnce();
    }

    @Test
    void a_strangers_dispute_holds_the_verifiers_off_until_it_is_over() {
        Lie lie = Lie.told();
        look((node, papers) -> new Accusers.Reply.Declines(new Reason("node_failed", "accuse_off")), LONG, NEVER);
        lie.open();
        look(NOBODY, LONG, NEVER);
        assertThat(lie.standing(lie.cheat().key())).isEqualTo("open awaits_program");
        assertThat(lie.isOpen()).isTrue();
        lie.lost();
        untilOver(NOBODY, LONG, quorum);
        lie.slashedOnce();
    }
}
