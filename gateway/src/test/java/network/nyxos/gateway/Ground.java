package network.nyxos.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.text.WordPiece;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.chain.RegistryLookup;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.SponsorPolicy;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// What a gateway stands on, for real: a local chain with the built programs, a market with a USDC pool, PostgreSQL, and a relayer's ear. One for a test
/// class; every gateway started on it gets a schema of its own unless told otherwise.
public final class Ground implements AutoCloseable {
    /// Devnet's USDC address, which stock clients know.
    public static final PublicKey USDC = PublicKey.fromBase58Encoded("4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU");
    public static final String MODEL = "scripted-1";
    public static final Hash MODEL_ID = ModelId.of(Hash.sha256(new byte[] {1}), Hash.sha256(new byte[] {2}), ScriptedNode.ENGINE);
    public static final Price PRICE = new Price(1_000_000, 2_000_000);
    public static final int CONTEXT = 4096;
    /// A model that makes embeddings, of which a token costs three base units.
    public static final String VECTORS = "vectors-1";
    public static final Hash VECTORS_ID = ModelId.of(Hash.sha256(new byte[] {3}), Hash.sha256(new byte[] {4}), ScriptedNode.ENGINE);
    public static final Price VECTORS_PRICE = new Price(3_000_000, 0);
    public static final int VECTORS_CONTEXT = 8;
    public static final int DIMENSIONS = 4;
    /// An agent's own service, of which a call costs 2 500 base units.
    public static final String SERVICE = "weather";
    public static final Hash SERVICE_ID = ModelId.ofService(SERVICE);
    public static final long SERVICE_PRICE = 2_500;
    public static final WordPiece TOKENIZER = WordPiece.of(List.of("[UNK]", "[CLS]", "[SEP]", "hello", "world", "##s"));
    static final Programs PROGRAMS = Programs.LOCAL;
    private static final long BOND = 1_000_000;

    public final LocalChain chain;
    public final LocalRpcServer rpc;
    private final SolanaRpc rpcClient;
    public final PoolCalls pool;
    public final Keypair gatewayKey = Keypair.generate();
    public final Keypair sponsor = Keypair.generate();
    private final Keypair admin = Keypair.generate();
    private final RegistryCalls registry;
    private final PublicKey registryConfig;
    private final MarketCalls market;
    private final EmbeddedPostgres postgres;
    private final HttpServer relayer;
    private final List<JobRecord> told = new CopyOnWriteArrayList<>();
    private final byte[] memoKey = Hash.sha256(new byte[] {9}).bytes();
    private final AtomicInteger schemas = new AtomicInteger();
    private volatile int relayerStatus = 200;
    private final HttpServer slowNode;
    private volatile boolean blind;

    /// Lays it.
    public Ground() {
        chain = LocalChain.start(ChainOptions.defaults().withSlotMillis(100));
        rpc = LocalRpcServer.start(chain, 0);
        rpcClient = SolanaRpc.connect(rpc.httpUrl());
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        for (Keypair rich : List.of(admin, sponsor)) {
            chain.airdrop(rich.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        }
        chain.createMint(USDC, LocalChain.TOKEN_PROGRAM, admin.publicKey(), 6);
        PublicKey self = admin.publicKey();
        registryConfig = PROGRAMS.config(self, 1);
        registry = new RegistryCalls(PROGRAMS, registryConfig, USDC, LocalChain.TOKEN_PROGRAM);
        send(List.of(registry.initialize(self, self, new RegistryCalls.Terms(1, self, BOND, BOND, 200, 1, List.of(self), 0))), admin);
        Hash cluster = Hash.of(PublicKey.fromBase58Encoded(ChainOptions.DEVNET_GENESIS_HASH).toByteArray());
        market = new MarketCalls(PROGRAMS, PROGRAMS.market(cluster, self, 1), registryConfig);
        send(List.of(market.initialize(self, self, market.posters(USDC, LocalChain.TOKEN_PROGRAM),
            new MarketCalls.Terms(1, cluster, self, self, self, 200, 1, 150, 1000, 0, 1, List.of(self), List.of()))), admin);
        pool = market.pool(USDC, LocalChain.TOKEN_PROGRAM);
        send(pool.initialize(self, self), admin);
        try {
            postgres = EmbeddedPostgres.builder().start();
            relayer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            slowNode = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        relayer.createContext("/v1/jobs", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            int status = relayerStatus;
            if (status == 200) {
                if (!JobRecord.verifySignatureHeader(body, exchange.getRequestHeaders().getFirst(JobRecord.SIGNATURE_HEADER)).equals(gatewayKey.publicKey())) {
                    throw new IllegalStateException("a record by another gateway");
                }
                told.add(JobRecord.decode(body));
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        slowNode.createContext("/", exchange -> {
            byte[] question = exchange.getRequestBody().readAllBytes();
            byte[] answer = blind && Posted.json(new String(question, StandardCharsets.UTF_8)).path("method").asText().equals("getSignatureStatuses") ? unknown(question) : forward(question);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        slowNode.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        slowNode.start();
        relayer.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        relayer.start();
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

    private static byte[] unknown(byte[] question) {
        var asked = Posted.json(new String(question, StandardCharsets.UTF_8));
        var answer = ((ObjectNode) asked.deepCopy()).retain("jsonrpc", "id");
        var result = answer.putObject("result");
        result.putObject("context").put("slot", 1);
        var value = result.putArray("value");
        asked.path("params").path(0).forEach(_ -> value.addNull());
        return answer.toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] forward(byte[] question) throws IOException {
        var connection = (HttpURLConnection) rpc.httpUrl().toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.getOutputStream().write(question);
        return connection.getInputStream().readAllBytes();
    }

    /// A configuration whose RPC node can be made to know of no transaction ({@link #blind}).
    public GatewayConfig behindSlowNode(GatewayConfig config) {
        GatewayConfig.Chain c = config.chain();
        var chainThere = new GatewayConfig.Chain(URI.create("http://127.0.0.1:" + slowNode.getAddress().getPort()), c.ws(), c.network(), c.programs(), c.market(),
            c.registryConfig());
        return new GatewayConfig(config.listen(), config.jdbcUrl(), config.schema(), chainThere, config.keys(), config.models(), config.mints(), config.relayer(),
            config.evidence(), config.timing(), config.sponsor(), config.production());
    }

    /// Lets that node know of no transaction, or know again.
    public void blind(boolean now) {
        blind = now;
    }

    /// Executes instructions; the first signer pays.
    public void send(List<Instruction> instructions, Keypair... signers) {
        var transaction = TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions).compile(blockhash()).sign(signers);
        var sent = chain.send(transaction.bytes());
        if (!sent.execution().succeeded()) {
            throw new IllegalStateException(sent.execution().logs().toString());
        }
    }

    /// A recent blockhash.
    public Hash blockhash() {
        return Hash.fromBase58(chain.latestBlockhash());
    }

    /// Registers a node for tiers; of the confidential one, with a sealing key as nodes make it.
    public ScriptedNode.Keys register(Tier... tiers) {
        return register(SealingSuite.X_WING, tiers);
    }

    /// Registers a node for tiers; of the confidential one, with a sealing key of this suite.
    public ScriptedNode.Keys register(SealingSuite suite, Tier... tiers) {
        Optional<SealingKey> sealing = List.of(tiers).contains(Tier.CONFIDENTIAL) ? Optional.of(SealingKey.generate(suite)) : Optional.empty();
        var keys = new ScriptedNode.Keys(Keypair.generate(), Keypair.generate(), sealing);
        Keypair operator = Keypair.generate();
        chain.airdrop(operator.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(USDC, operator.publicKey(), BOND);
        send(List.of(registry.register(operator.publicKey(), operator.publicKey(), keys.node().publicKey(), EnumSet.copyOf(List.of(tiers)), keys.receipt().publicKey(),
            keys.sealingKey(), operator.publicKey(), BOND)), operator, keys.node());
        return keys;
    }

    /// Registers {@link #MODEL_ID}.
    ///
    /// @return its author
    public Keypair publish(int royaltyBps, List<Measurement> measurements) {
        Keypair author = Keypair.generate();
        chain.airdrop(author.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        send(List.of(registry.registerModel(author.publicKey(), author.publicKey(), admin.publicKey(), MODEL_ID, royaltyBps, author.publicKey(), measurements)), author,
            admin);
        return author;
    }

    /// Changes what the author of {@link #MODEL_ID} wants.
    public void republish(Keypair author, int royaltyBps, List<Measurement> measurements) {
        send(List.of(registry.updateModel(author.publicKey(), MODEL_ID, royaltyBps, author.publicKey(), measurements)), author);
    }

    /// The registry's config account.
    public PublicKey registryConfig() {
        return registryConfig;
    }

    /// The registry on chain as clients look into it.
    public RegistryLookup lookup() {
        return new RegistryLookup(rpcClient, PROGRAMS, registryConfig);
    }

    /// A wallet with USDC and no SOL.
    public Keypair wallet(long usdc) {
        Keypair wallet = Keypair.generate();
        chain.mintTo(USDC, wallet.publicKey(), usdc);
        return wallet;
    }

    /// An escrow with a deposit.
    ///
    /// @param address its address
    /// @param session its session key
    public record Escrow(PublicKey address, Keypair session) {
    }

    /// Opens an escrow.
    public Escrow escrow(long deposit) {
        return escrow(wallet(deposit), deposit);
    }

    /// Opens an escrow of a wallet that has the deposit.
    public Escrow escrow(Keypair payer, long deposit) {
        return escrow(payer, deposit, Keypair.generate());
    }

    /// Opens an escrow that a session key of the caller's spends.
    public Escrow escrow(Keypair payer, long deposit, Keypair session) {
        long slot = chain.slot();
        send(List.of(pool.open(admin.publicKey(), payer.publicKey(), slot, session.publicKey(), 0, 0, deposit)), admin, payer);
        return new Escrow(pool.escrow(payer.publicKey(), slot), session);
    }

    /// Settles a voucher, as the relayer does.
    ///
    /// @param cumulative what was used in the escrow's life
    public void settle(PublicKey sessionKey, PaymentRecord.ByVoucher paid, long cumulative) {
        send(pool.settle(admin.publicKey(), List.of(new Settlement(sessionKey, paid.voucher(), paid.signature(), cumulative))), admin);
    }

    /// Base units of a wallet.
    public long holds(PublicKey wallet) {
        return chain.tokenBalance(Tokens.associated(wallet, USDC, LocalChain.TOKEN_PROGRAM));
    }

    /// A transfer that nobody brings to a gateway.
    public void transfer(Keypair from, PublicKey to, long amount) {
        send(List.of(Tokens.transferChecked(Tokens.associated(from.publicKey(), USDC, LocalChain.TOKEN_PROGRAM), USDC, Tokens.associated(to, USDC, LocalChain.TOKEN_PROGRAM),
            from.publicKey(), amount, 6, LocalChain.TOKEN_PROGRAM)), admin, from);
    }

    /// Changes rows by hand.
    public void change(String schema, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(jdbcUrl()); var statement = connection.createStatement()) {
            statement.execute("set search_path to " + schema);
            statement.execute(sql);
        }
    }

    /// Base units in the vault that `exact` pays into.
    public long vault() {
        return chain.tokenBalance(pool.vault());
    }

    /// What the relayer was told of a job, in order.
    public List<JobRecord> told(Hash job) {
        return told.stream().filter(record -> record.job().equals(job)).toList();
    }

    /// Lets the relayer refuse, or take note again with 200.
    public void relayerAnswers(int status) {
        relayerStatus = status;
    }

    /// A schema nobody has used.
    public String schema() {
        return "gateway_" + schemas.incrementAndGet();
    }

    /// A database URL.
    public String jdbcUrl() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    /// Timing for tests: everything as it is, but short where a test waits for it.
    public static GatewayConfig.Timing timing() {
        return new GatewayConfig.Timing(Duration.ofSeconds(30), Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofSeconds(2),
            Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(30),
            new JobRunner.Limits(Duration.ofSeconds(60), Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(5), 3));
    }

    /// A configuration on this ground.
    public GatewayConfig config(String schema, GatewayConfig.Timing timing, Optional<Policy> evidence) {
        Map<Tier, Map<PublicKey, Price>> prices = new EnumMap<>(Tier.class);
        for (Tier tier : Tier.values()) {
            prices.put(tier, Map.of(USDC, PRICE));
        }
        return new GatewayConfig(GatewayConfig.Listen.LOCAL, jdbcUrl(), schema,
            new GatewayConfig.Chain(rpc.httpUrl(), rpc.wsUrl(), Network.DEVNET, PROGRAMS, market.market(), registryConfig),
            new GatewayConfig.Keys(gatewayKey, sponsor, memoKey),
            List.of(new ModelTerms(MODEL, Optional.of(MODEL_ID), CONTEXT, 256, prices), new ModelTerms(VECTORS, Optional.of(VECTORS_ID), VECTORS_CONTEXT,
                new Product.Vectors(DIMENSIONS, Optional.of(TOKENIZER)), Map.of(Tier.OPEN, Map.of(USDC, VECTORS_PRICE), Tier.CONFIDENTIAL, Map.of(USDC, VECTORS_PRICE))), service(Set.of())), List.of(new MintTerms(USDC, LocalChain.TOKEN_PROGRAM, 6, "USDC")),
            URI.create("http://127.0.0.1:" + relayer.getAddress().getPort()), evidence, timing, SponsorPolicy.DEFAULT, false);
    }

    /// The service as it is sold.
    ///
    /// @param sellers the nodes that sell it; empty: any
    public static ModelTerms service(Set<PublicKey> sellers) {
        ObjectNode input = (ObjectNode) Posted.json("{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"examples\":[{\"city\":\"Lisbon\"}]}");
        return ModelTerms.service(SERVICE, new Product.Service("Tells the weather of a city.", Optional.of(input), Optional.empty(), sellers, Duration.ofSeconds(20)),
            Map.of(USDC, SERVICE_PRICE));
    }

    /// How credits are sold in tests: from one on.
    public static CreditTerms credits() {
        return new CreditTerms(new MintTerms(USDC, LocalChain.TOKEN_PROGRAM, 6, "USDC"), 1, 1_000, 100);
    }

    /// A gateway with a schema of its own.
    public Gateway gateway() {
        return Gateway.start(config(schema(), timing(), Optional.empty()).with(credits()));
    }

    /// The URL of a gateway.
    public static URI url(Gateway gateway) {
        return URI.create("http://127.0.0.1:" + gateway.port());
    }

    @Override
    public void close() {
        relayer.stop(0);
        slowNode.stop(0);
        rpcClient.close();
        rpc.close();
        chain.close();
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends every connection of a schema's gateways, as a restart of the server does.
    public void dropConnections(String schema) throws SQLException {
        try (var connection = DriverManager.getConnection(jdbcUrl()); var statement = connection.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nyxos " + schema + "'");
        }
    }

    /// All rows of all tables of a schema as text.
    public List<String> rows(String schema) throws SQLException {
        var rows = new ArrayList<String>();
        try (var connection = DriverManager.getConnection(jdbcUrl()); var statement = connection.createStatement()) {
            var tables = new ArrayList<String>();
            try (var names = statement.executeQuery("select table_name from information_schema.tables where table_schema = '" + schema + "'")) {
                while (names.next()) {
                    tables.add(names.getString(1));
                }
            }
            for (String table : tables) {
                try (var all = statement.executeQuery("select row_to_json(t)::text from " + schema + "." + table + " t")) {
                    while (all.next()) {
                        rows.add(table + " " + all.getString(1));
                    }
                }
            }
        }
        return rows;
    }
}
