package network.nyxos.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.PosterCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.escrow.CollectedEntry;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.escrow.program.token.TokenError;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// The port, the socket and the sender against the local chain over real HTTP and WebSocket, with the built programs.
class LiveChainTest {
    private static final Programs PROGRAMS = Programs.LOCAL;
    private static final long SOL = LocalChain.LAMPORTS_PER_SOL;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final TransactionSender.Options FAST = new TransactionSender.Options(Duration.ofMillis(20), Duration.ofMillis(200), true, 2);

    private LocalChain chain;
    private LocalRpcServer server;
    private SolanaRpc rpc;

    private void start(ChainOptions options) {
        chain = LocalChain.start(options);
        server = LocalRpcServer.start(chain, 0);
        rpc = SolanaRpc.connect(server.httpUrl());
    }

    @BeforeEach
    void start() {
        start(ChainOptions.defaults().withSlotMillis(50));
    }

    @AfterEach
    void stop() {
        rpc.close();
        server.close();
        chain.close();
    }

    private Keypair wallet() {
        Keypair wallet = Keypair.generate();
        chain.airdrop(wallet.publicKey(), 10 * SOL);
        return wallet;
    }

    private SignedTransaction transfer(Keypair from, PublicKey to, long lamports, Hash blockhash) {
        return TransactionBuilder.legacy(from.publicKey()).add(BuiltIn.transferLamports(from.publicKey(), to, lamports)).compile(blockhash).sign(from);
    }

    @Test
    void the_port_reads_what_the_chain_has() {
        assertThat(rpc.genesisHash().base58()).isEqualTo(ChainOptions.DEVNET_GENESIS_HASH);
        assertThat(rpc.slot(Commitment.CONFIRMED)).isPositive();
        assertThat(rpc.blockHeight(Commitment.FINALIZED)).isLessThanOrEqualTo(rpc.blockHeight(Commitment.CONFIRMED));
        LatestBlockhash latest = rpc.latestBlockhash(Commitment.CONFIRMED);
        assertThat(rpc.isBlockhashValid(latest.blockhash(), Commitment.CONFIRMED)).isTrue();
        assertThat(rpc.isBlockhashValid(Hash.sha256(new byte[] {1}), Commitment.CONFIRMED)).isFalse();
        assertThat(rpc.minimumRent(165)).isEqualTo(chain.minimumRent(165));

        PublicKey stranger = Keypair.generate().publicKey();
        assertThat(rpc.account(stranger, Commitment.CONFIRMED)).isEmpty();
        assertThat(rpc.balance(stranger, Commitment.CONFIRMED)).isZero();
        assertThat(rpc.tokenBalance(stranger, Commitment.CONFIRMED)).isEmpty();
        Keypair rich = wallet();
        assertThat(rpc.balance(rich.publicKey(), Commitment.PROCESSED)).isEqualTo(10 * SOL);
        List<PublicKey> many = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            many.add(i == 120 ? rich.publicKey() : Keypair.generate().publicKey());
        }
        List<Optional<Account>> accounts = rpc.accounts(many, Commitment.PROCESSED);
        assertThat(accounts).hasSize(150);
        assertThat(accounts.stream().filter(Optional::isPresent).map(Optional::get)).singleElement()
            .satisfies(account -> assertThat(account.address()).isEqualTo(rich.publicKey()));

        PublicKey mint = Keypair.generate().publicKey();
        chain.createMint(mint, WellKnown.TOKEN, rich.publicKey(), 6);
        PublicKey token = chain.mintTo(mint, rich.publicKey(), 77);
        assertThat(rpc.tokenBalance(token, Commitment.PROCESSED)).contains(77L);
        assertThat(rpc.programAccounts(WellKnown.TOKEN, List.of(new AccountFilter.Size(165), AccountFilter.key(32, rich.publicKey())), Commitment.PROCESSED))
            .singleElement().satisfies(account -> assertThat(account.address()).isEqualTo(token));
        assertThat(rpc.programAccounts(WellKnown.TOKEN, List.of(AccountFilter.key(32, stranger)), Commitment.PROCESSED)).isEmpty();
    }

    @Test
    void a_transaction_is_sent_found_and_read_with_its_block() {
        Keypair from = wallet();
        PublicKey to = Keypair.generate().publicKey();
        SignedTransaction transaction = transfer(from, to, SOL, rpc.latestBlockhash(Commitment.CONFIRMED).blockhash());
        assertThat(rpc.simulate(transaction.bytes(), true, Commitment.CONFIRMED).error()).isEmpty();
        assertThat(rpc.transaction(transaction.signature(), Commitment.CONFIRMED)).isEmpty();
        assertThat(rpc.send(transaction, false)).isEqualTo(transaction.signature());
        Awaitility.await().atMost(LONG).until(() -> rpc.signatureStatuses(List.of(transaction.signature()), false).statuses().getFirst().filter(SignatureStatus::isConfirmed)
            .isPresent());
        ConfirmedTransaction read = rpc.transaction(transaction.signature(), Commitment.CONFIRMED).orElseThrow();
        assertThat(read.error()).isEmpty();
        assertThat(read.fee()).isEqualTo(5_000);
        assertThat(read.transaction().messageHash()).isEqualTo(transaction.wire().messageHash());
        assertThat(read.instructions()).singleElement().satisfies(instruction -> assertThat(instruction.program()).isEqualTo(WellKnown.SYSTEM));
        assertThat(rpc.signaturesFor(to, Optional.empty(), Optional.empty(), 10, Commitment.CONFIRMED)).singleElement()
            .satisfies(info -> assertThat(info.signature()).isEqualTo(transaction.signature()));
        assertThat(rpc.signaturesFor(to, Optional.empty(), Optional.empty(), 10, Commitment.CONFIRMED, read.slot())).hasSize(1);
        assertThat(rpc.blocks(read.slot(), read.slot(), Commitment.CONFIRMED)).containsExactly(read.slot());
        Block block = rpc.block(read.slot(), Commitment.CONFIRMED).orElseThrow();
        assertThat(block.parentSlot()).isLessThan(read.slot());
        assertThat(rpc.signatureStatuses(List.of(Signature.of(new byte[64])), true).statuses()).containsExactly(Optional.empty());

        Simulation poor = rpc.simulate(transfer(from, to, 100 * SOL, rpc.latestBlockhash(Commitment.CONFIRMED).blockhash()).bytes(), true, Commitment.CONFIRMED);
        assertThat(poor.error().orElseThrow()).isEqualTo(new TransactionError("Custom", OptionalInt.of(0), OptionalLong.of(1)));
    }

    @Test
    void a_node_that_is_behind_does_not_list_transactions() {
        try (SolanaRpc once = SolanaRpc.connect(server.httpUrl(), new SolanaRpc.Options(Duration.ofSeconds(20), 1))) {
            long ahead = once.slot(Commitment.CONFIRMED) + 1_000_000;
            assertThatThrownBy(() -> once.signaturesFor(WellKnown.TOKEN, Optional.empty(), Optional.empty(), 10, Commitment.CONFIRMED, ahead))
                .isInstanceOf(RpcException.Unreachable.class).hasMessageContaining("Minimum context slot");
        }
    }

    @Test
    void a_node_that_is_not_there_is_unreachable_and_one_that_refuses_says_why() {
        try (SolanaRpc nobody = SolanaRpc.connect(URI.create("http://127.0.0.1:1"), new SolanaRpc.Options(Duration.ofSeconds(2), 2))) {
            assertThatThrownBy(() -> nobody.slot(Commitment.CONFIRMED)).isInstanceOfSatisfying(RpcException.Unreachable.class,
                e -> assertThat(e.code()).isEqualTo("rpc_unreachable"));
        }
        Keypair poor = Keypair.generate();
        SignedTransaction transaction = transfer(poor, wallet().publicKey(), 5, rpc.latestBlockhash(Commitment.CONFIRMED).blockhash());
        assertThatThrownBy(() -> rpc.send(transaction, false)).isInstanceOf(RpcException.Refused.class);
    }

    @Test
    void listeners_are_woken_by_changes_and_after_every_reconnection() {
        Keypair watched = wallet();
        var accounts = new AtomicInteger();
        var logs = new AtomicInteger();
        var slots = new AtomicInteger();
        var ended = new AtomicInteger();
        int port = server.wsPort();
        int httpPort = server.port();
        try (ChainSubscriptions socket = ChainSubscriptions.connect(server.wsUrl())) {
            socket.account(watched.publicKey(), Commitment.CONFIRMED, accounts::incrementAndGet);
            socket.logs(watched.publicKey(), Commitment.CONFIRMED, logs::incrementAndGet);
            socket.slot(slots::incrementAndGet);
            ChainSubscriptions.Subscription over = socket.slot(ended::incrementAndGet);
            Awaitility.await().atMost(LONG).until(() -> slots.get() > 3 && ended.get() > 3 && accounts.get() > 0 && logs.get() > 0);
            over.close();
            int woken = accounts.get();
            int logged = logs.get();
            chain.airdrop(watched.publicKey(), 5);
            Awaitility.await().atMost(LONG).until(() -> accounts.get() > woken && logs.get() > logged);
            int seen = ended.get();
            int at = slots.get();
            Awaitility.await().atMost(LONG).until(() -> slots.get() > at + 3);
            assertThat(ended.get()).isBetween(seen, seen + 1);

            int before = accounts.get();
            server.close();
            Awaitility.await().atMost(LONG).until(() -> !socket.isConnected());
            server = LocalRpcServer.start(chain, "127.0.0.1", httpPort, port);
            Awaitility.await().atMost(LONG).until(() -> socket.isConnected() && accounts.get() > before);
            int again = accounts.get();
            chain.airdrop(watched.publicKey(), 5);
            Awaitility.await().atMost(LONG).until(() -> accounts.get() > again);
        }
    }

    @Test
    void a_silent_connection_is_made_again() {
        stop();
        start(ChainOptions.defaults().withManualSlots());
        var woken = new AtomicInteger();
        var options = new ChainSubscriptions.Options(Duration.ofMillis(200), Duration.ofMillis(10), Duration.ofMillis(50), 1 << 20);
        try (ChainSubscriptions socket = ChainSubscriptions.connect(server.wsUrl(), options)) {
            socket.account(Keypair.generate().publicKey(), Commitment.CONFIRMED, woken::incrementAndGet);
            // Nothing ever happens on this chain, so only new connections wake.
            Awaitility.await().atMost(LONG).until(() -> woken.get() >= 4);
        }
    }

    @Test
    void the_sender_confirms_fails_rejects_and_proves_expiry_on_a_real_chain() {
        Keypair from = wallet();
        PublicKey to = Keypair.generate().publicKey();
        try (Database database = Postgres.open(); ChainSubscriptions socket = ChainSubscriptions.connect(server.wsUrl())) {
            try (TransactionSender sender = TransactionSender.start(rpc, database, PROGRAMS, Optional.of(socket), FAST)) {
                Outcome paid = sender.execute("pay", hash -> transfer(from, to, SOL, hash), LONG);
                assertThat(paid.state()).isEqualTo(Outcome.State.CONFIRMED);
                assertThat(sender.execute("pay", hash -> transfer(from, to, SOL, hash), LONG)).isEqualTo(paid);
                assertThat(chain.balance(to)).isEqualTo(SOL);

                Outcome poor = sender.execute("too much", hash -> transfer(from, to, 100 * SOL, hash), LONG);
                assertThat(poor.state()).isEqualTo(Outcome.State.REJECTED);
                assertThat(poor.error().orElseThrow().custom()).hasValue(1);
                assertThat(sender.find("too much")).isEmpty();
            }
            try (TransactionSender sender = TransactionSender.start(rpc, database, PROGRAMS, Optional.of(socket),
                new TransactionSender.Options(FAST.poll(), FAST.rebroadcast(), false, 2))) {
                Outcome failed = sender.execute("too much, untried", hash -> transfer(from, to, 100 * SOL, hash), LONG);
                assertThat(failed.state()).isEqualTo(Outcome.State.FAILED);
                assertThat(failed.error().orElseThrow()).hasToString("instruction 0: Custom 1");
                assertThat(failed.slot()).isPresent();
                assertThat(sender.find("too much, untried")).contains(failed);
                // Sent by its owner before it came here: it is confirmed like any other.
                SignedTransaction own = transfer(from, to, 7, rpc.latestBlockhash(Commitment.CONFIRMED).blockhash());
                rpc.send(own, false);
                assertThat(sender.execute("own", TransactionPlan.fixed(own), LONG).state()).isEqualTo(Outcome.State.CONFIRMED);
            }
            // A blockhash that the chain never had: the transaction can never be executed, which takes 150 blocks and more to prove.
            try (TransactionSender sender = TransactionSender.start(rpc, database, PROGRAMS, Optional.empty(),
                new TransactionSender.Options(FAST.poll(), FAST.rebroadcast(), false, 1))) {
                SignedTransaction never = transfer(from, to, 9, Hash.sha256(new byte[] {9}));
                assertThat(sender.execute("never", TransactionPlan.fixed(never), Duration.ofMillis(50)).state().isFinal()).isFalse();
                chain.advanceSlots(300);
                assertThat(sender.await("never", LONG).orElseThrow().state()).isEqualTo(Outcome.State.EXPIRED);
                assertThat(chain.balance(to)).isEqualTo(SOL + 7);
            }
        }
    }

    // --- the programs ------------------------------------------------------------------------------------------------

    private static byte[] artifact(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("onchain"))) {
            root = root.getParent();
        }
        try {
            return Files.readAllBytes(root.resolve("onchain/artifacts/" + name + ".so"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Outcome run(TransactionSender sender, String intent, List<Instruction> instructions, Keypair... signers) {
        return sender.execute(intent, hash -> TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions).compile(hash).sign(signers), LONG);
    }

    /// The escrow program's events of a confirmed transaction, read from its inner instructions.
    private List<EscrowEvent> escrowEvents(Outcome outcome) {
        assertThat(outcome.state()).as(outcome.describe()).isEqualTo(Outcome.State.CONFIRMED);
        return rpc.transaction(outcome.signature(), Commitment.CONFIRMED).orElseThrow().inner().stream().flatMap(List::stream)
            .filter(inner -> inner.program().equals(PROGRAMS.escrow())).map(inner -> EscrowEvent.decode(inner.data()).orElseThrow()).toList();
    }

    private byte[] data(PublicKey address) {
        return rpc.account(address, Commitment.CONFIRMED).orElseThrow().data();
    }

    @Test
    void a_jobs_money_goes_through_both_programs_and_every_step_is_read_back_over_rpc() {
        Keypair admin = wallet();
        Keypair operator = wallet();
        Keypair verifier = Keypair.generate();
        Keypair payer = wallet();
        Keypair session = Keypair.generate();
        Keypair node = Keypair.generate();
        PublicKey payout = Keypair.generate().publicKey();
        PublicKey treasury = Keypair.generate().publicKey();
        PublicKey mint = Keypair.generate().publicKey();
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        chain.createMint(mint, WellKnown.TOKEN, admin.publicKey(), 6);
        chain.mintTo(mint, payer.publicKey(), 1_000);
        chain.mintTo(mint, operator.publicKey(), 590);
        Hash cluster = rpc.genesisHash();
        PublicKey config = PROGRAMS.config(admin.publicKey(), 1);
        var registry = new RegistryCalls(PROGRAMS, config, mint, WellKnown.TOKEN);
        var market = new MarketCalls(PROGRAMS, PROGRAMS.market(cluster, admin.publicKey(), 1), config);
        PoolCalls pool = market.pool(mint, WellKnown.TOKEN);

        try (Database database = Postgres.open(); TransactionSender sender = TransactionSender.start(rpc, database, PROGRAMS, Optional.empty(), FAST)) {
            assertThat(run(sender, "config", List.of(registry.initialize(admin.publicKey(), admin.publicKey(),
                new RegistryCalls.Terms(1, admin.publicKey(), 500, 500, 150, 1, List.of(verifier.publicKey()), 0))), admin).isConfirmed()).isTrue();
            Outcome registered = run(sender, "node", List.of(registry.register(operator.publicKey(), operator.publicKey(), node.publicKey(), Set.of(Tier.OPEN),
                Keypair.generate().publicKey(), PublicKey.NONE, payout, 500)), operator, node);
            assertThat(rpc.transaction(registered.signature(), Commitment.CONFIRMED).orElseThrow().inner().stream().flatMap(List::stream)
                .filter(inner -> inner.program().equals(PROGRAMS.registry())).map(inner -> RegistryEvent.decode(inner.data()).orElseThrow()))
                .singleElement().isInstanceOfSatisfying(RegistryEvent.NodeRegistered.class, event -> {
                    assertThat(event.nodeKey()).isEqualTo(node.publicKey());
                    assertThat(event.bond()).isEqualTo(500);
                });
            Node account = Node.decode(data(registry.node(node.publicKey())));
            assertThat(account.payout()).isEqualTo(payout);
            assertThat(account.state()).isEqualTo(1);
            assertThat(rpc.programAccounts(PROGRAMS.registry(), List.of(new AccountFilter.Size(Node.SIZE), AccountFilter.key(Node.OFFSET_CONFIG, config)), Commitment.CONFIRMED))
                .singleElement().satisfies(found -> assertThat(Node.decode(found.data())).isEqualTo(account));

            PosterCalls posters = market.posters(mint, WellKnown.TOKEN);
            var terms = new MarketCalls.Terms(1, cluster, admin.publicKey(), operator.publicKey(), treasury, 200, 5, 150, 1_000, 90, 1, List.of(verifier.publicKey()), List.of());
            assertThat(escrowEvents(run(sender, "market", List.of(market.initialize(admin.publicKey(), admin.publicKey(), posters, terms)), admin))).singleElement()
                .isInstanceOfSatisfying(EscrowEvent.MarketInitialized.class, event -> assertThat(event.cluster()).isEqualTo(cluster));
            Market read = Market.decode(data(market.market()));
            assertThat(List.of(read.operator(), read.treasury(), read.registryConfig())).containsExactly(operator.publicKey(), treasury, config);
            assertThat(escrowEvents(run(sender, "pool", pool.initialize(admin.publicKey(), admin.publicKey()), admin))).singleElement()
                .isInstanceOfSatisfying(EscrowEvent.PoolInitialized.class, event -> assertThat(event.vault()).isEqualTo(pool.vault()));

            assertThat(escrowEvents(run(sender, "bond", List.of(posters.bond(operator.publicKey(), operator.publicKey(), 90)), operator))).singleElement()
                .isInstanceOfSatisfying(EscrowEvent.PosterBonded.class, event -> assertThat(event.bond()).isEqualTo(90));

            long slot = rpc.slot(Commitment.CONFIRMED);
            PublicKey escrow = pool.escrow(payer.publicKey(), slot);
            assertThat(escrowEvents(run(sender, "open", List.of(pool.open(operator.publicKey(), payer.publicKey(), slot, session.publicKey(), 0, 0, 600)), operator, payer)))
                .singleElement().isInstanceOfSatisfying(EscrowEvent.EscrowOpened.class, event -> assertThat(event.amount()).isEqualTo(600));
            assertThat(escrowEvents(run(sender, "deposit", List.of(pool.deposit(payer.publicKey(), escrow, 400)), payer))).containsExactly(
                new EscrowEvent.Deposited(escrow, payer.publicKey(), 400, 1_000));
            Outcome tooMuch = run(sender, "deposit too much", List.of(pool.deposit(payer.publicKey(), escrow, 1_000_000)), payer);
            assertThat(tooMuch.programError()).as("an error of the token program that ours called").contains(
                new ProgramError(WellKnown.TOKEN, TokenError.INSUFFICIENT_FUNDS.code(), Optional.of(TokenError.INSUFFICIENT_FUNDS)));
            assertThat(tooMuch.describe()).contains("InsufficientFunds: Insufficient funds");
            var voucher = new Voucher(escrow, 800, 0);
            var settlement = new Settlement(session.publicKey(), voucher, voucher.sign(session), 700);
            assertThat(escrowEvents(run(sender, "settle", pool.settle(operator.publicKey(), List.of(settlement)), operator))).singleElement()
                .isInstanceOfSatisfying(EscrowEvent.VouchersSettled.class,
                    event -> assertThat(event.entries()).containsExactly(new SettledEntry(escrow, 700, 700, 0)));
            assertThat(escrowEvents(run(sender, "collect", List.of(pool.collect(List.of(escrow))), admin))).containsExactly(
                new EscrowEvent.SettledCollected(pool.pool(), 700, 700, 0, List.of(new CollectedEntry(escrow, 700))));
            assertThat(Escrow.decode(data(escrow)).settled()).isEqualTo(700);
            assertThat(rpc.tokenBalance(pool.vault(), Commitment.CONFIRMED)).contains(700L);

            CreditTree tree = CreditTree.of(pool.pool(), List.of(new Credit(node.publicKey(), CreditKind.NODE, 686), new Credit(treasury, CreditKind.TREASURY, 14)));
            Hash receipts = Hash.sha256(new byte[] {7});
            Hash digest = pool.batchDigest(1, receipts, 1, tree.root(), tree.size());
            var quorum = new Quorum(digest, Map.of(verifier.publicKey(), verifier.sign(digest)));
            assertThat(escrowEvents(run(sender, "post", pool.post(operator.publicKey(), operator.publicKey(), 1, receipts, 1, tree.root(), tree.size(), quorum), operator)))
                .anySatisfy(event -> assertThat(event).isInstanceOfSatisfying(EscrowEvent.BatchPosted.class, posted -> assertThat(posted.creditSum()).isEqualTo(700)));

            // The window's end is the program's to judge: too early is a rejection that says so.
            Outcome early = run(sender, "finalize", List.of(pool.finalizeBatch(1)), admin);
            if (early.state() == Outcome.State.REJECTED) {
                assertThat(early.programError().orElseThrow().code()).contains(EscrowError.TOO_EARLY);
                chain.advanceSlots(6);
                early = run(sender, "finalize", List.of(pool.finalizeBatch(1)), admin);
            }
            assertThat(escrowEvents(early)).singleElement().isInstanceOf(EscrowEvent.BatchFinalized.class);
            assertThat(Batch.decode(data(pool.batch(1))).state()).isEqualTo(2);

            int leaf = tree.indexOf(node.publicKey(), CreditKind.NODE).orElseThrow();
            List<Instruction> claim = List.of(Tokens.createAssociated(admin.publicKey(), payout, mint, WellKnown.TOKEN),
                pool.claim(admin.publicKey(), payout, 1, tree.credits().get(leaf), leaf, tree.proof(leaf)));
            assertThat(escrowEvents(run(sender, "claim", claim, admin))).singleElement()
                .isInstanceOfSatisfying(EscrowEvent.Claimed.class, event -> assertThat(event.amount()).isEqualTo(686));
            assertThat(rpc.tokenBalance(Tokens.associated(payout, mint, WellKnown.TOKEN), Commitment.CONFIRMED)).contains(686L);
            assertThat(Claim.decode(data(pool.claimAccount(node.publicKey(), CreditKind.NODE))).claimed()).isEqualTo(686);
            // On the same blockhash it would be the very same transaction, and so the first intent's.
            chain.advanceSlots(1);
            Outcome twice = run(sender, "claim again", claim, admin);
            assertThat(twice.programError().orElseThrow().code()).contains(EscrowError.NOTHING_TO_CLAIM);

            Pool after = Pool.decode(data(pool.pool()));
            assertThat(List.of(after.deposited(), after.settled(), after.inflow(), after.credited(), after.claimed(), after.finalSeq()))
                .containsExactly(1_000L, 700L, 700L, 700L, 686L, 1L);
            assertThat(escrowEvents(run(sender, "exit", List.of(market.requestExit(payer.publicKey(), escrow)), payer))).singleElement()
                .isInstanceOf(EscrowEvent.ExitRequested.class);
            chain.advanceSlots(150);
            assertThat(escrowEvents(run(sender, "out", List.of(pool.exit(escrow, payer.publicKey(), operator.publicKey())), admin))).containsExactly(
                new EscrowEvent.EscrowExited(escrow, payer.publicKey(), 300, 0));
            assertThat(rpc.account(escrow, Commitment.CONFIRMED)).isEmpty();
            // To the unit: 1 000 in; 686 claimed, 14 still in the vault, 300 back.
            assertThat(rpc.tokenBalance(pool.vault(), Commitment.CONFIRMED)).contains(14L);
            assertThat(rpc.tokenBalance(pool.depositVault(), Commitment.CONFIRMED)).contains(0L);
            assertThat(rpc.tokenBalance(Tokens.associated(payer.publicKey(), mint, WellKnown.TOKEN), Commitment.CONFIRMED)).contains(300L);
        }
    }
}
