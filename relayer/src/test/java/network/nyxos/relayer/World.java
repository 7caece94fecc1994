package network.nyxos.relayer;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.verifier.Verifier;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.verifier.VerifierConfig;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// A chain with the real programs, a market with one pool and three verifiers of whom two must sign, a database, a gateway's key and payers: all that a relayer
/// lives in, and none of it pretended.
public final class World implements AutoCloseable {
    public static final Programs PROGRAMS = Programs.LOCAL;
    public static final int FEE_BPS = 200;
    public static final long WINDOW = 5;
    public static final long EXIT_SLOTS = 150;
    public static final long BOND = 1_000_000;
    private static final Hash CLUSTER = Hash.fromBase58(ChainOptions.DEVNET_GENESIS_HASH);
    private final long window;
    /// How long a higher royalty is announced before it is in force, in slots.
    public final long unbondingSlots;
    /// Slots without a batch after which nodes may settle by themselves; not less than the window.
    public static final long SILENCE = 1_000;
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    public final LocalChain chain = LocalChain.start(ChainOptions.defaults().withSlotMillis(40));
    public final LocalRpcServer rpc = LocalRpcServer.start(chain, 0);
    public final Keypair admin = Keypair.generate();
    public final Keypair operator = Keypair.generate();
    public final Keypair gateway = Keypair.generate();
    public final PublicKey treasury = Keypair.generate().publicKey();
    public final List<Keypair> verifierKeys = List.of(Keypair.generate(), Keypair.generate(), Keypair.generate());
    public final PublicKey mint = Keypair.generate().publicKey();
    public final DevelopmentTee tee = DevelopmentTee.create(Instant.now());
    public final Papers papers = new Papers(mint, gateway);
    public final RegistryCalls registry;
    public final MarketCalls market;
    public final PoolCalls pool;
    private final Map<PublicKey, Keypair> owners = new HashMap<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int world = SCHEMAS.incrementAndGet();
    private final Closing verifiers = new Closing();
    private final List<VerifierClient.Endpoint> endpoints = new ArrayList<>();
    private EmbeddedPostgres postgres;
    private final Path data;
    /// What verifiers that are started from now on run disputed jobs by.
    public Replayer replayer = Replayer.NONE;

    public World(PublicKey tokenProgram) {
        this(tokenProgram, WINDOW);
    }

    /// @param window the challenge window in slots
    public World(PublicKey tokenProgram, long window) {
        this(tokenProgram, window, 0);
    }

    /// @param window      the challenge window in slots
    /// @param answerSlots how long who has to move in a dispute may take; 0: there are no disputes
    public World(PublicKey tokenProgram, long window, long answerSlots) {
        this.window = window;
        unbondingSlots = Math.max(200, 2 * window);
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        chain.airdrop(admin.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.airdrop(operator.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.createMint(mint, tokenProgram, admin.publicKey(), 6);
        List<PublicKey> keys = verifierKeys.stream().map(Keypair::publicKey).toList();
        PublicKey config = PROGRAMS.config(admin.publicKey(), 1);
        registry = new RegistryCalls(PROGRAMS, config, mint, tokenProgram);
        send(List.of(registry.initialize(admin.publicKey(), admin.publicKey(), new RegistryCalls.Terms(1, admin.publicKey(), BOND, BOND, unbondingSlots, 2, keys, answerSlots))), admin);
        market = new MarketCalls(PROGRAMS, PROGRAMS.market(CLUSTER, admin.publicKey(), 1), config);
        var posters = market.posters(mint, tokenProgram);
        send(List.of(market.initialize(admin.publicKey(), admin.publicKey(), posters, terms(FEE_BPS, keys))), admin);
        bondPoster(operator);
        pool = market.pool(mint, tokenProgram);
        send(pool.initialize(admin.publicKey(), admin.publicKey()), admin);
        try {
            data = Files.createTempDirectory("nyxos-relayer-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        startPostgres(0);
    }

    /// Has an operator pay the bond that answers for what it posts.
    public void bondPoster(Keypair poster) {
        chain.mintTo(mint, poster.publicKey(), BOND);
        send(List.of(market.posters(mint, chain.account(mint).orElseThrow().owner()).bond(poster.publicKey(), poster.publicKey(), BOND)), poster);
    }

    /// What the market is opened with, but for fee and verifiers.
    public MarketCalls.Terms terms(int feeBps, List<PublicKey> verifiers) {
        return new MarketCalls.Terms(1, CLUSTER, admin.publicKey(), operator.publicKey(), treasury, feeBps, window, EXIT_SLOTS, Math.max(window, SILENCE), BOND, 2, verifiers, List.of(gateway.publicKey()));
    }

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

    private void startPostgres(int port) {
        try {
            postgres = EmbeddedPostgres.builder().setDataDirectory(data.resolve("postgres")).setCleanDataDirectory(false).setPort(port).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Stops PostgreSQL and starts it again on the same port and data.
    public void restartPostgres() throws IOException {
        int port = postgres.getPort();
        postgres.close();
        startPostgres(port);
    }

    public String jdbcUrl() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    // --- services ------------------------------------------------------------------------------------------------------

    /// Starts the verifiers at these places of {@link #verifierKeys}.
    public void startVerifiers(int samplePpm, int... which) {
        startVerifiers(SampleRule.flat(samplePpm), which);
    }

    /// Starts the verifiers at these places of {@link #verifierKeys}, to demand what a rule says.
    public void startVerifiers(SampleRule sampling, int... which) {
        for (int i : which) {
            endpoints.add(startVerifier(sampling, i, "", Optional.empty()));
        }
    }

    /// Starts one verifier.
    ///
    /// @param records sets its database apart from that of another verifier with this key
    /// @param history where it gets documents of batches that it missed
    public VerifierClient.Endpoint startVerifier(int samplePpm, int which, String records, Optional<URI> history) {
        return startVerifier(SampleRule.flat(samplePpm), which, records, history);
    }

    private VerifierClient.Endpoint startVerifier(SampleRule sampling, int which, String records, Optional<URI> history) {
        return verifiers.add(Verifier.start(new VerifierConfig("127.0.0.1", 0, verifierKeys.get(which), rpc.httpUrl(), jdbcUrl(),
            "verifier_" + which + "_" + world + records, PROGRAMS, market.market(), List.of(mint), Set.of(gateway.publicKey()), sampling, policy(), true, history)
            .replayingBy(replayer)))
            .endpoint();
    }

    public List<VerifierClient.Endpoint> endpoints() {
        return List.copyOf(endpoints);
    }

    public Policy policy() {
        return Policy.development(tee.trustAnchor());
    }

    public RelayerConfig config(int samplePpm) {
        return config(SampleRule.flat(samplePpm));
    }

    public RelayerConfig config(SampleRule sampling) {
        return config(sampling, Duration.ofSeconds(3));
    }

    /// @param patience of the gate, and with nodes that are to accuse
    public RelayerConfig config(SampleRule sampling, Duration patience) {
        return new RelayerConfig("127.0.0.1", 0, operator, rpc.httpUrl(), jdbcUrl(), "relayer_" + world, PROGRAMS, market.market(), List.of(mint),
            Set.of(gateway.publicKey()), endpoints(), new RelayerConfig.Gate(sampling, Duration.ofSeconds(3), patience, Duration.ofMillis(100),
            Duration.ofSeconds(10), Duration.ofHours(1)), new RelayerConfig.Batches(100, Duration.ofMillis(300), Duration.ofMillis(100), true), policy(), true,
            Optional.empty());
    }

    // --- chain ---------------------------------------------------------------------------------------------------------

    public SignedTransaction send(List<Instruction> instructions, Keypair... signers) {
        SignedTransaction transaction = TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions)
            .compile(Hash.fromBase58(chain.latestBlockhash())).sign(signers);
        var sent = chain.send(transaction.bytes());
        if (!sent.execution().succeeded()) {
            throw new IllegalStateException(sent.execution().failure() + "\n" + String.join("\n", sent.execution().logs()));
        }
        return transaction;
    }

    public Keypair wallet(long amount) {
        Keypair wallet = Keypair.generate();
        chain.airdrop(wallet.publicKey(), 10 * LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(mint, wallet.publicKey(), amount);
        return wallet;
    }

    public PublicKey token(PublicKey owner) {
        return Tokens.associated(owner, mint, pool.tokenProgram());
    }

    public long balance(PublicKey owner) {
        return chain.account(token(owner)).isEmpty() ? 0 : chain.tokenBalance(token(owner));
    }

    public Pool poolAccount() {
        return Pool.decode(chain.account(pool.pool()).orElseThrow().data());
    }

    public Papers.NodeKeys register(Set<Tier> tiers) {
        Keypair owner = wallet(BOND);
        var keys = new Papers.NodeKeys(Keypair.generate(), Keypair.generate(), SealingKey.generate(SealingSuite.X25519), Keypair.generate().publicKey(), tiers);
        owners.put(keys.key(), owner);
        send(List.of(registry.register(owner.publicKey(), owner.publicKey(), keys.key(), tiers, keys.receipt().publicKey(), keys.sealing().id(), keys.payout(),
            BOND)), owner, keys.node());
        return keys;
    }

    /// Has a node's owner leave with the bond, when the unbonding time is over, and register the node's key anew.
    public void registerAgain(Papers.NodeKeys node) {
        Keypair owner = owners.get(node.key());
        unbond(node);
        chain.advanceSlots(unbondingSlots + 1);
        send(List.of(registry.withdrawBond(owner.publicKey(), node.key()), registry.closeNode(owner.publicKey(), node.key(), owner.publicKey())), owner);
        send(List.of(registry.register(owner.publicKey(), owner.publicKey(), node.key(), node.tiers(), node.receipt().publicKey(), node.sealing().id(), node.payout(),
            BOND)), owner, node.node());
    }

    /// Has a node's owner ask for the bond back.
    public void unbond(Papers.NodeKeys node) {
        Keypair owner = owners.get(node.key());
        send(List.of(registry.requestUnbond(owner.publicKey(), node.key())), owner);
    }

    /// Has a node's owner put another receipt key in place of the node's.
    ///
    /// @return the node with its new key
    public Papers.NodeKeys rotate(Papers.NodeKeys node) {
        Keypair owner = owners.get(node.key());
        var rotated = new Papers.NodeKeys(node.node(), Keypair.generate(), node.sealing(), node.payout(), node.tiers());
        send(List.of(registry.update(owner.publicKey(), node.key(), node.tiers(), rotated.receipt().publicKey(), node.sealing().id(), node.payout())), owner);
        return rotated;
    }

    /// Has a node's owner end its attestation.
    public void withdrawAttestation(Papers.NodeKeys node) {
        Keypair owner = owners.get(node.key());
        send(List.of(registry.withdrawAttestation(owner.publicKey(), node.key())), owner);
    }

    /// A node's account.
    public Node node(Papers.NodeKeys node) {
        return Node.decode(chain.account(PROGRAMS.node(registry.config(), node.key())).orElseThrow().data());
    }

    /// Claims what the relayer's proof says a node has earned.
    public void claim(Relayer relayer, Papers.NodeKeys node) {
        ProofDocument proof = ProofDocument.decode(get(relayer, "/v1/proofs/" + mint + "/" + node.key() + "/node").body().getBytes());
        var credit = new network.nyxos.escrow.tree.Credit(node.key(), CreditKind.NODE, proof.cumulative());
        send(List.of(Tokens.createAssociated(admin.publicKey(), node.payout(), mint, pool.tokenProgram()),
            pool.claim(admin.publicKey(), node.payout(), proof.seq(), credit, proof.index(), proof.proof())), admin);
    }

    /// Registers {@link Papers#MODEL}.
    public void publish(Keypair author, int royaltyBps, List<Measurement> measurements) {
        send(List.of(registry.registerModel(author.publicKey(), author.publicKey(), admin.publicKey(), Papers.MODEL, royaltyBps, author.publicKey(), measurements)),
            author, admin);
    }

    // --- payments ------------------------------------------------------------------------------------------------------

    /// A payer's transfer into the pool's vault.
    public PaymentRecord.Exact pay(Keypair payer, long amount) {
        SignedTransaction sent = send(List.of(Tokens.transferChecked(token(payer.publicKey()), mint, pool.vault(), payer.publicKey(), amount, 6,
            pool.tokenProgram())), payer);
        return new PaymentRecord.Exact(sent.signature(), Hash.sha256(sent.wire().message()), payer.publicKey(), mint, amount, Optional.empty());
    }

    public Papers.Session escrow(long deposit) {
        return escrow(deposit, 0);
    }

    /// @param expires the session's end, unix seconds; 0 = never
    public Papers.Session escrow(long deposit, long expires) {
        Keypair payer = wallet(deposit);
        Keypair key = Keypair.generate();
        long slot = chain.slot();
        send(List.of(pool.open(operator.publicKey(), payer.publicKey(), slot, key.publicKey(), expires, 0, deposit)), operator, payer);
        return new Papers.Session(payer, key, pool.escrow(payer.publicKey(), slot));
    }

    /// An escrow that its payer has not signed for, filled by a plain transfer of its payer's.
    public Papers.Session prepaid(long amount) {
        Keypair payer = wallet(amount);
        Keypair key = Keypair.generate();
        long slot = chain.slot();
        PublicKey escrow = pool.prepaid().address(payer.publicKey(), key.publicKey(), slot);
        send(pool.prepaid().open(operator.publicKey(), payer.publicKey(), key.publicKey(), slot), operator);
        send(List.of(Tokens.transferChecked(Tokens.associated(payer.publicKey(), mint, pool.tokenProgram()), mint, pool.prepaid().inbox(escrow), payer.publicKey(), amount,
            6, pool.tokenProgram())), payer);
        send(List.of(pool.prepaid().count(escrow)), admin);
        return new Papers.Session(payer, key, escrow);
    }

    // --- HTTP ----------------------------------------------------------------------------------------------------------

    public HttpResponse<String> post(Relayer relayer, JobRecord record) {
        return post(relayer, record, gateway);
    }

    public HttpResponse<String> post(Relayer relayer, JobRecord record, Keypair signer) {
        byte[] body = record.encode();
        return exchange(HttpRequest.newBuilder(relayer.url().resolve("/v1/jobs")).header(JobRecord.SIGNATURE_HEADER, JobRecord.signatureHeader(body, signer))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
    }

    public HttpResponse<String> get(Relayer relayer, String path) {
        return exchange(HttpRequest.newBuilder(relayer.url().resolve(path)).build());
    }

    private HttpResponse<String> exchange(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public Fields job(Relayer relayer, Hash job) {
        return Fields.parse(get(relayer, "/v1/jobs/" + job.hex()).body());
    }

    public String state(Relayer relayer, Hash job) {
        Fields json = job(relayer, job);
        return json.has("state") ? json.text("state") : "unknown";
    }

    @Override
    public void close() {
        verifiers.close();
        http.close();
        rpc.close();
        chain.close();
        try {
            postgres.close();
            try (var files = Files.walk(data)) {
                for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
