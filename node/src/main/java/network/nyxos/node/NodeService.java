package network.nyxos.node;

import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.node.account.ChainWriter;
import network.nyxos.node.dispute.Accusations;
import network.nyxos.node.dispute.Defender;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.job.AssignmentRules;
import network.nyxos.node.job.ReceiptWriter;
import network.nyxos.node.job.RevealMemory;
import network.nyxos.node.link.Introduction;
import network.nyxos.node.link.PeerLink;
import network.nyxos.node.outbox.ReceiptOutbox;
import network.nyxos.node.outbox.UnsettledJobs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/**
 * A provider node: dials its gateways and its relayer, serves jobs, keeps receipts until they are recorded.
 *
 * <p>Engines stay the caller's to close, so that nodes of one process can share a loaded model.
 */
public final class NodeService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeService.class);

    /**
     * How a node is.
     *
     * @param gateways links to gateways that are up
     * @param relayer  whether the relayer's is
     * @param running  jobs at work
     * @param capacity jobs that may be
     * @param waiting  receipts that the relayer has not recorded
     */
    public record Status(int gateways, boolean relayer, int running, int capacity, int waiting) {
    }

    /** The folder of {@link UnsettledJobs} in a node's data. */
    public static final String UNSETTLED = "unsettled";
    private static final String ACCUSED = "accused";

    private final NodeRuntime node;
    private final HttpClient http;
    private final RelayerDesk relayer;
    private final List<GatewayDesk> gateways;
    private final AtomicReference<Optional<Defender>> defender = new AtomicReference<>(Optional.empty());

    /**
     * A node, not started yet.
     *
     * @param runners  what it runs; at least one, no model twice
     * @param evidence where quotes come from; needed for the confidential tier
     * @param events   told what happens
     * @throws IllegalArgumentException for a configuration that cannot work
     */
    public NodeService(NodeConfig config, NodeKeys keys, List<? extends ModelRunner> runners, Optional<EvidenceSource> evidence, NodeEvents events) {
        this(config, keys, runners, evidence, events, InstantSource.system());
    }

    NodeService(NodeConfig config, NodeKeys keys, List<? extends ModelRunner> runners, Optional<EvidenceSource> evidence, NodeEvents events, InstantSource clock) {
        Map<Hash, ModelRunner> byModel = new HashMap<>();
        for (ModelRunner runner : runners) {
            if (byModel.put(Hash.fromHex(runner.model().id()), runner) != null) {
                throw new IllegalArgumentException("two engines run model " + runner.model().id());
            }
        }
        if (byModel.isEmpty()) {
            throw new IllegalArgumentException("a node runs at least one engine");
        }
        if (config.tiers().contains(Tier.CONFIDENTIAL) && evidence.isEmpty()) {
            throw new IllegalArgumentException("the confidential tier needs a source of evidence");
        }
        if (config.tiers().contains(Tier.VERIFIED) && runners.stream().noneMatch(runner -> runner.model().deterministic())) {
            throw new IllegalArgumentException("the verified tier needs a deterministic engine");
        }
        if (config.prices().isEmpty()) {
            LOG.warn("no prices configured: this node works for any mint at any price");
        }
        ScheduledExecutorService timer = Executors.newScheduledThreadPool(2, Thread.ofVirtual().name("node-timer").factory());
        node = new NodeRuntime(config, keys, Map.copyOf(byModel), evidence,
                new AssignmentRules(keys.node().publicKey(), config.tiers(), byModel, config.prices(), config.embeddingPrices(), config.servicePrices()), new ReceiptWriter(keys.receipt()),
                new ReceiptOutbox(config.data().resolve("outbox")), new UnsettledJobs(config.data().resolve(UNSETTLED)), new RevealMemory(config.revealIds()), new Semaphore(config.capacity()),
                new AtomicReference<>(Hash.ZERO), new AtomicReference<>(Optional.empty()), timer, clock, events);
        http = HttpClient.newBuilder().connectTimeout(config.timing().silence()).executor(Executors.newVirtualThreadPerTaskExecutor()).build();
        Introduction introduction = new Introduction(keys, config.tiers(), runners.stream().map(ModelRunner::model).toList(), config.capacity());
        relayer = new RelayerDesk(node, config.relayer(), introduction, http);
        gateways = config.gateways().stream().map(peer -> new GatewayDesk(node, relayer, peer, introduction, http)).toList();
    }

    /** Dials. Returns at once; {@link NodeEvents#linked} tells when a peer has welcomed the node. */
    public void start() {
        relayer.start();
        gateways.forEach(gateway -> gateway.link().start());
    }

    /**
     * Has the node answer disputes about its receipts from now on, until it is closed; with models of {@code nyx-int8-v1}, the only ones that are disputed. Once.
     *
     * @param every how often the chain is asked whether there is one
     */
    public void defend(SolanaRpc rpc, ChainWriter writer, Programs programs, Duration every) {
        Defender started = new Defender(rpc, writer, programs, node.keys().node(), disputable(), node.memory());
        if (!defender.compareAndSet(Optional.empty(), Optional.of(started))) {
            throw new IllegalStateException("the node answers disputes already");
        }
        started.start(every);
    }

    /**
     * Has the node dispute receipts that it found wrong when it replayed them, from now on and until it is closed; those that an earlier run left open are gone on
     * with. Once.
     *
     * @param config the registry's config account
     * @param wallet puts up the stakes (the registry's least bond each, of its bond mint), pays rent and fees, and has the rewards
     * @param pace   how often each dispute is looked at
     */
    public void accuse(SolanaRpc rpc, ChainWriter writer, Programs programs, PublicKey config, Keypair wallet, Duration pace) {
        var started = new Accusations(rpc, writer, programs, config, wallet, disputable(), node.config().data().resolve(ACCUSED), node.events()::accuses);
        if (!node.accusations().compareAndSet(Optional.empty(), Optional.of(started))) {
            throw new IllegalStateException("the node disputes receipts already");
        }
        started.start(pace);
    }

    /** Models whose receipts the registry's program can judge. */
    private Map<Hash, Model> disputable() {
        Map<Hash, Model> models = new HashMap<>();
        node.runners().forEach((id, engine) -> {
            if (engine instanceof DeterministicEngine deterministic) {
                models.put(id, deterministic.loaded());
            }
        });
        return models;
    }

    /** How it is now. */
    public Status status() {
        int up = (int) gateways.stream().map(GatewayDesk::link).filter(PeerLink::up).count();
        return new Status(up, relayer.link().up(), node.config().capacity() - node.slots().availablePermits(), node.config().capacity(),
                node.outbox().waiting().size());
    }

    /** This node's keys, for registration. */
    public NodeKeys keys() {
        return node.keys();
    }

    /** Hangs up. Running jobs end without a receipt; receipts on disk wait for the next start. */
    @Override
    public void close() {
        defender.get().ifPresent(Defender::close);
        node.accusations().get().ifPresent(Accusations::close);
        gateways.forEach(gateway -> gateway.link().close());
        relayer.link().close();
        node.timer().shutdownNow();
        http.shutdownNow();
        try {
            http.awaitTermination(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
