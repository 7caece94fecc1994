package network.nyxos.indexer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import network.nyxos.chain.ChainSubscriptions;
import network.nyxos.chain.Database;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.chain.program.Expectation;
import network.nyxos.chain.program.SelfCheck;
import network.nyxos.escrow.program.Programs;
import network.nyxos.indexer.api.ApiServer;
import network.nyxos.indexer.api.LiveHub;
import network.nyxos.indexer.api.Rows;
import network.nyxos.indexer.api.StatusReport;
import network.nyxos.indexer.content.Relayer;
import network.nyxos.indexer.content.ReportedJobs;
import network.nyxos.indexer.decode.EventJson;
import network.nyxos.indexer.decode.Program;
import network.nyxos.indexer.follow.ChainUnavailableException;
import network.nyxos.indexer.follow.ContentReader;
import network.nyxos.indexer.follow.Follower;
import network.nyxos.indexer.follow.Lag;
import network.nyxos.indexer.follow.Reconciler;
import network.nyxos.indexer.follow.RpcChain;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.store.ContentStore;
import network.nyxos.indexer.store.MirrorStore;
import network.nyxos.indexer.store.Queries;
import network.nyxos.indexer.store.StoredEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// A running indexer. What it has mirrored stays in its database; started again on it, it goes on where it was.
public final class Indexer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Indexer.class);
    /// Where this module's migrations are.
    public static final String MIGRATIONS = "classpath:network/nyxos/indexer/store";

    private final Deque<AutoCloseable> open;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final LiveHub hub = new LiveHub();
    private final Follower follower;
    private final Reconciler reconciler;
    private final Optional<ContentReader> content;
    private final ApiServer server;
    private final String host;

    private Indexer(IndexerConfig config, Deque<AutoCloseable> open) {
        this.open = open;
        Programs programs = config.programs();
        SolanaRpc rpc = keep(SolanaRpc.connect(config.rpc()));
        var chain = new RpcChain(rpc, config.commitment());
        String genesis = chain.genesisHash();
        ChainReport deployment = SelfCheck.run(rpc, expectation(config));
        Database database = keep(Database.open(config.jdbcUrl(), config.schema(), MIGRATIONS));
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        var store = new MirrorStore(database, programs);
        store.claim(genesis, programs);
        for (Program program : Program.values()) {
            store.replay(program);
        }

        var lag = new Lag(metrics);
        this.host = config.host();
        this.follower = keep(new Follower(chain, store, programs, lag, config.pollInterval(), Follower.Bounds.DEFAULT, this::tell));
        this.reconciler = new Reconciler(chain, follower, store, programs);
        Optional<Relayer> relayer = config.relayer().map(url -> keep(new Relayer(url)));
        this.content = relayer.map(source ->
            keep(new ContentReader(source, new ContentStore(database, config.market()), Duration.ofSeconds(1), this::tellOfContent)));
        var queries = new Queries(database.dataSource());
        var status = new StatusReport(deployment, config.developmentAttestation(), config.symbols(), follower, reconciler, lag, queries);
        gauges(metrics);
        this.server = keep(new ApiServer(config.host(), config.port(), status, queries,
            new Rows(config.symbols(), config.developmentAttestation(), follower::chainSlot), hub, relayer.map(ReportedJobs::new), metrics));

        follower.start();
        config.ws().ifPresent(url -> {
            ChainSubscriptions subscriptions = keep(ChainSubscriptions.connect(url));
            for (Program program : Program.values()) {
                subscriptions.logs(program.id(programs), config.commitment(), follower::wake);
            }
        });
        content.ifPresent(ContentReader::start);
        Thread reconciling = Thread.ofPlatform().name("nyxos-indexer-reconciler").daemon().start(() -> reconcile(config.reconcileInterval()));
        keep(() -> reconciling.join(Duration.ofSeconds(10)));
        if (config.developmentAttestation()) {
            LOG.warn("DEVELOPMENT: attestations shown by this indexer are under a development root");
        }
        LOG.info("indexer of {} and {} serves at {}", programs.registry(), programs.escrow(), url());
    }

    /// Starts an indexer: opens its database, checks that it mirrors this cluster, follows, reconciles and serves.
    ///
    /// @throws DatabaseException when the database cannot be opened
    /// @throws ChainUnavailableException when the cluster cannot be asked which one it is
    /// @throws network.nyxos.escrow.ProtocolException with a code of {@link SelfCheck} when the chain is not what the configuration says
    /// @throws network.nyxos.indexer.store.ForeignMirrorException when the database mirrors something else
    public static Indexer start(IndexerConfig config) {
        var open = new ArrayDeque<AutoCloseable>();
        try {
            return new Indexer(config, open);
        } catch (RuntimeException e) {
            closeAll(open);
            throw e;
        }
    }

    private static Expectation expectation(IndexerConfig config) {
        Expectation programs = Expectation.of(config.programs(), config.accepted());
        return config.market().map(market -> programs.withMarket(PublicKey.fromBase58Encoded(market))).orElse(programs);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.push(resource);
        return resource;
    }

    private void gauges(PrometheusMeterRegistry metrics) {
        gauge(metrics, "nyxos.indexer.slot", "Slot up to which everything is in", one -> one.follower.syncedSlot().orElse(0));
        gauge(metrics, "nyxos.indexer.chain.slot", "Slot of the chain when last asked", one -> one.follower.chainSlot().orElse(0));
        gauge(metrics, "nyxos.indexer.stalled", "1 when the mirror does not move", one -> one.follower.problem().isPresent() ? 1 : 0);
        gauge(metrics, "nyxos.indexer.differences", "Fields on which events and accounts certainly disagree",
            one -> one.reconciler.last().map(report -> report.differences().size()).orElse(0));
        gauge(metrics, "nyxos.indexer.live.readers", "Readers of live events", one -> one.hub.readers());
    }

    private void gauge(PrometheusMeterRegistry metrics, String name, String description, ToDoubleFunction<Indexer> value) {
        Gauge.builder(name, this, value).description(description).register(metrics);
    }

    private void tell(List<StoredEvent> events) {
        for (StoredEvent event : events) {
            ObjectNode message = EventJson.envelope(event.raw(), event.type(), event.body()).put("id", event.id());
            hub.publish(new LiveHub.Message("event", OptionalLong.of(event.id()), message));
        }
        content.ifPresent(ContentReader::wake);
    }

    private void tellOfContent(BatchRow batch) {
        hub.publish(new LiveHub.Message("content", OptionalLong.empty(), EventJson.object().put("batch", batch.address()).put("seq", batch.seq().toString())));
    }

    private void reconcile(Duration interval) {
        try {
            // Soon at the start and while something is suspected, so that an alarm comes early.
            while (!stopping.await(reconciler.last().filter(report -> report.suspected().isEmpty()).isPresent() ? interval.toMillis() : Math.min(1_000, interval.toMillis()),
                TimeUnit.MILLISECONDS)) {
                try {
                    Reconciler.Report report = reconciler.check();
                    if (!report.differences().isEmpty()) {
                        LOG.error("events and accounts disagree on {} fields, first: {}", report.differences().size(), report.differences().getFirst());
                    }
                } catch (ChainUnavailableException | DatabaseException e) {
                    LOG.warn("the comparison with the accounts waits: {}", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("the comparison with the accounts failed", e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The port that it serves on.
    public int port() {
        return server.port();
    }

    /// Where it serves.
    public URI url() {
        return URI.create("http://" + host + ":" + server.port());
    }

    /// Compares with the accounts on demand.
    public Reconciler reconciler() {
        return reconciler;
    }

    /// Brings the mirror to where the chain is now, without waiting for the next look.
    ///
    /// @return the slot up to which everything is in
    public long catchUp() {
        return follower.pass();
    }

    /// Stops serving and following. What is mirrored stays.
    @Override
    public void close() {
        stopping.countDown();
        closeAll(open);
    }

    /// Closes in the reverse order of opening, so that nothing uses what is already closed.
    private static void closeAll(Deque<AutoCloseable> open) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.warn("closing the indexer: {}", e.toString());
            }
        }
    }
}
