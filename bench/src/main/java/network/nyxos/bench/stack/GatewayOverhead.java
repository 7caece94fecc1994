package network.nyxos.bench.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Times;
import network.nyxos.bench.programs.Ground;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.gateway.Gateway;
import network.nyxos.gateway.GatewayConfig;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.SponsorPolicy;
import network.nyxos.localnet.LocalChain;
import network.nyxos.node.NodeConfig;
import network.nyxos.node.NodeEvents;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.NodeService;
import network.nyxos.relayer.Relayer;
import network.nyxos.relayer.RelayerConfig;
import network.nyxos.relayer.verifier.Verifier;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.verifier.VerifierConfig;
import software.sava.core.accounts.PublicKey;

/**
 * What paying costs in time: the 402 challenge, and a request paid by voucher whose model answers at once, against an unpaid request of the same server.
 * Gateway, node and relayer are the real ones, linked over HTTP and WebSocket, on a real chain and PostgreSQL, all in this process.
 */
public final class GatewayOverhead implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Price PRICE = new Price(500_000, 2_000_000);
    private static final int DECIMALS = 6;
    private static final long MOST = 1_000_000;

    /**
     * How much to ask.
     *
     * @param clients  that ask side by side, each one request at a time
     * @param requests of each client, kind and round
     * @param rounds   that count; one more goes before them to warm up
     */
    public record Plan(int clients, int requests, int rounds) {

        public Plan {
            if (clients < 1 || requests < 1 || rounds < 1) {
                throw new IllegalArgumentException("a plan needs a client, a request and a round at least");
            }
        }

        int total() {
            return clients * requests * rounds;
        }
    }

    /** A kind of request: how client number so-and-so makes one. */
    private record Kind(List<Runnable> clients, List<Times> rounds, List<Duration> walls) {

        Kind(List<Runnable> clients) {
            this(clients, new ArrayList<>(), new ArrayList<>());
        }
    }

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
    private final LocalGround local;
    private final Plan plan;
    private final URI gateway;

    private GatewayOverhead(LocalGround local, Plan plan) {
        this.local = local;
        this.plan = plan;
        open.push(http);
        try {
            Keypair gatewayKey = Keypair.generate();
            Relayer relayer = add(Relayer.start(relayer(gatewayKey.publicKey())));
            Gateway started = add(Gateway.start(gateway(gatewayKey, relayer.url())));
            gateway = URI.create("http://127.0.0.1:" + started.port());
            node(gatewayKey.publicKey(), relayer.url());
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Measures on a ground. */
    public static List<Figure> measure(LocalGround ground, Plan plan) {
        try (var bench = new GatewayOverhead(ground, plan)) {
            return bench.run();
        }
    }

    private List<Figure> run() {
        byte[] body = "{\"model\":\"%s\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"What does a request cost?\"}]}".formatted(InstantEngine.MODEL)
                .getBytes(StandardCharsets.UTF_8);
        HttpRequest health = HttpRequest.newBuilder(gateway.resolve("/health")).GET().build();
        HttpRequest unpaid = HttpRequest.newBuilder(gateway.resolve("/v1/chat/completions")).header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        Kind free = kind(client -> () -> expect(health, 200));
        Kind challenge = kind(client -> () -> expect(unpaid, 402));
        Kind paid = kind(client -> payer());
        List<Kind> kinds = List.of(free, challenge, paid);
        try (ExecutorService clients = Executors.newFixedThreadPool(plan.clients())) {
            for (int round = 0; round <= plan.rounds(); round++) {
                for (Kind kind : kinds) {
                    round(clients, kind, round > 0);
                }
            }
        }
        Times freeTimes = Times.all(free.rounds());
        Times challengeTimes = Times.all(challenge.rounds());
        Times paidTimes = Times.all(paid.rounds());
        String how = plan.total() + " requests by " + plan.clients() + " clients in " + plan.rounds() + " rounds after one to warm up, kinds in turn, clients in the same process";
        return List.of(
                figure("GET /health, unpaid", free, freeTimes, "it asks the database once; " + how),
                figure("402 challenge", challenge, challengeTimes, "POST /v1/chat/completions without payment; " + how),
                figure("voucher-paid completion, no model time", paid, paidTimes,
                        "signed by the client, checked, recorded, dispatched to a node that answers at once, its receipt checked, charged; the relayer takes record and receipt "
                                + "meanwhile; commits are synced to disk; " + how),
                Figure.of("402 challenge / GET /health", challengeTimes.median() / freeTimes.median(), "×", "ratio of the medians of this run"),
                Figure.of("voucher-paid / GET /health", paidTimes.median() / freeTimes.median(), "×", "ratio of the medians of this run"));
    }

    private static Figure figure(String name, Kind kind, Times times, String method) {
        List<Figure.Value> values = new ArrayList<>(times.values());
        double seconds = kind.walls().stream().mapToLong(Duration::toNanos).sum() / 1e9;
        values.add(new Figure.Value("throughput", times.count() / seconds, "requests/s"));
        return new Figure(name, values, method);
    }

    private Kind kind(IntFunction<Runnable> client) {
        return new Kind(IntStream.range(0, plan.clients()).mapToObj(client).toList());
    }

    private void round(ExecutorService clients, Kind kind, boolean counts) {
        long began = System.nanoTime();
        List<CompletableFuture<Times>> running = kind.clients().stream().map(client -> CompletableFuture.supplyAsync(() -> Times.each(plan.requests(), client), clients)).toList();
        List<Times> times = running.stream().map(CompletableFuture::join).toList();
        if (counts) {
            kind.walls().add(Duration.ofNanos(System.nanoTime() - began));
            kind.rounds().addAll(times);
        }
    }

    private Runnable payer() {
        LocalGround.Escrow escrow = local.escrow();
        EscrowClient client = EscrowClient.open(gateway, escrow.address(), local.ground().mint, escrow.session(), VoucherBook.inMemory(), MOST, PATIENCE);
        ChatCall call = ChatCall.of(InstantEngine.MODEL, "What does a request cost?", 16);
        return () -> {
            if (client.complete(call).charge() < 1) {
                throw new IllegalStateException("a paid request was not charged");
            }
        };
    }

    private void expect(HttpRequest request, int status) {
        try {
            int answered = http.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
            if (answered != status) {
                throw new IllegalStateException(request.method() + " " + request.uri().getPath() + " was answered " + answered + ", must be " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the gateway did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was interrupted", e);
        }
    }

    private RelayerConfig relayer(PublicKey gatewayKey) {
        Ground ground = local.ground();
        // No batch falls due in a run: batching has figures of its own.
        var batches = new RelayerConfig.Batches(10_000, Duration.ofHours(1), Duration.ofSeconds(1), false);
        List<VerifierClient.Endpoint> verifiers = new ArrayList<>();
        for (Keypair verifier : ground.verifiers) {
            verifiers.add(add(Verifier.start(new VerifierConfig("127.0.0.1", 0, verifier, local.rpc().httpUrl(), local.jdbcUrl(), "bench_verifier_" + verifiers.size(),
                    Ground.PROGRAMS, ground.market.market(), List.of(ground.mint), Set.of(gatewayKey), RelayerConfig.Gate.DEFAULT.samplePpm(), Policy.strict(), false,
                    Optional.empty()))).endpoint());
        }
        return new RelayerConfig("127.0.0.1", 0, ground.operator, local.rpc().httpUrl(), local.jdbcUrl(), "bench_relayer", Ground.PROGRAMS, ground.market.market(),
                List.of(ground.mint), Set.of(gatewayKey), verifiers, RelayerConfig.Gate.DEFAULT, batches, Policy.strict(), false, Optional.empty());
    }

    private GatewayConfig gateway(Keypair key, URI relayer) {
        Ground ground = local.ground();
        Keypair sponsor = Keypair.generate();
        ground.chain.airdrop(sponsor.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        var model = new ModelTerms(InstantEngine.MODEL, Optional.of(InstantEngine.MODEL_ID), InstantEngine.CONTEXT, 256, Map.of(Tier.OPEN, Map.of(ground.mint, PRICE)));
        return new GatewayConfig(GatewayConfig.Listen.LOCAL, local.jdbcUrl(), "bench_gateway",
                new GatewayConfig.Chain(local.rpc().httpUrl(), local.rpc().wsUrl(), Network.DEVNET, Ground.PROGRAMS, ground.market.market(), ground.registry.config()),
                new GatewayConfig.Keys(key, sponsor, Hash.sha256(key.seed()).bytes()), List.of(model),
                List.of(new MintTerms(ground.mint, LocalChain.TOKEN_PROGRAM, DECIMALS, "BENCH")), relayer, Optional.empty(), GatewayConfig.Timing.DEFAULT,
                SponsorPolicy.DEFAULT, false);
    }

    private void node(PublicKey gatewayKey, URI relayer) {
        Ground ground = local.ground();
        var keys = NodeKeys.of(Keypair.generate(), Keypair.generate());
        Keypair provider = ground.wallet(Ground.MIN_BOND);
        ground.send(ground.registry.register(provider.publicKey(), provider.publicKey(), keys.node().publicKey(), Set.of(Tier.OPEN), keys.receipt().publicKey(),
                PublicKey.NONE, provider.publicKey(), Ground.MIN_BOND), provider, keys.node());
        Path data = temporary();
        NodeConfig config = NodeConfig.builder().gateway(socket(gateway), gatewayKey).relayer(socket(relayer), ground.operator.publicKey()).capacity(2 * plan.clients())
                .data(data).price(ground.mint, PRICE).build();
        NodeService node = add(new NodeService(config, keys, List.of(new InstantEngine()), Optional.empty(), NodeEvents.NONE));
        node.start();
        Waiting.until("the node to be linked to gateway and relayer", PATIENCE, () -> node.status().gateways() > 0 && node.status().relayer());
    }

    private static URI socket(URI http) {
        return URI.create("ws" + http.toString().substring("http".length()) + "/v1/node");
    }

    private Path temporary() {
        try {
            Path folder = Files.createTempDirectory("nyxos-bench-node");
            add(() -> delete(folder));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the node", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private <T extends AutoCloseable> T add(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() {
        Closing.all(open);
    }
}
