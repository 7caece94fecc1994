package network.nyxos.bench.stack;

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
import network.nyxos.attestation.policy.Policy;
import network.nyxos.bench.measure.TemporaryFolder;
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
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.relayer.Relayer;
import network.nyxos.relayer.RelayerConfig;
import network.nyxos.relayer.verifier.Verifier;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.verifier.VerifierConfig;
import software.sava.core.accounts.PublicKey;

/** A gateway, a relayer with its verifiers and a node, all real, linked over HTTP and WebSocket, on a real chain and PostgreSQL, all in this process. */
final class PaidStack implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Price PRICE = new Price(500_000, 2_000_000);
    private static final int DECIMALS = 6;
    private static final long MOST = 1_000_000;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final LocalGround local;
    private final URI gateway;

    /** @param capacity how many jobs the node takes at once */
    PaidStack(LocalGround local, Engine engine, int capacity) {
        this.local = local;
        try {
            Keypair gatewayKey = Keypair.generate();
            Relayer relayer = add(Relayer.start(relayer(gatewayKey.publicKey())));
            Gateway started = add(Gateway.start(gateway(gatewayKey, relayer.url(), engine.model())));
            gateway = URI.create("http://127.0.0.1:" + started.port());
            node(gatewayKey.publicKey(), relayer.url(), engine, capacity);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The gateway's address. */
    URI gateway() {
        return gateway;
    }

    /** A client that pays each request by voucher, from an escrow of its own. */
    Runnable payer(String model) {
        LocalGround.Escrow escrow = local.escrow();
        EscrowClient client = EscrowClient.open(gateway, escrow.address(), local.ground().mint, escrow.session(), VoucherBook.inMemory(), MOST, PATIENCE);
        ChatCall call = ChatCall.of(model, "What does a request cost?", 16);
        return () -> {
            if (client.complete(call).charge() < 1) {
                throw new IllegalStateException("a paid request was not charged");
            }
        };
    }

    private RelayerConfig relayer(PublicKey gatewayKey) {
        Ground ground = local.ground();
        // No batch falls due in a run: batching has figures of its own.
        var batches = new RelayerConfig.Batches(10_000, Duration.ofHours(1), Duration.ofSeconds(1), false);
        List<VerifierClient.Endpoint> verifiers = new ArrayList<>();
        for (Keypair verifier : ground.verifiers) {
            verifiers.add(add(Verifier.start(new VerifierConfig("127.0.0.1", 0, verifier, local.rpc().httpUrl(), local.jdbcUrl(), "bench_verifier_" + verifiers.size(),
                    Ground.PROGRAMS, ground.market.market(), List.of(ground.mint), Set.of(gatewayKey), RelayerConfig.Gate.DEFAULT.sampling(), Policy.strict(), false,
                    Optional.empty()))).endpoint());
        }
        return new RelayerConfig("127.0.0.1", 0, ground.operator, local.rpc().httpUrl(), local.jdbcUrl(), "bench_relayer", Ground.PROGRAMS, ground.market.market(),
                List.of(ground.mint), Set.of(gatewayKey), verifiers, RelayerConfig.Gate.DEFAULT, batches, Policy.strict(), false, Optional.empty());
    }

    private GatewayConfig gateway(Keypair key, URI relayer, ModelCard card) {
        Ground ground = local.ground();
        Keypair sponsor = Keypair.generate();
        ground.chain.airdrop(sponsor.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        var model = new ModelTerms(card.name(), Optional.of(Hash.fromHex(card.id())), card.context(), 256, Map.of(Tier.OPEN, Map.of(ground.mint, PRICE)));
        return new GatewayConfig(GatewayConfig.Listen.LOCAL, local.jdbcUrl(), "bench_gateway",
                new GatewayConfig.Chain(local.rpc().httpUrl(), local.rpc().wsUrl(), Network.DEVNET, Ground.PROGRAMS, ground.market.market(), ground.registry.config()),
                new GatewayConfig.Keys(key, sponsor, Hash.sha256(key.seed()).bytes()), List.of(model),
                List.of(new MintTerms(ground.mint, LocalChain.TOKEN_PROGRAM, DECIMALS, "BENCH")), relayer, Optional.empty(), GatewayConfig.Timing.DEFAULT,
                SponsorPolicy.DEFAULT, false);
    }

    private void node(PublicKey gatewayKey, URI relayer, Engine engine, int capacity) {
        Ground ground = local.ground();
        var keys = NodeKeys.of(Keypair.generate(), Keypair.generate());
        Keypair provider = ground.wallet(Ground.MIN_BOND);
        ground.send(ground.registry.register(provider.publicKey(), provider.publicKey(), keys.node().publicKey(), Set.of(Tier.OPEN), keys.receipt().publicKey(),
                PublicKey.NONE, provider.publicKey(), Ground.MIN_BOND), provider, keys.node());
        Path data = add(new TemporaryFolder("nyxos-bench-node")).path();
        NodeConfig config = NodeConfig.builder().gateway(socket(gateway), gatewayKey).relayer(socket(relayer), ground.operator.publicKey()).capacity(capacity)
                .data(data).price(ground.mint, PRICE).build();
        NodeService node = add(new NodeService(config, keys, List.of(engine), Optional.empty(), NodeEvents.NONE));
        node.start();
        Waiting.until("the node to be linked to gateway and relayer", PATIENCE, () -> node.status().gateways() > 0 && node.status().relayer());
    }

    private static URI socket(URI http) {
        return URI.create("ws" + http.toString().substring("http".length()) + "/v1/node");
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
