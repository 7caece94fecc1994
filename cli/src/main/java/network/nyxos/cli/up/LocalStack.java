package network.nyxos.cli.up;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.cli.provider.EngineReplayer;
import network.nyxos.cli.provider.NodeCommand;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.gateway.Gateway;
import network.nyxos.gateway.GatewayConfig;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.SponsorPolicy;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.IndexerConfig;
import network.nyxos.node.NodeEvents;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ModelFiles;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.engine.OnnxEmbeddingEngine;
import network.nyxos.relayer.Relayer;
import network.nyxos.relayer.RelayerConfig;
import network.nyxos.relayer.verifier.Verifier;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.verifier.VerifierConfig;
import software.sava.core.accounts.PublicKey;

/** Every part of Nyxos in this process, each behind the interfaces it has anywhere else: HTTP, WebSocket, JSON-RPC, JDBC. */
final class LocalStack implements MainJob.Stack, AutoCloseable {

    private static final List<Mint> MINTS = List.of(Mint.USDC, Mint.NYXOS);
    /** Every verified job is replayed here, so that each run shows it; a public market draws a sample. */
    private static final SampleRule SAMPLING = SampleRule.flat(SampleRule.ALL);
    /** Short, so that a run after a kill soon knows what became of the jobs before. */
    private static final Duration JOB = Duration.ofSeconds(90);
    private static final Duration GATE_PATIENCE = Duration.ofSeconds(20);
    private static final Duration BATCH_INTERVAL = Duration.ofSeconds(2);

    private final Steps steps;
    private final Path data;
    private final Programs programs = Programs.LOCAL;
    private final Keys keys;
    private final Deque<AutoCloseable> open;
    private final List<Provider> providers = new ArrayList<>();
    private final AcceptedPrograms accepted;
    private final SolanaRpc rpc;
    private final Foundation foundation;
    private final DevelopmentTee tee;
    private final Policy policy;
    private final Engine engine;
    private final Optional<OnnxEmbeddingEngine> embeddings;
    private final RelayerConfig relayerConfig;
    private final int relayerPort;
    private Relayer relayer;
    private final Gateway gateway;
    private final Indexer indexer;
    private final StackFile.Contents contents;
    private boolean closed;

    private LocalStack(UpOptions options, Steps steps, Deque<AutoCloseable> open) {
        this.steps = steps;
        this.open = open;
        data = options.data.toAbsolutePath().normalize();
        Path cache = ModelFiles.standard().path(ModelFiles.SMOLLM2_135M).getParent().getParent();
        add(DataLock.take(data));
        keys = new Keys(data.resolve("keys"));
        CompletableFuture<Engine> loading = CompletableFuture.supplyAsync(() -> load(options), task -> Thread.ofPlatform().name("model").daemon().start(task));
        Optional<CompletableFuture<OnnxEmbeddingEngine>> loadingEmbeddings = options.embeddings
                ? Optional.of(CompletableFuture.supplyAsync(OnnxEmbeddingEngine::miniLm, task -> Thread.ofPlatform().name("embedding-model").daemon().start(task))) : Optional.empty();

        String jdbc = options.jdbc.orElseGet(() -> add(LocalDatabase.start(data.resolve("postgres"), cache.resolve("postgres"), options.postgresPort)).jdbcUrl());
        steps.done("database", options.jdbc.isPresent() ? "using the PostgreSQL of --jdbc" : "embedded PostgreSQL in " + data.resolve("postgres"));
        Chain chain = add(Chain.start(options, data, steps));
        rpc = add(SolanaRpc.connect(chain.rpc()));
        Artifacts artifacts = Artifacts.ofRepository();
        // Another chain's programs are whatever its owner has put there.
        accepted = options.rpc.isPresent() ? AcceptedPrograms.ANY : artifacts.accepted();
        chain.furnish(rpc, artifacts, programs, MINTS, keys.mintAuthority().publicKey(), steps);
        Database database = add(Database.open(jdbc, "nyxos_stack", "classpath:network/nyxos/cli/migration"));
        TransactionSender sender = add(TransactionSender.start(rpc, database, programs, Optional.empty(), TransactionSender.Options.DEFAULT));
        foundation = new Foundation(rpc, sender, keys, programs, new Foundation.Windows(options.challengeSlots, 150, options.directSlots(), 2 * options.challengeSlots + 150, options.answerSlots), steps);
        providers.add(new Provider("open", Tier.OPEN, Set.of(Tier.OPEN), keys, data));
        providers.add(new Provider("verified", Tier.VERIFIED, Set.of(Tier.VERIFIED), keys, data));
        // It serves the verified tier too, so that there is a second node to replay on.
        providers.add(new Provider("confidential", Tier.CONFIDENTIAL, Set.of(Tier.VERIFIED, Tier.CONFIDENTIAL), keys, data));
        foundation.lay(MINTS, providers.stream().flatMap(provider -> provider.wallets().stream()).toList());
        providers.forEach(provider -> provider.register(foundation, MINTS, steps));

        tee = Provider.developmentTee(data);
        steps.note("attest", "DEVELOPMENT root of this stack signs the confidential node's quotes; it proves nothing about this machine");
        policy = Policy.development(TrustAnchor.ofPem(tee.rootPem()));
        List<PublicKey> mints = MINTS.stream().map(Mint::address).toList();
        Set<PublicKey> gateways = Set.of(keys.gateway().publicKey());
        List<VerifierClient.Endpoint> verifiers = new ArrayList<>();
        // The one loaded model runs the nodes' jobs and the verifiers' own runs of disputed ones.
        var replayer = new EngineReplayer(() -> await(loading));
        for (int i = 0; i < Keys.VERIFIERS.size(); i++) {
            Keypair key = keys.verifiers().get(i);
            verifiers.add(add(Verifier.start(new VerifierConfig(options.host, 0, key, chain.rpc(), jdbc, "nyxos_verifier_" + (i + 1), programs,
                    foundation.market().market(), mints, gateways, SAMPLING, policy, true, Optional.empty(), accepted, replayer))).endpoint());
        }
        steps.done("verifiers", verifiers.size() + " verifiers, each with its own key and records; two must sign a batch");
        relayerConfig = new RelayerConfig(options.host, options.relayerPort, keys.operator(), chain.rpc(), jdbc, "nyxos_relayer", programs,
                foundation.market().market(), mints, gateways, verifiers, new RelayerConfig.Gate(SAMPLING, JOB, GATE_PATIENCE,
                Duration.ofMillis(500), Duration.ofMinutes(1), Duration.ofHours(1)), new RelayerConfig.Batches(1_000, BATCH_INTERVAL, Duration.ofMillis(250), true),
                policy, true, Optional.empty(), accepted);
        relayer = Relayer.start(relayerConfig);
        relayerPort = relayer.port();
        add(this::stopRelayer);
        steps.done("relayer", relayer.url().toString());

        engine = steps.waiting("model", "fetching and loading the model", () -> await(loading));
        steps.done("model", engine.model().name() + " (" + engine.model().engine() + "), id " + engine.model().id().substring(0, 16) + "…");
        embeddings = loadingEmbeddings.map(LocalStack::await);
        embeddings.ifPresent(each -> {
            add(each);
            steps.done("model", each.model().name() + " (" + each.model().engine() + "), id " + each.model().id().substring(0, 16) + "…");
        });
        foundation.publish(Hash.fromHex(engine.model().id()), engine.model().name(), MINTS, List.of(Provider.WORKLOAD, NodeCommand.WORKLOAD));
        gateway = add(Gateway.start(gatewayConfig(options, chain, jdbc)));
        steps.done("gateway", gateway().toString());
        providers.forEach(provider -> {
            add(provider);
            restart(provider);
        });
        indexer = add(Indexer.start(IndexerConfig.of(chain.rpc(), jdbc, programs).listeningOn(options.host, options.indexerPort).withSubscriptions(chain.ws())
                .withRelayer(relayer.url(), Optional.of(foundation.market().market().toBase58())).withSymbols(Map.of(Mint.USDC.address().toBase58(), Mint.USDC.symbol(),
                        Mint.NYXOS.address().toBase58(), Mint.NYXOS.symbol())).onDevelopmentAttestation().accepting(accepted)));
        URI indexerUrl = URI.create("http://" + options.host + ":" + indexer.port());
        steps.done("indexer", indexerUrl + " (REST and page)");
        steps.waiting("node", "three nodes dial in", () -> Waits.until("the nodes to be linked", Duration.ofSeconds(60),
                () -> Optional.of(true).filter(ignored -> providers.stream().allMatch(Provider::linked))));
        steps.done("node", "open, verified and confidential are linked to gateway and relayer");
        contents = new StackFile.Contents(gateway(), URI.create(gateway() + "/facilitator"), relayer.url(), indexerUrl, chain.rpc(), chain.ws(), jdbc, programs,
                foundation.market().market().toBase58(), keys, tee.rootPem());
        StackFile file = new StackFile(data);
        file.write(contents);
        add(file::remove);
    }

    /** Starts everything; what was started is stopped again when a part does not start. */
    static LocalStack start(UpOptions options, Steps steps) {
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            return new LocalStack(options, steps, open);
        } catch (RuntimeException | Error e) {
            closeAll(open, steps);
            throw e;
        }
    }

    private Engine load(UpOptions options) {
        Path file = options.model.orElseGet(() -> ModelFiles.standard().require(ModelFiles.SMOLLM2_135M, (step, fraction) -> { }));
        String name = options.model.map(path -> path.getFileName().toString().replaceFirst("\\.gguf$", "")).orElse(ModelFiles.SMOLLM2_135M.name());
        return new DeterministicEngine(Model.load(file, Model.Options.named(name)));
    }

    private static <T> T await(CompletableFuture<T> loading) {
        try {
            return loading.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private GatewayConfig gatewayConfig(UpOptions options, Chain chain, String jdbc) {
        var model = new ModelTerms(engine.model().name(), Optional.of(Hash.fromHex(engine.model().id())), engine.model().context(), 256, Terms.prices());
        List<ModelTerms> models = Stream.concat(Stream.of(model), embeddings.map(each -> new ModelTerms(each.model().name(), Optional.of(Hash.fromHex(each.model().id())),
                each.model().context(), new Product.Vectors(OnnxEmbeddingEngine.MINILM_DIMENSIONS, Optional.of(OnnxEmbeddingEngine.miniLmTokenizer())),
                Map.of(Tier.OPEN, Terms.embeddings()))).stream()).toList();
        return new GatewayConfig(new GatewayConfig.Listen(options.host, options.gatewayPort, Optional.empty()), jdbc, "nyxos_gateway",
                new GatewayConfig.Chain(chain.rpc(), chain.ws(), Network.DEVNET, programs, foundation.market().market(), foundation.registry().config(), accepted),
                new GatewayConfig.Keys(keys.gateway(), keys.sponsor(), keys.key("memo").seed()), models,
                MINTS.stream().map(LocalStack::terms).toList(), relayer.url(), Optional.of(policy), timing(), SponsorPolicy.DEFAULT, false)
                .with(CreditTerms.usual(terms(Mint.USDC)));
    }

    private static MintTerms terms(Mint mint) {
        return new MintTerms(mint.address(), mint.tokenProgram(), mint.decimals(), mint.symbol());
    }

    private static GatewayConfig.Timing timing() {
        var standard = GatewayConfig.Timing.DEFAULT;
        var job = new JobRunner.Limits(JOB, standard.job().firstToken(), standard.job().stall(), standard.job().cancel(), standard.job().attempts());
        return new GatewayConfig.Timing(standard.settle(), standard.unserved(), standard.settleMargin(), standard.evidence(), standard.lease(), standard.poll(),
                standard.ping(), standard.silence(), job);
    }

    private <T extends AutoCloseable> T add(T part) {
        open.push(part);
        return part;
    }

    private static URI nodes(URI http) {
        return URI.create("ws" + http.toString().substring("http".length()) + "/v1/node");
    }

    /** Ends the relayer; as anybody sees it, it is gone. */
    void stopRelayer() {
        relayer.close();
    }

    /** Starts the relayer again where it was, with what it knew. */
    void startRelayer() {
        relayer = Relayer.start(relayerConfig.onPort(relayerPort));
    }

    StackFile.Contents contents() {
        return contents;
    }

    @Override
    public SolanaRpc rpc() {
        return rpc;
    }

    @Override
    public Foundation foundation() {
        return foundation;
    }

    @Override
    public Programs programs() {
        return programs;
    }

    @Override
    public Keys keys() {
        return keys;
    }

    @Override
    public URI gateway() {
        return URI.create("http://" + relayer.url().getHost() + ":" + gateway.port());
    }

    @Override
    public URI relayer() {
        return relayer.url();
    }

    @Override
    public Policy evidence() {
        return policy;
    }

    @Override
    public String model() {
        return engine.model().name();
    }

    @Override
    public List<Provider> providers() {
        return List.copyOf(providers);
    }

    @Override
    public void restart(Provider provider) {
        start(provider, engine);
    }

    /** Starts a provider's node on an engine of its own. */
    void start(Provider provider, Engine running) {
        List<ModelRunner> runners = Stream.concat(Stream.of(running), embeddings.filter(_ -> provider.tier() == Tier.OPEN).stream()).toList();
        provider.start(nodes(gateway()), keys.gateway().publicKey(), nodes(relayer.url()), keys.operator().publicKey(), Terms.prices().get(provider.tier()), runners,
                Optional.of(tee), NodeEvents.NONE, foundation);
    }

    /** One more node of the verified tier, with a bond of its own and on an engine made of the stack's; linked when this returns. The caller closes it. */
    Provider join(String name, UnaryOperator<Engine> made) {
        var provider = new Provider(name, Tier.VERIFIED, Set.of(Tier.VERIFIED), keys, data);
        foundation.lamports(provider.wallets());
        provider.register(foundation, MINTS, steps);
        start(provider, made.apply(engine));
        Waits.until("node " + name + " to be linked", Duration.ofSeconds(60), () -> Optional.of(true).filter(ignored -> provider.linked()));
        return provider;
    }

    /** Its {@code stack.json}. */
    Path file() {
        return new StackFile(data).path();
    }

    @Override
    public Steps steps() {
        return steps;
    }

    /** Stops everything, the last started first; what lies on disk and on chain stays for the next run. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        closeAll(open, steps);
    }

    private static void closeAll(Deque<AutoCloseable> open, Steps steps) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                steps.note("stop", e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            }
        }
    }
}
